"""Verbs of segments: saved, changed, and evaluated anew, so that who belonged when can always be told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.events import emit
from domain.kernel.permissions import Permission
from domain.kernel.transactions import one_transaction
from domain.segments import rules
from domain.segments.models import Segment
from domain.segments.predicates import compile_predicate

TOPIC = "segments.segment"
_REFRESH = """
    WITH wanted AS MATERIALIZED (SELECT c.id FROM customer c WHERE {predicate}), gone AS (
        UPDATE segment_member m
        SET left_at = greatest(m.joined_at, $2::timestamptz), updated_at = $2, version = m.version + 1
        WHERE m.segment_id = $1 AND m.left_at IS NULL AND NOT EXISTS (SELECT FROM wanted w WHERE w.id = m.customer_id)
        RETURNING 1
    ), come AS (
        INSERT INTO segment_member (id, created_at, updated_at, version, segment_id, customer_id, joined_at)
        SELECT uuidv7(), $2, $2, 1, $1, w.id, $2 FROM wanted w WHERE NOT EXISTS (
            SELECT FROM segment_member m WHERE m.segment_id = $1 AND m.customer_id = w.id AND m.left_at IS NULL)
        RETURNING 1
    ), counted AS (
        UPDATE segment SET refreshed_at = $2, member_count = (SELECT count(*) FROM wanted) WHERE id = $1
    )
    SELECT (SELECT count(*) FROM wanted)::int AS members, (SELECT count(*) FROM come)::int AS joined,
        (SELECT count(*) FROM gone)::int AS left"""


async def create_segment(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Segment:
    """This will save what customers have in common. Needs `name` and `predicate`; its members are found by a refresh.

    Raises Unauthenticated, Invalid, NameTaken.
    """
    by.must(Permission.SEGMENTS_WRITE)
    values = check_fields(given, rules.SEGMENT, required=("name", "predicate"))
    return await store_new(Segment, values, f"{TOPIC}.created", by=by, at=at, taken=rules.NameTaken())


async def update_segment(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Segment:
    """This will change a segment; another predicate counts its version up, and its members are found by a refresh.

    Raises Unauthenticated, Invalid, NotFound, Stale, NameTaken.
    """
    by.must(Permission.SEGMENTS_WRITE)
    values = check_fields(given, rules.SEGMENT, required=("name", "predicate"))
    async with one_transaction():
        segment = await Segment.locked(key, expected_version=expected_version, by=by)
        if "predicate" in values and values["predicate"] != segment.predicate:
            values["predicate_version"] = segment.predicate_version + 1
        await apply_changes(segment, values, f"{TOPIC}.updated", by=by, at=at, taken=rules.NameTaken())
    return segment


async def refresh_segment(key: UUID | None, *, by: Actor, at: datetime) -> dict[str, int]:
    """This will find out who belongs to a segment: who came, and who left, each with the moment; in one statement.

    Returns `members`, `joined` and `left`. Raises Unauthenticated, NotFound.
    """
    by.must(Permission.SEGMENTS_WRITE)
    async with one_transaction():
        segment = await Segment.locked(key, by=by)
        made = compile_predicate(segment.predicate, at="$2::timestamptz", bound=[segment.id, at])
        sql = _REFRESH.replace("{predicate}", made.sql)
        (row,) = await get_connection("default").execute_query_dict(sql, made.bound)
        if row["joined"] or row["left"]:
            await emit(f"{TOPIC}.refreshed", segment.id, by=by, at=at, **row)
    return dict(row)
