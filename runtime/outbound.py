"""Requests to places that somebody else has named: posted to addresses that were judged in the moment of connecting.

A name is resolved once; every one of its addresses must be allowed, and the connection goes to one of those. So it does
not matter what the name resolves to a moment before or after. Redirects are not followed, proxies of the environment
not asked, answers not decoded, and what they say beside their status is dropped.
"""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

import httpcore2

from domain.webhooks.addresses import Networks, Place, is_private, may_connect, take_apart
from domain.webhooks.rules import Answer, Failure, failure_of

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Gives the addresses of a host and port. Raises OSError where there are none."""
Post = Callable[[str, Mapping[str, str], bytes], Awaitable[Answer]]
"""Posts a body with headers to a URL, and says what came of it."""
CONNECT_SECONDS, TOTAL_SECONDS = 5.0, 15.0
MOST_ADDRESSES = 3
MOST_READ_BYTES = 64 * 1024
AGENT = "Salesloop-Webhooks/1"
_RESOLVERS = ThreadPoolExecutor(8, thread_name_prefix="resolver")
"""Of their own, so that names which are slow to resolve keep nobody else waiting."""


class AddressRefused(Exception):
    """An address of the host is none that may be connected to."""


class NotResolved(Exception):
    """The host has no address."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """This will give the addresses of a host, as the machine's resolver has them. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_RESOLVERS, socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class JudgedConnections(httpcore2.AsyncNetworkBackend):
    """Connects to a host by those of its addresses that may be connected to, or not at all if one may not."""

    def __init__(self, place: Place, private: Networks, resolve: Resolve, dial: httpcore2.AsyncNetworkBackend) -> None:
        self._place = place
        self._private = private
        self._resolve = resolve
        self._dial = dial

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """This will connect. Raises NotResolved, AddressRefused, httpcore2.ConnectError, httpcore2.ConnectTimeout."""
        failed: Exception = NotResolved()
        for address in (await self._judged(host, port))[:MOST_ADDRESSES]:
            try:
                return await self._dial.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failed = error
        raise failed

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        """This will not connect. Raises AddressRefused."""
        raise AddressRefused

    async def sleep(self, seconds: float) -> None:
        """This will wait for so many seconds."""
        await asyncio.sleep(seconds)

    async def _judged(self, host: str, port: int) -> Sequence[str]:
        try:
            addresses = await self._resolve(host, port)
        except (OSError, UnicodeError):
            raise NotResolved from None
        if not all(map(self._may_connect, addresses)):
            raise AddressRefused
        return addresses

    def _may_connect(self, address: str) -> bool:
        """Without TLS nothing goes over the public internet."""
        if not may_connect(address, self._private):
            return False
        return self._place.scheme == "https" or is_private(address, self._private)


class Outbound:
    """Posts to the public internet, and to the private networks given.

    `resolve` finds addresses, `dial` connects to one, `trust` says whose certificates are good: all are the usual ones
    unless given.
    """

    def __init__(
        self,
        private: Networks = (),
        *,
        resolve: Resolve = resolve,
        dial: httpcore2.AsyncNetworkBackend | None = None,
        trust: ssl.SSLContext | None = None,
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        self._private = private
        self._resolve = resolve
        self._dial = dial or httpcore2.AnyIOBackend()
        self._given_trust = trust
        self._total_seconds = total_seconds

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return self._given_trust or httpcore2.default_ssl_context()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """This will post a body of JSON, within 15 seconds in all, and say what came of it; failures do not raise."""
        place, began = take_apart(url), time.monotonic()
        status, failure, retry_after = None, None, None
        try:
            async with asyncio.timeout(self._total_seconds):
                status, retry_after = await self._exchange(place, headers, body) if place else (None, None)
                failure = Failure.NOT_RESOLVED if status is None else failure_of(status)
        except (AddressRefused, NotResolved, TimeoutError, httpcore2.TimeoutException) as error:
            failure = _WORDS.get(type(error), Failure.TIMED_OUT)
        except httpcore2.ConnectError as error:
            failure = Failure.NOT_TRUSTED if _is_of_tls(error) else Failure.NOT_CONNECTED
        except (httpcore2.NetworkError, httpcore2.ProtocolError):
            failure = Failure.BROKEN_ANSWER
        return Answer(status, failure, round((time.monotonic() - began) * 1000), retry_after)

    async def _exchange(self, place: Place, headers: Mapping[str, str], body: bytes) -> tuple[int, str | None]:
        """Sends the request over a connection of its own, and gives the status, and when to come back."""
        url = httpcore2.URL(scheme=place.scheme, host=place.host, port=place.port, target=place.target)
        sent = {"content-type": "application/json", "user-agent": AGENT, "connection": "close", **headers}
        backend = JudgedConnections(place, self._private, self._resolve, self._dial)
        limits = dict.fromkeys(("read", "write", "pool"), self._total_seconds)
        timeout = {"timeout": {"connect": CONNECT_SECONDS, **limits}}
        async with (
            httpcore2.AsyncConnectionPool(
                ssl_context=self._trust if place.scheme == "https" else None,
                max_keepalive_connections=0,
                network_backend=backend,
            ) as pool,
            pool.stream("POST", url, headers=[*sent.items()], content=body, extensions=timeout) as response,
        ):
            await _drop(response)
            return response.status, _header(response, b"retry-after")


_WORDS: Mapping[type[Exception], Failure] = {
    AddressRefused: Failure.ADDRESS_REFUSED,
    NotResolved: Failure.NOT_RESOLVED,
}


async def _drop(response: httpcore2.Response) -> None:
    """Reads some of the body, so that who sends it is not cut off for nothing; past that it is cut off."""
    read = 0
    async for piece in response.aiter_stream():
        read += len(piece)
        if read >= MOST_READ_BYTES:
            return


def _header(response: httpcore2.Response, name: bytes) -> str | None:
    values = [value for given, value in response.headers if given.lower() == name]
    return values[0].decode("latin-1") if values else None


def _is_of_tls(error: BaseException) -> bool:
    inner: BaseException | None = error
    while inner is not None:
        if isinstance(inner, ssl.SSLError):
            return True
        inner = inner.__cause__ or inner.__context__
    return False
