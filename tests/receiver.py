"""A receiver of webhooks: a real HTTP server on a loopback address, that answers as it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
GONE = b"HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n"
BROKEN = b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n"
BUSY = b"HTTP/1.1 503 Busy\r\nretry-after: 1200\r\ncontent-length: 0\r\n\r\n"


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Receiver:
    """What was received, and what is answered: one answer after the other, and the last one from then on."""

    host: str
    port: int = 0
    answers: list[bytes] = field(default_factory=lambda: [OK])
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    silent: bool = False

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/hook?tenant=1"

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            line, *rows = head.strip().split("\r\n")
            headers = dict(_headers(rows))
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.received.append(Received(line, headers, body))
            if self.silent:
                await reader.read()
            else:
                writer.write(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _headers(rows: list[str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        name, _, value = row.partition(":")
        yield name.lower(), value.strip()


@asynccontextmanager
async def receiving(
    host: str = "127.0.0.1", port: int = 0, trust: ssl.SSLContext | None = None
) -> AsyncIterator[Receiver]:
    """A receiver for the length of the block."""
    receiver = Receiver(host)
    server = await asyncio.start_server(receiver.take, host, port, ssl=trust)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
