"""The API while PostgreSQL restarts: it says that it is cut off, with a code, and goes on by itself afterwards."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import asyncpg
import httpx
import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from tortoise.exceptions import DBConnectionError

from api.asgi import application
from api.graph.problems import of_exception
from domain.access.commands import create_user
from domain.access.models import User
from domain.access.rules import TokenKey, sign_token
from domain.kernel.actor import SYSTEM
from runtime.database import migrate
from runtime.embedded import throwaway
from runtime.settings import Settings
from tests.graph import KEY, NOW, PASSWORD, PEM, Graph, token_for

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


async def test_a_restart_of_postgres_is_told_as_one(tmp_path: Path) -> None:
    remembered: list[Seen] = []
    new: list[Seen] = []
    with throwaway() as running:
        await migrate(running.database_url)
        settings = Settings(
            home=tmp_path, database_url=running.database_url, redis_url=running.redis_url, token_key=PEM
        )
        app = application(settings)
        async with app.router.lifespan_context(app):
            user = await create_user("ada@example.org", "Ada", PASSWORD, is_administrator=True, by=SYSTEM, at=NOW)
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
                token = token_for(user)
                graph = Graph(http, token)
                await graph.ask(QUERY)
                asking = [
                    asyncio.create_task(_keep_asking(Graph(http, token), user, seen, anew=seen is new))
                    for seen in (remembered, new) * 4
                ]
                await asyncio.sleep(0.2)
                postgres = running.owned[0]
                await asyncio.to_thread(postgres.kill)
                await asyncio.sleep(0.3)
                await asyncio.to_thread(postgres.start)
                await asyncio.gather(*asking)
                await graph.ask(QUERY)
    assert set(remembered) == {DONE, FAILED}
    assert {DONE, CLOSED} <= set(new) <= {DONE, FAILED, CLOSED}


async def _keep_asking(graph: Graph, user: User, seen: list[Seen], *, anew: bool) -> None:
    """With `anew`, each time by a token that the API has not seen, so that it has to look the user up."""
    until, turn = time.monotonic() + 2, 0
    while time.monotonic() < until:
        if anew:
            turn += 1
            graph.token = sign_token(user.id, TokenKey(KEY, timedelta(days=3650, seconds=turn)), at=NOW).text
        response = await graph.post({"query": QUERY})
        errors = response.json().get("errors")
        code = errors[0]["extensions"]["code"] if errors else None
        seen.append((response.status_code, code, response.headers.get("retry-after")))
        await asyncio.sleep(0.01)
