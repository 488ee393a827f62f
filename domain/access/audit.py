"""The audit trail: who did what to which record, by what way, what it was before, and what was refused.

It is the event log itself, read backwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.events import Position
from domain.kernel.permissions import Permission, Reach


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the trail is asked for; None narrows nothing. Times are half-open: [since, until)."""

    topic: str | None = None
    subject_id: UUID | None = None
    actor_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An event with all that is known of it; `seal_id` is its place in the chain of seals, None for some seconds."""

    position: Position
    topic: str
    subject_id: UUID
    actor_id: UUID | None
    actor_name: str
    occurred_at: datetime
    data: Mapping[str, Any]
    before: Mapping[str, Any] | None
    origin: Mapping[str, str]
    seal_id: int | None


async def trail(asked: Asked, *, after: Position | None, at_most: int, by: Actor) -> Sequence[Entry]:
    """This will read the trail backwards, the newest first, on from a position. Raises Unauthenticated, Forbidden."""
    by.must(Permission.AUDIT_READ, Reach.ALL)
    rows = await get_connection("default").execute_query_dict(
        """SELECT e.transaction::text AS transaction, e.id, e.topic, e.subject_id, e.actor_id, e.actor_name,
            e.occurred_at, e.data::text AS data, e.before::text AS before, e.origin::text AS origin, s.id AS seal_id
        FROM event e LEFT JOIN event_seal s ON s.event_id = e.id
        WHERE ($1::text IS NULL OR e.topic = $1) AND ($2::uuid IS NULL OR e.subject_id = $2)
            AND ($3::uuid IS NULL OR e.actor_id = $3) AND ($4::timestamptz IS NULL OR e.occurred_at >= $4)
            AND ($5::timestamptz IS NULL OR e.occurred_at < $5)
            AND ($6::text IS NULL OR (e.transaction, e.id) < ($6::text::xid8, $7::bigint))
        ORDER BY e.transaction DESC, e.id DESC LIMIT $8""",
        [
            asked.topic, asked.subject_id, asked.actor_id, asked.since, asked.until,
            after and str(after.transaction), after.id if after else 0, at_most,
        ],
    )  # fmt: skip
    return [_entry(row) for row in rows]


def _entry(row: Mapping[str, Any]) -> Entry:
    return Entry(
        Position(int(row["transaction"]), row["id"]), row["topic"], row["subject_id"], row["actor_id"],
        row["actor_name"], row["occurred_at"], orjson.loads(row["data"]),
        orjson.loads(row["before"]) if row["before"] else None,
        orjson.loads(row["origin"]) if row["origin"] else {}, row["seal_id"],
    )  # fmt: skip
