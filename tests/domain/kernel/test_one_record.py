"""One record in one statement: stored, told of and read back; and an update that goes by what really stands there."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from domain.catalog.models import Product
from domain.customers.commands import ExternalIdTaken, create_customer, update_customer
from domain.customers.models import Customer
from domain.feedback.models import FeedbackTheme
from domain.kernel.actor import SYSTEM
from domain.kernel.changes import store_changes, store_new
from domain.kernel.events import Event, emit, emit_each
from domain.kernel.ids import new_id
from domain.kernel.record import Record
from domain.kernel.refusals import NotFound, Stale
from domain.kernel.transactions import Echo, Unit, one_transaction
from runtime.database import credentials_of
from tests.graph import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
LATER = NOW + timedelta(days=1)
NAME = Echo("SELECT concat(t.name, $1::text) AS v, 7 AS w FROM stored t", ["!"])
PERSON = {"kind": "person", "name": "A"}


class Line:
    """A connection of its own, and what was sent over it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.sent: list[str] = []

    async def row(self, sql: str, values: Sequence[Any]) -> Sequence[Any] | None:
        self.sent.append(sql)
        row: Sequence[Any] | None = await self.connection.fetchrow(sql, *values)
        return row


@pytest.fixture
async def line(database_url: str) -> AsyncIterator[Line]:
    pool = asyncpg.create_pool(**credentials_of(database_url), min_size=1, max_size=1)
    async with pool, pool.acquire() as connection:
        yield Line(connection)


async def changed(record: Record, values: dict[str, Any], version: int | None = None) -> Any:
    return await store_changes(
        type(record), record.id, values, "a.b.updated", expected_version=version, by=SYSTEM, at=LATER
    )


UPDATES: list[tuple[type[Record], dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    (
        Product,
        {"sku": "S1", "name": "A", "list_price": Decimal("1.5"), "currency": "EUR"},
        {"sku": "S1", "name": "名\"\n'", "list_price": Decimal("999999999999999.125"), "currency": None},
        {"name": "名\"\n'", "list_price": "999999999999999.125", "currency": None},
    ),
    (
        FeedbackTheme,
        {"language": "en", "label": "x", "phrases": ["a"], "sentiment_sum": 1},
        {"phrases": ["a", {"b": None}], "sentiment_sum": -(2**62), "label": "x"},
        {"phrases": ["a", {"b": None}], "sentiment_sum": -(2**62)},
    ),
]


@pytest.mark.parametrize(("model", "first", "values", "told"), UPDATES)
async def test_what_differs_is_stored_and_told(
    model: type[Record], first: dict[str, Any], values: dict[str, Any], told: dict[str, Any]
) -> None:
    made = await store_new(model, first, "a.b.created", by=SYSTEM, at=NOW)
    given = await changed(made, values, version=1)
    stored = await model.get(id=made.id)
    assert (stored.version, stored.created_at, stored.updated_at) == (2, NOW, LATER)
    for name in model._meta.fields_db_projection:
        assert getattr(given, name) == getattr(stored, name), name
    assert {name: getattr(stored, name) for name in values} == values
    event = await Event.get(topic="a.b.updated")
    assert (event.subject_id, event.occurred_at, event.data) == (made.id, LATER, told)


async def test_what_says_the_same_moves_nothing() -> None:
    made = await store_new(Customer, {**PERSON, "city": None}, "a.b.created", by=SYSTEM, at=NOW)
    for values in ({"name": "A", "city": None}, {}):
        given = await changed(made, values)
        assert (given.id, given.version, given.updated_at) == (made.id, 1, NOW)
    assert await Event.all().count() == 1


async def test_what_is_not_there_or_has_moved_on_is_refused() -> None:
    made = await store_new(Customer, PERSON, "a.b.created", by=SYSTEM, at=NOW)
    with pytest.raises(Stale) as refused:
        await changed(made, {"name": "B"}, version=2)
    assert refused.value.record.id == made.id
    with pytest.raises(Stale):
        await changed(made, {"name": "A"}, version=2)
    for key in (None, new_id()):
        with pytest.raises(NotFound):
            await update_customer(key, {"name": "B"}, by=SYSTEM, at=NOW)
    assert await Event.all().count() == 1


async def test_of_many_who_read_the_same_version_one_wins() -> None:
    made = await store_new(Customer, PERSON, "a.b.created", by=SYSTEM, at=NOW)
    wishes = [changed(made, {"name": f"B{number}"}, version=1) for number in range(8)]
    done = await asyncio.gather(*wishes, return_exceptions=True)
    (won,) = [each for each in done if not isinstance(each, Stale)]
    assert won.name == (await Customer.get(id=made.id)).name
    assert await Event.all().count() == 2


async def test_of_many_who_do_not_care_all_win_and_each_tells_what_it_changed() -> None:
    made = await store_new(Customer, PERSON, "a.b.created", by=SYSTEM, at=NOW)
    await asyncio.gather(*[changed(made, {"name": f"B{number}", "city": "Ulm"}) for number in range(8)])
    assert (await Customer.get(id=made.id)).version == 9
    told = [event.data for event in await Event.filter(topic="a.b.updated").order_by("id")]
    assert sorted(data["name"] for data in told) == [f"B{number}" for number in range(8)]
    assert len([data for data in told if "city" in data]) == 1


async def test_a_statement_that_stands_alone_gives_the_echo(line: Line) -> None:
    async with Unit(line.row, "customer", lambda: NAME) as unit:
        made = await create_customer(PERSON, by=SYSTEM, at=NOW)
    assert unit.stored is not None
    assert (unit.stored[0], *unit.stored[1]) == (made.id, "A!", 7)
    async with Unit(line.row, "customer", lambda: NAME) as unit:
        given = await update_customer(made.id, {"name": "B"}, expected_version=1, by=SYSTEM, at=LATER)
    assert unit.stored is not None
    assert (unit.stored[0], *unit.stored[1][:2]) == (made.id, "B!", 7)
    assert given.version == 2
    assert len(line.sent) == 2
    assert await Customer.all().count() == 1
    assert [event.topic for event in await Event.all().order_by("id")] == [
        "customers.customer.created",
        "customers.customer.updated",
    ]


async def test_what_is_taken_is_refused_by_a_statement_that_stands_alone(line: Line) -> None:
    given = {**PERSON, "external_id": "C1"}
    first = await create_customer(given, by=SYSTEM, at=NOW)
    other = await create_customer({**given, "external_id": "C2"}, by=SYSTEM, at=NOW)
    with pytest.raises(ExternalIdTaken):
        async with Unit(line.row, "customer", lambda: NAME):
            await create_customer(given, by=SYSTEM, at=NOW)
    with pytest.raises(ExternalIdTaken):
        async with Unit(line.row, "customer", lambda: NAME):
            await update_customer(other.id, {"external_id": "C1"}, by=SYSTEM, at=NOW)
    with pytest.raises(IntegrityError):
        await changed(first, {"external_id": "C2"})
    assert await Event.all().count() == 2


@pytest.mark.parametrize("table", ["", "product"])
async def test_without_an_echo_of_its_table_a_command_has_a_transaction(line: Line, table: str) -> None:
    with pytest.raises(KeyError):
        async with Unit(line.row, table):
            await create_customer(PERSON, by=SYSTEM, at=NOW)
            await create_customer(PERSON, by=SYSTEM, at=NOW)
            raise KeyError("a bug")
    assert line.sent == []
    assert await Customer.all().count() + await Event.all().count() == 0
    async with Unit(line.row, table):
        await create_customer(PERSON, by=SYSTEM, at=NOW)
    assert await Customer.all().count() == await Event.all().count() == 1


async def test_whoever_asks_for_a_transaction_has_it_to_the_end_of_the_unit(line: Line) -> None:
    with pytest.raises(KeyError):
        async with Unit(line.row, "customer", lambda: NAME):
            async with one_transaction():
                await create_customer(PERSON, by=SYSTEM, at=NOW)
            await create_customer(PERSON, by=SYSTEM, at=NOW)
            raise KeyError("a bug")
    assert line.sent == []
    assert await Customer.all().count() + await Event.all().count() == 0


async def test_two_statements_without_a_transaction_are_a_bug_that_shows(line: Line) -> None:
    async def twice(key: UUID | None) -> None:
        async with Unit(line.row, "customer", lambda: NAME):
            await create_customer(PERSON, by=SYSTEM, at=NOW)
            if key is None:
                await create_customer(PERSON, by=SYSTEM, at=NOW)
            else:
                await update_customer(key, {"name": "A"}, by=SYSTEM, at=NOW)

    made = await create_customer(PERSON, by=SYSTEM, at=NOW)
    for key in (None, made.id):
        with pytest.raises(RuntimeError, match="one_transaction"):
            await twice(key)


@pytest.mark.parametrize("more", [emit, emit_each])
async def test_events_beside_a_statement_that_stands_alone_are_a_bug_that_shows(line: Line, more: Any) -> None:
    with pytest.raises(RuntimeError, match="one_transaction"):
        async with Unit(line.row, "customer", lambda: NAME):
            made = await create_customer(PERSON, by=SYSTEM, at=NOW)
            await (more("a.b.c", made.id, by=SYSTEM, at=NOW) if more is emit else more("a.b.c", [], by=SYSTEM, at=NOW))


async def test_a_refusal_behind_a_statement_that_stands_alone_is_a_bug_that_shows(line: Line) -> None:
    with pytest.raises(RuntimeError, match="one_transaction"):
        async with Unit(line.row, "customer", lambda: NAME):
            await create_customer(PERSON, by=SYSTEM, at=NOW)
            raise NotFound("too late")


async def test_within_a_transaction_no_statement_stands_alone(line: Line) -> None:
    with pytest.raises(KeyError):
        async with Unit(line.row, "customer", lambda: NAME), in_transaction():
            await create_customer(PERSON, by=SYSTEM, at=NOW)
            raise KeyError("a bug")
    assert line.sent == []
    assert await Customer.all().count() + await Event.all().count() == 0


async def test_a_new_record_has_nothing_but_columns() -> None:
    with pytest.raises(TypeError, match="nmae"):
        await store_new(Customer, {"kind": "person", "nmae": "A"}, "a.b.created", by=SYSTEM, at=NOW)
