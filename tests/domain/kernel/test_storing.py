"""Rows and events in one statement: every kind of value arrives as it was, and only what changed is written."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem, FeedbackTheme
from domain.kernel.actor import SYSTEM
from domain.kernel.changes import apply_changes, store_new
from domain.kernel.events import Event
from domain.kernel.record import Record
from domain.kernel.storing import insert_told
from tests.graph import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
MOMENT = datetime(2024, 2, 29, 23, 59, 59, 999_999, tzinfo=UTC)
ROWS: list[tuple[type[Record], dict[str, Any], dict[str, Any]]] = [
    (
        Product,
        {
            "sku": "S\"1'",
            "name": "名\n\t\\ \U0001f600",
            "list_price": Decimal("999999999999999.125"),
            "currency": "KWD",
        },
        {"list_price": "999999999999999.125"},
    ),
    (
        FeedbackItem,
        {"source": "case", "text": "{}", "rating": 1, "received_at": MOMENT, "read_digest": b"\x00\xff"},
        {"received_at": "2024-02-29T23:59:59.999999+00:00", "read_digest": "\\x00ff"},
    ),
    (
        FeedbackTheme,
        {"language": "en", "label": "x", "phrases": ["a", {"b": None}], "sentiment_sum": -(2**62)},
        {"sentiment_sum": -(2**62)},
    ),
]


@pytest.mark.parametrize(("model", "values", "told"), ROWS)
async def test_values_arrive_as_they_were(model: type[Record], values: dict[str, Any], told: dict[str, Any]) -> None:
    made = await store_new(model, values, "a.b.created", by=SYSTEM, at=NOW)
    stored = await model.get(id=made.id)
    for name in model._meta.fields_db_projection:
        assert getattr(stored, name) == getattr(made, name), name
    event = await Event.get()
    assert (event.topic, event.subject_id, event.actor_id, event.occurred_at) == ("a.b.created", made.id, None, NOW)
    assert event.data == {**values, **told}


async def test_only_what_changed_is_written() -> None:
    made = await store_new(Customer, {"kind": "person", "name": "A", "city": "Ulm"}, "a.b.created", by=SYSTEM, at=NOW)
    await Customer.filter(id=made.id).update(city="Bonn")
    later = NOW + timedelta(days=1)
    assert await apply_changes(made, {"name": "B", "kind": "person"}, "a.b.updated", by=SYSTEM, at=later) == {
        "name": "B"
    }
    stored = await Customer.get(id=made.id)
    assert (stored.name, stored.city, stored.version, stored.updated_at) == ("B", "Bonn", 2, later)
    assert (await Event.get(topic="a.b.updated")).data == {"name": "B"}
    assert await apply_changes(made, {"name": "B"}, "a.b.updated", by=SYSTEM, at=later) == {}
    assert await Event.all().count() == 2


async def test_events_come_in_the_order_of_the_rows() -> None:
    names = [str(number) for number in range(50, 0, -1)]
    stamps = {"kind": "person", "created_at": NOW, "updated_at": NOW}
    facts = [(Customer(name=name, external_id=name, **stamps), {"name": name}) for name in names]
    stored = await insert_told(facts, "a.b.created", by=SYSTEM, at=NOW, key="external_id")
    assert stored == {record.id for record, _ in facts}
    assert [event.data["name"] for event in await Event.all().order_by("id")] == names
