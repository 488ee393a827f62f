"""What somebody owns goes to a successor: every table whose guard names an owner, each in one statement."""

from datetime import datetime
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.record import Record, records
from domain.kernel.storing import origin_of

OWNER = "owner_id"
TOPIC = "access.record.handed_over"


def owned() -> list[type[Record]]:
    """This will give the models whose rows have an owner who may change, in the order of their tables' names."""
    found = [model for model in records() if model.guard.owner == OWNER]
    return sorted(found, key=lambda model: model._meta.db_table)


async def hand_over(owner: UUID, successor: UUID, *, by: Actor, at: datetime) -> int:
    """This will give all that somebody owns to a successor, and tell of each record; returns how many there were.

    In the running transaction: a record is with the one or the other, and an event tells of every change.
    """
    count = 0
    for model in owned():
        (row,) = await get_connection("default").execute_query_dict(
            f"""WITH given AS (
                UPDATE {model._meta.db_table} t SET owner_id = $2::uuid, version = t.version + 1,
                    updated_at = $5::timestamptz
                WHERE t.owner_id = $1::uuid RETURNING t.id
            ), told AS (
                INSERT INTO event (topic, subject_id, actor_id, actor_name, occurred_at, data, before, origin)
                SELECT $6, id, $3::uuid, $4, $5::timestamptz, jsonb_build_object('owner_id', $2::uuid),
                    jsonb_build_object('owner_id', $1::uuid), $7::jsonb FROM given
            )
            SELECT count(*) AS count FROM given""",
            [owner, successor, by.user_id, by.name, at, TOPIC, origin_of(by)],
        )
        count += row["count"]
    return count
