"""Connections for single statements: never more than allowed, each waiter served, and none lost to whatever ends a statement."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from runtime.autocommit import Autocommit, _is_open
from runtime.database import LONGEST_PREPARED
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
SIZE = 3


@pytest.fixture
async def autocommit(database_url: str) -> AsyncIterator[Autocommit]:
    autocommit = Autocommit(database_url, size=SIZE, statement_timeout_seconds=0.3)
    yield autocommit
    await autocommit.close()


async def backend(autocommit: Autocommit) -> int:
    """The process of the server that answers."""
    row = await autocommit.row("SELECT pg_backend_pid() FROM pg_sleep(0.01)", [])
    assert row is not None
    return int(row[0])


async def everybody(autocommit: Autocommit) -> set[int]:
    """The processes that answer many who ask at once; all of them are served."""
    return set(await asyncio.gather(*[backend(autocommit) for _ in range(10 * SIZE)]))


async def test_one_after_another_are_served_by_the_same(autocommit: Autocommit) -> None:
    assert len({await backend(autocommit) for _ in range(5)}) == 1


async def test_many_at_once_wait_for_as_many_as_there_may_be(autocommit: Autocommit) -> None:
    assert len(await everybody(autocommit)) == SIZE
    assert await autocommit.row("SELECT $1::int", [7]) is not None


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("SELECT nothing", asyncpg.UndefinedColumnError),
        ("SELECT 1 / 0", asyncpg.DivisionByZeroError),
        ("SELECT pg_sleep(5)", asyncpg.QueryCanceledError),
        ("SELECT pg_terminate_backend(pg_backend_pid())", (asyncpg.PostgresError, OSError)),
    ],
)
async def test_a_failure_costs_no_connection(autocommit: Autocommit, sql: str, error: type[Exception]) -> None:
    for _ in range(2 * SIZE):
        with pytest.raises(error):
            await autocommit.row(sql, [])
    assert len(await everybody(autocommit)) == SIZE


async def test_who_goes_away_takes_no_connection_along(autocommit: Autocommit) -> None:
    """Whether they were being served, waited, or were just handed a connection."""
    for moment in (0.0, 0.005, 0.012, 0.02, 0.03):
        asking = [asyncio.create_task(backend(autocommit)) for _ in range(5 * SIZE)]
        await asyncio.sleep(moment)
        for task in asking[::2]:
            task.cancel()
        answers = await asyncio.gather(*asking, return_exceptions=True)
        assert all(isinstance(answer, int | asyncio.CancelledError) for answer in answers)
        assert all(isinstance(answer, int) for answer in answers[1::2])
    assert len(await everybody(autocommit)) == SIZE


async def test_connections_that_the_server_closed_are_replaced(autocommit: Autocommit) -> None:
    before = await everybody(autocommit)
    connection = await asyncpg.connect(**_other(autocommit))
    for process in before:
        await connection.execute("SELECT pg_terminate_backend($1)", process)
    await connection.close()
    await eventually(lambda: _all_closed(autocommit))
    after = await everybody(autocommit)
    assert len(after) == SIZE
    assert not before & after


async def test_only_statements_that_are_short_enough_stay_prepared(autocommit: Autocommit) -> None:
    """What PostgreSQL holds of a statement is a hundred times as long as it; of those kept there are a hundred."""
    longest = "SELECT 1".ljust(LONGEST_PREPARED)
    for _ in range(2):
        await autocommit.row(longest, [])
        await autocommit.row(longest + " ", [])
    kept = await autocommit.row(
        "SELECT array_agg(statement) FROM pg_prepared_statements WHERE statement ~ '^SELECT 1'", []
    )
    assert kept is not None
    assert kept[0] == [longest]


async def test_where_nobody_answers_each_is_told_and_later_ones_are_served(database_url: str) -> None:
    autocommit = Autocommit("postgresql://nobody@127.0.0.1:9/nothing", size=1, statement_timeout_seconds=1)
    told = await asyncio.gather(*[backend(autocommit) for _ in range(5)], return_exceptions=True)
    assert all(isinstance(error, OSError) for error in told)
    await autocommit.close()


async def test_who_closes_waits_for_those_that_work_and_for_no_more(database_url: str) -> None:
    autocommit = Autocommit(database_url, size=2, statement_timeout_seconds=5)
    holder = await asyncpg.connect(database_url)
    await holder.execute("SELECT pg_advisory_lock(1)")
    waits = "SELECT 1 FROM pg_advisory_xact_lock_shared(1)"
    working = [asyncio.create_task(autocommit.row(waits, [])) for _ in range(4)]
    await eventually(lambda: _are_waiting(holder, autocommit, 2))
    working[2].cancel()
    async with asyncio.timeout(5):
        await asyncio.gather(autocommit.close(), holder.close())
    done = await asyncio.gather(*working, return_exceptions=True)
    assert [isinstance(each, asyncpg.Record) for each in done] == [True, True, False, True]


async def _are_waiting(holder: Any, autocommit: Autocommit, count: int) -> bool:
    """Whether so many statements wait for the lock, and as many for a connection."""
    locked = await holder.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    return bool(locked == len(autocommit._waiting) == count)


async def _all_closed(autocommit: Autocommit) -> bool:
    return not any(map(_is_open, autocommit._free))


def _other(autocommit: Autocommit) -> dict[str, object]:
    return {
        name: value for name, value in autocommit._credentials.items() if name in ("host", "port", "user", "database")
    }
