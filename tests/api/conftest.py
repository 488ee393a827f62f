"""What tests of subscriptions stand on: a real server, with or without an announcer beside it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from domain.access.models import User
from tests.connections import connections_of
from tests.graph import token_for
from tests.live import Live, announcing, serving
from tests.people import a_colleague


@pytest.fixture
async def served(database_url: str, redis_url: str, tmp_path: Path, chosen: dict[str, Any]) -> AsyncIterator[Live]:
    """A server, nobody signed in, and no worker anywhere."""
    async with serving(database_url, redis_url, tmp_path, **chosen) as live:
        yield live


@pytest.fixture
async def vera(served: Live) -> User:
    """A representative."""
    return await a_colleague("vera@example.org", "Vera")


@pytest.fixture
async def quiet(served: Live, vera: User) -> Live:
    """The server, with the representative signed in."""
    return served.as_user(await token_for(vera))


@pytest.fixture
async def live(quiet: Live, redis_url: str) -> AsyncIterator[Live]:
    """The same with a worker's announcer beside it."""
    async with announcing(redis_url):
        yield quiet


@pytest.fixture
async def statements(live: Live) -> AsyncIterator[list[str]]:
    """What is sent to the database by the server, whose connections are one of each kind; clear it where it is to be counted from."""
    seen: list[str] = []
    engine = live.sockets.surroundings.engine
    await engine.autocommit.row("SELECT 1", [])
    connections = connections_of(engine)
    for connection in connections:
        connection.add_query_logger(lambda record: seen.append(record.query))
    yield seen
    for connection in connections:
        connection._query_loggers.clear()
