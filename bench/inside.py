"""Our application within this process: asked by ASGI, without a socket, so that its own work can be told apart."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.routing import Route

from api.asgi import application
from bench.stand import EMAIL, OF_MANY, PASSWORD, Stand
from runtime.settings import Settings
from runtime.token_key import kept_key
from tests.connections import connections_of

SIGN_IN = "mutation($input: LoginInput!) { login(input: $input) { token } }"


@dataclass
class Inside:
    """The application, and the token that requests carry."""

    app: Starlette
    token: str = ""

    async def ask(self, query: str, **variables: Any) -> bytes:
        """This will give the body of an answer. Raises RuntimeError where it has errors."""
        sent = [{"type": "http.request", "body": orjson.dumps({"query": query, "variables": variables})}]
        parts: list[bytes] = []

        async def receive() -> MutableMapping[str, Any]:
            return sent.pop()

        async def send(message: MutableMapping[str, Any]) -> None:
            parts.append(message.get("body", b""))

        await self.app(self._scope(), receive, send)
        body = b"".join(parts)
        if b'"errors":' in body:
            raise RuntimeError(f"not a good answer: {body[:1000]!r}")
        return body

    async def statements(self, query: str, **variables: Any) -> list[tuple[str, list[Any]]]:
        """This will give the statements that a question sends, with their values."""
        seen: list[tuple[str, list[Any]]] = []
        (route,) = (route for route in self.app.routes if isinstance(route, Route) and route.path == "/graphql")
        endpoint: Any = route.endpoint
        await self.ask(query, **variables)  # which opens the connections
        with ExitStack() as stack:
            for connection in connections_of(endpoint._surroundings.engine):
                stack.enter_context(
                    connection.query_logger(lambda record: seen.append((record.query, list(record.args or ()))))
                )
            await self.ask(query, **variables)
            await asyncio.sleep(0)  # asyncpg tells what was sent a moment later
        return seen

    def _scope(self) -> dict[str, Any]:
        headers = {"content-type": "application/json", "accept": "application/json", "host": "127.0.0.1"}
        if self.token:
            headers["authorization"] = f"Bearer {self.token}"
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/graphql",
            "raw_path": b"/graphql",
            "root_path": "",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 50_000),
            "server": ("127.0.0.1", 8_000),
        }


@asynccontextmanager
async def inside(stand: Stand, database_url: str) -> AsyncIterator[Inside]:
    """This will run the application within this process, somebody signed in, over a single connection."""
    settings = Settings(
        home=stand.home,
        database_url=database_url,
        redis_url=stand.redis_url,
        database_pool_size=1,
        token_key_file=kept_key(stand.home),
        **OF_MANY,
    )
    app = application(settings)
    async with app.router.lifespan_context(app):
        stranger = Inside(app)
        answer = orjson.loads(await stranger.ask(SIGN_IN, input={"email": EMAIL, "password": PASSWORD}))
        yield Inside(app, answer["data"]["login"]["token"])
