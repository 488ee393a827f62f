"""Erasing values from the event log, so that its seals still tell whether anybody else has touched it.

The log is append-only with one exception, which the database holds everybody to: a value may become ERASED. Where an
event was sealed before, a redaction is written beside it: the digest of what the event says since, and a proof made
with a secret that the database does not have. `seals.verify` takes an event for whole that says what its seal has, or
what one of its redactions proves.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import orjson
from tortoise import fields
from tortoise.connection import get_connection
from tortoise.indexes import Index
from tortoise.models import Model

from domain.kernel.seals import CONTENT, TURN, SealKeys, digest_of, proof_of
from domain.kernel.transactions import join_unit

ERASED = "[erased]"
"""What stands in the place of a value that was erased."""


class EventRedaction(Model):
    """That values of a sealed event were erased: what it says since, and the proof. Never updated, never deleted."""

    id = fields.BigIntField(primary_key=True, generated=True)
    event_id = fields.BigIntField(description="The event, which may have several.")
    key_name = fields.CharField(max_length=16, description="The key that digest and proof are made with, by name.")
    digest = fields.CharField(max_length=64, description="HMAC-SHA-256 of all that the event says since, as hex.")
    proof = fields.CharField(max_length=64, description="HMAC-SHA-256 of event, seal and this digest, as hex.")

    class Meta:
        table = "event_redaction"
        indexes = (Index(fields=("event_id", "id")),)


async def redact(names: Mapping[UUID, Collection[str]], keys: SealKeys) -> int:
    """This will erase values from all events of these subjects, by the names of the values, in the running transaction.

    Returns how many events have changed. Nobody seals meanwhile: what is sealed later is sealed as it is then.
    """
    await join_unit()
    await _rows(f"SELECT pg_advisory_xact_lock({TURN})")
    given = [{"subject_id": str(subject), "names": sorted(its)} for subject, its in names.items()]
    changed = await _rows(
        f"""UPDATE event e SET data = {_erased("data")}, before = {_erased("before")}
        FROM jsonb_to_recordset($1::jsonb) AS given(subject_id uuid, names text[])
        WHERE e.subject_id = given.subject_id
            AND (e.data IS DISTINCT FROM {_erased("data")} OR e.before IS DISTINCT FROM {_erased("before")})
        RETURNING {CONTENT}""",
        orjson.dumps(given).decode(),
    )
    if changed:
        await _prove({event["id"]: event for event in changed}, keys)
    return len(changed)


async def _prove(events: Mapping[int, Mapping[str, Any]], keys: SealKeys) -> None:
    seals = await _rows("SELECT event_id, digest FROM event_seal WHERE event_id = ANY($1::bigint[])", list(events))
    secret, rows = keys.known[keys.present], list[tuple[Any, ...]]()
    for seal in seals:
        digest = digest_of(events[seal["event_id"]], secret)
        proof = proof_of(seal["event_id"], seal["digest"], digest, secret)
        rows.append((seal["event_id"], keys.present, digest, proof))
    if rows:
        await _rows(
            "INSERT INTO event_redaction (event_id, key_name, digest, proof) SELECT * FROM "
            "unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) RETURNING id",
            *map(list, zip(*rows, strict=True)),
        )


def _erased(column: str) -> str:
    """The SQL of a column of values by name, with those erased that there are among the given names."""
    return f"""CASE WHEN e.{column} IS NOT NULL THEN COALESCE((SELECT jsonb_object_agg(v.key, CASE
        WHEN v.key = ANY(given.names) AND v.value <> 'null'::jsonb THEN '"{ERASED}"'::jsonb ELSE v.value END)
        FROM jsonb_each(e.{column}) v), '{{}}'::jsonb) END"""


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql, list(values))
