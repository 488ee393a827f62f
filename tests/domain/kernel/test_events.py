"""The log loses nothing to slower transactions, tells it in order, and cannot be rewritten."""

from datetime import UTC, datetime

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError

from domain.kernel.actor import SYSTEM
from domain.kernel.events import START, Event, emit, follow, newest, read_on
from domain.kernel.ids import new_id

pytestmark = pytest.mark.anyio
NOW = datetime(2024, 5, 1, tzinfo=UTC)
INSERT = (
    "INSERT INTO event (topic, subject_id, actor_name, occurred_at, data) "
    "VALUES ($1, '00000000-0000-0000-0000-000000000000', 'test', now(), '{}')"
)


async def topics() -> list[str]:
    return [event.topic async for event in follow(START)]


async def test_a_slow_transaction_is_waited_for(database: str) -> None:
    slow, quick = [await asyncpg.connect(database) for _ in range(2)]
    try:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(INSERT, "slow.began.first")
        await quick.execute(INSERT, "quick.committed.first")
        assert await topics() == []  # the horizon stands before the slow one: nothing is told that could be overtaken
        await slow.execute(INSERT, "slow.went.on")
        await transaction.commit()
        told = await topics()
        assert told == ["slow.began.first", "slow.went.on", "quick.committed.first"]
    finally:
        await slow.close()
        await quick.close()


async def test_a_reader_goes_on_where_it_stopped(database: str) -> None:
    for number in range(5):
        await emit(f"test.event.{number}", new_id(), by=SYSTEM, at=NOW, number=number)
    first = await read_on(START, at_most=2)
    rest = await read_on(first[-1].position)
    assert [event.data["number"] for event in [*first, *rest]] == [0, 1, 2, 3, 4]
    assert await read_on(rest[-1].position) == []


async def test_transactions_stand_in_the_order_of_numbers(database: str) -> None:
    insert = INSERT.replace("topic,", "transaction, topic,").replace("VALUES (", "VALUES ($2::text::xid8, ")
    for transaction in ("9", "100", "20"):
        await get_connection("default").execute_query(insert, [f"of.{transaction}", transaction])
    assert await topics() == ["of.9", "of.20", "of.100"]
    assert (await newest()).transaction == 100


@pytest.mark.parametrize("statement", ["UPDATE event SET topic = 'x'", "DELETE FROM event", "TRUNCATE event"])
async def test_the_log_is_append_only(database: str, statement: str) -> None:
    await emit("test.event.kept", new_id(), by=SYSTEM, at=NOW)
    with pytest.raises((OperationalError, asyncpg.PostgresError), match="append-only"):
        await get_connection("default").execute_script(statement)
    assert await Event.all().count() == 1
