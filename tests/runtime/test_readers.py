"""Connections for reading: never more than allowed, each waiter served, and none lost to whatever ends a statement."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from runtime.readers import Readers

pytestmark = pytest.mark.anyio
SIZE = 3


@pytest.fixture
async def readers(database_url: str) -> AsyncIterator[Readers]:
    readers = Readers(database_url, size=SIZE, statement_timeout_seconds=0.3)
    yield readers
    await readers.close()


async def backend(readers: Readers) -> int:
    """The process of the server that answers."""
    row = await readers.row("SELECT pg_backend_pid() FROM pg_sleep(0.01)", [])
    assert row is not None
    return int(row[0])


async def everybody(readers: Readers) -> set[int]:
    """The processes that answer many who ask at once; all of them are served."""
    return set(await asyncio.gather(*[backend(readers) for _ in range(10 * SIZE)]))


async def test_one_after_another_are_served_by_the_same(readers: Readers) -> None:
    assert len({await backend(readers) for _ in range(5)}) == 1


async def test_many_at_once_wait_for_as_many_as_there_may_be(readers: Readers) -> None:
    assert len(await everybody(readers)) == SIZE
    assert await readers.row("SELECT $1::int", [7]) is not None


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT nothing", asyncpg.UndefinedColumnError),
        ("SELECT 1 / 0", asyncpg.DivisionByZeroError),
        ("SELECT pg_sleep(5)", asyncpg.QueryCanceledError),
        ("SELECT pg_terminate_backend(pg_backend_pid())", (asyncpg.PostgresError, OSError)),
    ],
)
async def test_a_failure_costs_no_connection(readers: Readers, sql: str, error: type[Exception]) -> None:
    for _ in range(2 * SIZE):
        with pytest.raises(error):
            await readers.row(sql, [])
    assert len(await everybody(readers)) == SIZE


async def test_who_goes_away_takes_no_connection_along(readers: Readers) -> None:
    """Whether they were being served, waited, or were just handed a connection."""
    for moment in (0.0, 0.005, 0.012, 0.02, 0.03):
        asking = [asyncio.create_task(backend(readers)) for _ in range(5 * SIZE)]
        await asyncio.sleep(moment)
        for task in asking[::2]:
            task.cancel()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(answer, int | asyncio.CancelledError) for answer in answers)
        assert all(isinstance(answer, int) for answer in answers[1::2])
    assert len(await everybody(readers)) == SIZE


async def test_connections_that_the_server_closed_are_replaced(readers: Readers) -> None:
    before = await everybody(readers)
    connection = await asyncpg.connect(**_other(readers))
    for process in before:
        await connection.execute("SELECT pg_terminate_backend($1)", process)
    await connection.close()
    await asyncio.sleep(0.1)
    after = await everybody(readers)
    assert len(after) == SIZE
    assert not before & after


async def test_where_nobody_answers_each_is_told_and_later_ones_are_served(database_url: str) -> None:
    readers = Readers("postgresql://nobody@127.0.0.1:9/nothing", size=1, statement_timeout_seconds=1)
    told = await asyncio.gather(*[backend(readers) for _ in range(5)], return_exceptions=True)
    assert all(isinstance(error, OSError) for error in told)
    await readers.close()


def _other(readers: Readers) -> dict[str, object]:
    return {name: value for name, value in readers._credentials.items() if name in ("host", "port", "user", "database")}
