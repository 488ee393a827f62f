"""A real server over a fresh database, with an announcer beside it, and clients that hold the line."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import orjson
import uvicorn
from starlette.routing import WebSocketRoute
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from api.asgi import application
from api.http.lines import Lines
from api.http.socket import Sockets
from domain.customers.commands import create_customer
from domain.kernel.actor import SYSTEM
from runtime.announcements import announce
from runtime.http_timeouts import TimedHttp
from runtime.redis import redis_client
from runtime.settings import Settings
from tests.graph import NOW, PEM
from workers.announcer import EVERY_SECONDS, Announcer
from workers.parts import Part

PROTOCOL = "graphql-transport-ws"
PATIENCE_SECONDS = 10


@dataclass
class Live:
    """A server to talk to, by the token of whoever is signed in."""

    port: int
    server: uvicorn.Server
    sockets: Sockets
    redis_url: str
    token: str | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def as_user(self, token: str) -> "Live":
        return replace(self, token=token)

    @property
    def lines(self) -> Lines:
        return self.sockets.lines

    def forget(self) -> None:
        """The server asks anew who is at the door, as it does every few seconds."""
        self.sockets.doorkeeper._known.clear()

    async def call_out(self, channel: str, message: str) -> None:
        client = redis_client(self.redis_url)
        await announce(client, channel, message)
        await client.aclose()

    @asynccontextmanager
    async def socket(
        self, *protocols: str, init: dict[str, Any] | None = None, **options: Any
    ) -> AsyncIterator["Socket"]:
        """A WebSocket, introduced with the token unless `init` says otherwise."""
        chosen: Any = list(protocols or [PROTOCOL])
        async with connect(
            f"ws://127.0.0.1:{self.port}/graphql", subprotocols=chosen, close_timeout=1, **options
        ) as raw:
            socket = Socket(raw)
            if init is None and self.token:
                init = {"Authorization": f"Bearer {self.token}"}
            if init is not None:
                await socket.send(type="connection_init", payload=init)
                assert await socket.hear() == {"type": "connection_ack"}
            yield socket

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer over HTTP."""
        async with httpx.AsyncClient() as http:
            headers = {"authorization": f"Bearer {self.token}"} if self.token else {}
            response = await http.post(self.url, json={"query": query, "variables": variables}, headers=headers)
        answer: dict[str, Any] = response.json()
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        return data

    async def here(self) -> str:
        """Where the log stands now, to subscribe from."""
        here: str = (await self.ask("{ lastEventId }"))["lastEventId"]
        return here

    @asynccontextmanager
    async def stream(
        self, query: str, *, accept: str = "text/event-stream", headers: dict[str, str] | None = None, **variables: Any
    ) -> AsyncIterator["Stream"]:
        """An operation answered by events."""
        sent = {
            "accept": accept,
            **({"authorization": f"Bearer {self.token}"} if self.token else {}),
            **(headers or {}),
        }
        async with (
            httpx.AsyncClient(timeout=PATIENCE_SECONDS) as http,
            http.stream("POST", self.url, json={"query": query, "variables": variables}, headers=sent) as response,
        ):
            yield Stream(response)


class Socket:
    """A client's end of a WebSocket."""

    def __init__(self, raw: ClientConnection) -> None:
        self.raw = raw

    async def send(self, **message: Any) -> None:
        await self.raw.send(orjson.dumps(message).decode())

    async def hear(self) -> dict[str, Any]:
        """The next message, but for pings."""
        while True:
            async with asyncio.timeout(PATIENCE_SECONDS):
                message: dict[str, Any] = orjson.loads(await self.raw.recv())
            if message["type"] != "ping":
                return message

    async def subscribe(self, query: str, operation: str = "1", /, **variables: Any) -> None:
        await self.send(id=operation, type="subscribe", payload={"query": query, "variables": variables})

    async def next(self, id: str = "1") -> dict[str, Any]:
        """The data of the next answer."""
        message = await self.hear()
        assert (message["type"], message["id"]) == ("next", id), message
        data: dict[str, Any] = message["payload"]["data"]
        return data

    async def code(self, id: str = "1") -> str:
        """The code of the error that ends an operation."""
        message = await self.hear()
        assert (message["type"], message["id"]) == ("error", id), message
        (error,) = message["payload"]
        code: str = error["extensions"]["code"]
        return code

    async def is_silent(self) -> bool:
        """Whether nothing that was sent before is still to be heard; two rounds, for an event travels a while."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                assert (await self.hear())["type"] == "nothing"
        return True

    async def closed(self) -> tuple[int, str]:
        """With which code and reason the server closes the socket."""
        with suppress(ConnectionClosed):
            while True:
                await self.hear()
        return self.raw.close_code or 0, self.raw.close_reason or ""


class Stream:
    """A client's end of a stream of events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str | None, str, Any]:
        """The id, the name and the data of the next event."""
        id, name, data = None, "", ""
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for line in self._lines:
                if line.startswith("id:"):
                    id = line[3:].strip()
                elif line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    data = line[5:].strip()
                elif not line and name:
                    return id, name, orjson.loads(data) if data else None
        raise EOFError


async def taken_in(name: str) -> UUID:
    """The key of a new customer."""
    return (await create_customer({"kind": "person", "name": name}, by=SYSTEM, at=NOW)).id


@asynccontextmanager
async def serving(database_url: str, redis_url: str, home: Path, **chosen: Any) -> AsyncIterator[Live]:
    """A server for the length of the block."""
    settings = Settings(home=home, database_url=database_url, redis_url=redis_url, token_key=PEM, **chosen)  # type: ignore[arg-type]
    app = application(settings)
    (sockets,) = (route.endpoint.__self__ for route in app.routes if isinstance(route, WebSocketRoute))
    config = uvicorn.Config(
        app,
        port=0,
        http=TimedHttp,
        ws="websockets-sansio",
        ws_max_size=settings.max_body_bytes,
        log_config=None,
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Live(server.servers[0].sockets[0].getsockname()[1], server, sockets, redis_url)
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def announcing(redis_url: str) -> AsyncIterator[None]:
    """A worker's announcer for the length of the block."""
    client, stop = redis_client(redis_url), asyncio.Event()
    part = Part("the announcer", Announcer(client).look, every_seconds=EVERY_SECONDS)
    task = asyncio.create_task(part.keep_going(stop))
    try:
        yield
    finally:
        stop.set()
        part.wake()
        await task
        await client.aclose()
