"""Answers of more than a kilobyte are sent by gzip to who takes it.

Level 1: a page of 50 deals (16 kB) takes 0.05 ms of CPU and comes to 24 %; level 6 takes three times that for 21 %.
Brotli and zstd would save some 4 % more, which is not worth a dependency. Event streams are never compressed: their
events are small and must not wait in a compressor. An answer may hold a secret beside text of the asker's own choice,
which BREACH would need; yet it needs requests that somebody else makes a browser send with its rights, and no browser
sends a bearer token by itself.
"""

import asyncio
import zlib
from collections.abc import Iterable
from functools import lru_cache

from starlette.types import ASGIApp, Message, Receive, Scope, Send

SMALLEST = 1024
LEVEL = 1
GZIP_FORMAT = 31
LARGE = 256 * 1024
"""A body over this is compressed in a thread, for others not to wait for it."""
LONGEST_WISH = 256
"""Bytes of an `Accept-Encoding` that are read; a longer one is no browser's."""
TYPES = frozenset(
    {
        b"application/json",
        b"application/graphql-response+json",
        b"application/javascript",
        b"image/svg+xml",
        b"text/css",
        b"text/html",
        b"text/javascript",
    }
)
OF_THE_PLAIN_BODY = (b"content-length", b"accept-ranges", b"content-encoding")
PARTIAL = 206


class Compression:
    """Compresses what the application answers, where the client takes it and it is worth it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "HEAD" and asks_for_gzip(scope["headers"]):
            send = _Packing(send).send
        await self._app(scope, receive, send)


class _Packing:
    """One answer on its way: as it is, or compressed."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._packer: zlib._Compress | None = None

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_worth_it(message):
            self._start = message
            self._packer = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP_FORMAT)
        elif message["type"] == "http.response.body" and self._packer is not None:
            await self._send_packed(self._packer, message.get("body", b""), message.get("more_body", False))
        else:
            await self._send(message)

    async def _send_packed(self, packer: "zlib._Compress", body: bytes, more: bool) -> None:
        if len(body) > LARGE:
            packed = await asyncio.to_thread(_packed, packer, body, more)
        else:
            packed = _packed(packer, body, more)
        if self._start is not None:
            start, self._start = self._start, None
            length = [] if more else [(b"content-length", b"%d" % len(packed))]
            await self._send({**start, "headers": [*_packed_headers(start["headers"]), *length]})
        await self._send({"type": "http.response.body", "body": packed, "more_body": more})


def _packed(packer: "zlib._Compress", body: bytes, more: bool) -> bytes:
    return packer.compress(body) + (b"" if more else packer.flush())


def _packed_headers(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Those of the compressed answer; other bytes are not what a strong validator stands for, so it becomes weak."""
    kept = [(name, value) for name, value in headers if name not in OF_THE_PLAIN_BODY]
    weak = [(name, b"W/" + value if name == b"etag" and not value.startswith(b"W/") else value) for name, value in kept]
    return [*weak, (b"content-encoding", b"gzip")]


def _is_worth_it(start: Message) -> bool:
    if start["status"] < 200 or start["status"] in (204, PARTIAL, 304):
        return False
    told = dict(start["headers"])
    if told.get(b"content-type", b"").partition(b";")[0] not in TYPES or b"content-encoding" in told:
        return False
    if b"no-transform" in told.get(b"cache-control", b""):
        return False
    return int(told.get(b"content-length", SMALLEST)) >= SMALLEST


def asks_for_gzip(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """This will say whether the headers of a request ask for gzip."""
    for name, value in headers:
        if name == b"accept-encoding":
            return len(value) <= LONGEST_WISH and takes_gzip(value)
    return False


@lru_cache(maxsize=128)
def takes_gzip(wish: bytes) -> bool:
    """This will say whether an `Accept-Encoding` takes gzip, and likes it no less than the answer as it is."""
    liked: dict[bytes, float] = {}
    for part in wish.lower().split(b","):
        name, *parameters = (piece.strip() for piece in part.split(b";"))
        liked[name] = _quality(parameters)
    liking = max((liked[name] for name in (b"gzip", b"x-gzip") if name in liked), default=liked.get(b"*", 0.0))
    return liking > 0 and liking >= liked.get(b"identity", 0.0)


def _quality(parameters: list[bytes]) -> float:
    for parameter in parameters:
        if parameter.startswith(b"q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0
