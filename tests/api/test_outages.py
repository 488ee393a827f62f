"""The API while PostgreSQL restarts: it says that it is cut off, with a code, and goes on by itself afterwards."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from tortoise.connection import get_connection
from tortoise.exceptions import DBConnectionError

from api.asgi import application
from api.graph.problems import of_exception
from domain.access.models import Session
from domain.access.tokens import TokenKey, sign_token
from runtime.database import migrate
from runtime.embedded import Engine, throwaway
from runtime.settings import Settings
from tests.graph import KEY, NOW, PEM, Graph, session_of, token_for
from tests.people import an_administrator
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
UNSENDABLE = type("ClientDataError", (asyncpg.InterfaceError, ValueError), {})("a detail")
Seen = tuple[int, str | None, str | None]
"""HTTP status, code of the error, Retry-After."""
DONE: Seen = (200, None, None)
FAILED: Seen = (200, "UNAVAILABLE", None)
CLOSED: Seen = (503, "UNAVAILABLE", "1")
QUERY = "{ customers(first: 1) { nodes { id } } }"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (asyncpg.CannotConnectNowError("a detail"), "UNAVAILABLE"),
        (asyncpg.AdminShutdownError("a detail"), "UNAVAILABLE"),
        (asyncpg.CrashShutdownError("a detail"), "UNAVAILABLE"),
        (asyncpg.TooManyConnectionsError("a detail"), "UNAVAILABLE"),
        (asyncpg.DiskFullError("a detail"), "UNAVAILABLE"),
        (asyncpg.InterfaceError("a detail"), "UNAVAILABLE"),
        (asyncpg.InternalClientError("a detail"), "UNAVAILABLE"),
        (asyncpg.ConnectionDoesNotExistError("a detail"), "UNAVAILABLE"),
        (TimeoutError("a detail"), "UNAVAILABLE"),
        (ConnectionRefusedError("a detail"), "UNAVAILABLE"),
        (RedisConnectionError("a detail"), "UNAVAILABLE"),
        (DBConnectionError("a detail"), "UNAVAILABLE"),
        (asyncpg.QueryCanceledError("a detail"), "TIMEOUT"),
        (asyncpg.exceptions.NumericValueOutOfRangeError("a detail"), "BAD_USER_INPUT"),
        (UNSENDABLE, "BAD_USER_INPUT"),
        (asyncpg.UndefinedTableError("a detail"), "INTERNAL"),
        (KeyError("a detail"), "INTERNAL"),
    ],
)
def test_what_goes_wrong_has_a_code_and_says_nothing_of_our_insides(error: Exception, code: str) -> None:
    problem = of_exception(error)
    assert problem.code == code
    assert str(error).strip("'") not in problem.message


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[Graph, Session, Engine]]:
    """A client with somebody signed in, that somebody, and a PostgreSQL that nobody else uses."""
    with throwaway() as running:
        await migrate(running.database_url)
        settings = Settings(
            home=tmp_path, database_url=running.database_url, redis_url=running.redis_url, token_key=PEM
        )
        app = application(settings)
        async with app.router.lifespan_context(app):
            user = await an_administrator()
            token, session = await token_for(user), await session_of(user)
            await get_connection("default").execute_script("CHECKPOINT")  # this server forgets what it has not written
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
                yield Graph(http, token), session, running.owned[0]


async def test_a_restart_of_postgres_is_told_as_one(served: tuple[Graph, Session, Engine]) -> None:
    graph, session, postgres = served
    over = asyncio.Event()
    known: list[Seen] = []
    strange: list[Seen] = []
    asking = [asyncio.create_task(_keep_asking(graph, known, over)) for _ in range(4)]
    asking.append(asyncio.create_task(_keep_asking(graph, strange, over, session)))
    await eventually(lambda: _ends_with(DONE, known, strange))
    await asyncio.to_thread(postgres.kill)
    await eventually(lambda: _ends_with(CLOSED, strange))
    await asyncio.to_thread(postgres.start)
    await eventually(lambda: _ends_with(DONE, known, strange))
    over.set()
    await asyncio.gather(*asking)
    assert {*known, *strange} <= {DONE, FAILED, CLOSED}
    assert FAILED in known or CLOSED in known


async def _ends_with(wanted: Seen, *lists: list[Seen]) -> bool:
    return all(each and each[-1] == wanted for each in lists)


async def _keep_asking(graph: Graph, seen: list[Seen], over: asyncio.Event, anew: Session | None = None) -> None:
    """With `anew`, each time by a token of theirs that the API has not seen, so that it has to look them up."""
    client, turn = Graph(graph.http, graph.token), 0
    while not over.is_set():
        if anew:
            turn += 1
            client.token = sign_token(
                anew.user_id, anew.id, TokenKey(KEY, timedelta(days=3650, seconds=turn)), at=NOW
            ).text
        response = await client.post({"query": QUERY})
        errors = response.json().get("errors")
        code = errors[0]["extensions"]["code"] if errors else None
        seen.append((response.status_code, code, response.headers.get("retry-after")))
        await asyncio.sleep(0.01)


async def test_a_silent_server_is_soon_told_from_one_that_is_ready(served: tuple[Graph, Session, Engine]) -> None:
    graph, _, postgres = served
    assert (await graph.http.get("/ready")).status_code == 200
    process = psutil.Process(postgres.process.pid)
    silenced = [process, *process.children(recursive=True)]
    for each in silenced:
        each.suspend()
    try:
        async with asyncio.timeout(10):
            assert (await graph.http.get("/ready")).status_code == 503
    finally:
        for each in silenced:
            each.resume()
    await eventually(lambda: _is_ready(graph))


async def _is_ready(graph: Graph) -> bool:
    return (await graph.http.get("/ready")).status_code == 200
