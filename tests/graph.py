"""A real application over a fresh database, a client that speaks GraphQL to it over HTTP, and people to sign in."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from api.asgi import application
from domain.access.models import Session, User
from domain.access.tokens import TokenKey, sign_token
from domain.kernel.actor import Actor
from runtime import allowance, shelf, throttle
from runtime.settings import Settings
from tests.connections import connections_of
from tests.moments import NOW as NOW
from tests.people import PASSWORD as PASSWORD
from tests.people import a_colleague, acting, an_administrator
from tests.roads import Roads

MOST_ASKED_AGAIN = 40
KEY = Ed25519PrivateKey.generate()
PEM = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@dataclass
class Graph:
    """A client of the API; `token` is sent with every request where there is one."""

    http: httpx.AsyncClient
    token: str | None = None
    asked: dict[tuple[bytes, str | None], None] = field(default_factory=dict)
    """What was sent, and the token that it was sent with."""
    roads: Roads | None = None

    async def post(self, body: Any, **headers: str) -> httpx.Response:
        self.asked[(orjson.dumps(body, default=str), self.token)] = None
        sent = {"authorization": f"Bearer {self.token}", **headers} if self.token else headers
        return await self.http.post("/graphql", json=body, headers=sent)

    async def get(self, parameters: dict[str, Any], method: str = "GET", **headers: str) -> httpx.Response:
        """An answer by GET, objects among the parameters as JSON."""
        sent = {"authorization": f"Bearer {self.token}", **headers} if self.token else headers
        texts = {
            name: value if isinstance(value, str) else orjson.dumps(value).decode()
            for name, value in parameters.items()
        }
        return await self.http.request(method, "/graphql", params=texts, headers=sent)

    async def answer(self, query: str, **variables: Any) -> dict[str, Any]:
        """The whole answer: data and errors."""
        answer: dict[str, Any] = (await self.post({"query": query, "variables": variables})).json()
        await asyncio.sleep(0)  # asyncpg tells what was sent a moment later
        return answer

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer without errors."""
        answer = await self.answer(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    async def code(self, query: str, **variables: Any) -> str:
        """The code of the one error of an answer."""
        (error,) = (await self.answer(query, **variables))["errors"]
        code: str = error["extensions"]["code"]
        return code

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """The SQL statements that were sent while the block ran, transaction control among them."""
        seen: list[str] = []
        assert self.roads is not None
        connections = connections_of(self.roads.engine)
        for connection in connections:
            connection.add_query_logger(lambda record: seen.append(record.query))
        yield seen
        for connection in connections:
            connection._query_loggers.clear()


async def session_of(user: User) -> Session:
    """A session of the user that outlives every test."""
    ends = NOW + timedelta(days=3650)
    session = Session.born({"user_id": user.id, "device": "a test", "last_used_at": NOW, "expires_at": ends}, NOW)
    await session.save(force_create=True)
    return session


async def token_for(user: User, lifetime: timedelta = timedelta(days=3650), *, at: datetime = NOW) -> str:
    """A token of the user, by a session of theirs; it outlives every test unless told otherwise."""
    session = await session_of(user)
    return sign_token(user.id, session.id, TokenKey(KEY, lifetime), at=at).text


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine Redis may take its time; that must not be taken for its being away."""
    for client in (allowance, shelf, throttle):
        monkeypatch.setattr(client, "PATIENCE_SECONDS", 30)


@pytest.fixture
def pool_size() -> int:
    """One connection, so that its statements can be counted."""
    return 1


@pytest.fixture
def requests_at_once() -> int:
    """How many operations of one viewer run at once."""
    return 8


@pytest.fixture
def chosen() -> dict[str, Any]:
    """Settings that a test chooses."""
    return {}


@pytest.fixture
async def graph(
    database_url: str, redis_url: str, tmp_path: Path, pool_size: int, requests_at_once: int, chosen: dict[str, Any]
) -> AsyncIterator[Graph]:
    """A client of a running application, nobody signed in."""
    settings = Settings(
        home=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        token_key=PEM,
        database_pool_size=pool_size,
        requests_at_once=requests_at_once,
        max_upload_bytes=4 << 20,
        upload_quota_bytes=8 << 20,
        **chosen,
    )
    app = application(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
            roads = Roads(app)
            client = Graph(http, roads=roads)
            await roads.engine.autocommit.row("SELECT 1", [])  # which opens the connection whose statements count
            yield client
        await _both_roads(client)


async def _both_roads(client: Graph) -> None:
    """Every query of every test goes down both roads once more, over the data that the test leaves behind."""
    for body, token in list(client.asked)[:MOST_ASKED_AGAIN]:
        assert client.roads is not None
        question = await client.roads.question(orjson.loads(body), token)
        if question is not None:
            await client.roads.agree(question)


@pytest.fixture
async def administrator(graph: Graph) -> User:
    return await an_administrator()


@pytest.fixture
async def representative(graph: Graph) -> User:
    return await a_colleague()


@pytest.fixture
async def ada(graph: Graph, administrator: User) -> Graph:
    """The client with the administrator signed in."""
    return Graph(graph.http, await token_for(administrator), graph.asked, graph.roads)


@pytest.fixture
async def rob(graph: Graph, representative: User) -> Graph:
    """The client with a colleague signed in who works on everything, and administers nothing."""
    return Graph(graph.http, await token_for(representative), graph.asked, graph.roads)


@pytest.fixture
async def by(administrator: User) -> Actor:
    return await acting(administrator)
