"""The event log: who did what to which record, when, with the changed values; append-only, in one table.

An event is written in the transaction of the change it tells of. Ids come from a sequence, and sequences run ahead
of commits, so a reader that remembers only the last id would lose the events of a slower transaction. Every row
therefore carries its transaction's xid8, readers go by (transaction, id), and stop at the safe horizon: the oldest
transaction still running. What lies before it can no longer grow.
"""

import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from tortoise import fields
from tortoise.connection import get_connection
from tortoise.models import Model
from tortoise.transactions import in_transaction

from domain.kernel.actor import Actor
from domain.kernel.refusals import Refusal
from domain.kernel.transactions import join_unit


class Event(Model):
    """One fact in the past tense: topic, subject, actor and the changed values. Never updated, never deleted."""

    id = fields.BigIntField(primary_key=True, generated=True)
    topic = fields.CharField(max_length=80, description="Past tense, e.g. customers.customer.created.")
    subject_id = fields.UUIDField(description="The record it happened to.")
    actor_id = fields.UUIDField(null=True, description="The user who did it; empty for the system.")
    actor_name = fields.CharField(max_length=200, description="The actor's name at the time.")
    occurred_at = fields.DatetimeField(description="When it happened (UTC).")
    data: Any = fields.JSONField(description="The values that changed, as they are now.")
    before: Any = fields.JSONField(null=True, description="The same values as they were before; empty for a birth.")
    origin: Any = fields.JSONField(null=True, description="Session or API key, client address, request; empty: here.")

    class Meta:
        table = "event"
        indexes = (("subject_id", "id"),)


class Position(NamedTuple):
    """How far a reader has come: the transaction and the id of the last event it has seen."""

    transaction: int
    id: int


START = Position(0, 0)
REFUSED = "access.write.refused"
EVENT_PREFIX = "evt"
_PUBLIC = re.compile(rf"{EVENT_PREFIX}_([0-9a-f]{{16}})([0-9a-f]{{16}})")
HORIZON = "pg_snapshot_xmin(pg_current_snapshot())"


@dataclass(frozen=True, slots=True)
class Told:
    """An event as a reader gets it, with its position in the log."""

    position: Position
    topic: str
    subject_id: UUID
    actor_name: str
    occurred_at: datetime
    data: Mapping[str, Any]


def position_id(position: Position) -> str:
    """This will write a position as the outside world sees it: the id of the event that stands there."""
    return f"{EVENT_PREFIX}_{position.transaction:016x}{position.id:016x}"


def read_position(text: str) -> Position | None:
    """This will read the id of an event, or give None where the text is not one."""
    match = _PUBLIC.fullmatch(text)
    position = Position(int(match[1], 16), int(match[2], 16)) if match else None
    return position if position and max(position) < 2**63 else None


async def emit(
    topic: str, subject_id: UUID, *, by: Actor, at: datetime, before: Mapping[str, Any] | None = None, **data: Any
) -> None:
    """This will append an event to the log in the running transaction; `before` is what the data were before."""
    await join_unit()
    event = _event(topic, subject_id, data, by, at)
    event.before = None if before is None else {name: _plain(value) for name, value in before.items()}
    await event.save(force_create=True)


async def tell_refused(what: str, refusal: Refusal, *, by: Actor, at: datetime) -> None:
    """This will write down that somebody was refused a write, in a transaction of its own: that of the write is undone.

    Nothing for strangers, who have no name to keep.
    """
    if by.user_id is not None:
        async with in_transaction():
            field = list(refusal.field)
            await emit(REFUSED, by.user_id, by=by, at=at, mutation=what, code=refusal.code.value, field=field)


async def emit_each(topic: str, facts: Iterable[tuple[UUID, Mapping[str, Any]]], *, by: Actor, at: datetime) -> None:
    """This will append an event for each subject and its data, all with one topic, in the running transaction."""
    await join_unit()
    await Event.bulk_create([_event(topic, subject_id, data, by, at) for subject_id, data in facts])


async def read_on(after: Position, *, at_most: int = 1000) -> list[Told]:
    """This will read the next events behind a position, in order, up to the safe horizon."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT transaction::text AS transaction, id, topic, subject_id, actor_name, occurred_at, data::text AS data "
        "FROM event WHERE (transaction, id) > ($1::text::xid8, $2) "
        f"AND transaction < {HORIZON} ORDER BY event.transaction, event.id LIMIT $3",
        [str(after.transaction), after.id, at_most],
    )
    return [_told(row) for row in rows]


async def horizon() -> Position:
    """This will give the position behind which everything stands that commits from now on."""
    (row,) = await get_connection("default").execute_query_dict(f"SELECT {HORIZON}::text AS transaction")
    return Position(int(row["transaction"]), 0)


async def newest() -> Position:
    """This will give the position of the last event that readers can see by now; START where there is none."""
    rows = await get_connection("default").execute_query_dict(
        f"SELECT transaction::text AS transaction, id FROM event WHERE transaction < {HORIZON} "
        "ORDER BY event.transaction DESC, event.id DESC LIMIT 1"
    )
    return Position(int(rows[0]["transaction"]), rows[0]["id"]) if rows else START


async def count_on(after: Position, *, at_most: int) -> int | None:
    """This will count the events behind a position, up to a bound; None where the log has not come so far."""
    (row,) = await get_connection("default").execute_query_dict(
        f"SELECT $1::text::xid8 > {HORIZON} AS ahead, (SELECT count(*) FROM ("
        "SELECT 1 FROM event WHERE (transaction, id) > ($1::text::xid8, $2) LIMIT $3) behind) AS events",
        [str(after.transaction), after.id, at_most],
    )
    return None if row["ahead"] else int(row["events"])


async def follow(after: Position) -> AsyncIterator[Told]:
    """This will read from a position to the present horizon, in chunks of constant size, and stop there."""
    while told := await read_on(after):
        for event in told:
            yield event
        after = told[-1].position


def _event(topic: str, subject_id: UUID, data: Mapping[str, Any], by: Actor, at: datetime) -> Event:
    return Event(
        topic=topic,
        subject_id=subject_id,
        actor_id=by.user_id,
        actor_name=by.name,
        occurred_at=at,
        data={name: _plain(value) for name, value in data.items()},
        origin=by.origin.told() or None,
    )


def _told(row: Mapping[str, Any]) -> Told:
    position = Position(int(row["transaction"]), row["id"])
    return Told(
        position, row["topic"], row["subject_id"], row["actor_name"], row["occurred_at"], orjson.loads(row["data"])
    )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value
