"""Records and the events that tell of them in one statement, however many they are: they travel as JSON.

PostgreSQL reads JSON by the table's own types, so that a statement depends on the table and on which columns change,
never on how many rows there are. For a single record there is `one_record`, which costs PostgreSQL a fifth less.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from tortoise import fields
from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.record import Record
from domain.kernel.transactions import join_unit

Fact = tuple[Record, Mapping[str, Any]]
"""A record as it is to stand, and the values to tell of it."""

_TOLD = """
    INSERT INTO event (topic, subject_id, actor_id, actor_name, occurred_at, data, before, origin)
    SELECT $2, told.id, $3::uuid, $4, $5::timestamptz, told.data, {before}, $7::jsonb
    FROM stored JOIN json_to_recordset($6::json) AS told(n int, id uuid, data jsonb) ON told.id = stored.id
    ORDER BY told.n
    RETURNING subject_id
"""


async def insert_told(facts: Sequence[Fact], topic: str, *, by: Actor, at: datetime, key: str = "") -> set[UUID]:
    """This will store new records of one type and tell of each, in the order given; returns the ids of those stored.

    Where `key` names a unique column, a record whose key is taken is left out, even by a transaction just ending;
    else it raises IntegrityError, and the transaction is spoiled.
    """
    return await _run(_inserting(type(facts[0][0]), key), facts, topic, by, at)


async def insert_parts(parts: Sequence[Record]) -> None:
    """This will store new records of one type of which the event of their whole tells, such as lines of a document."""
    await join_unit()
    table, columns = type(parts[0])._meta.db_table, ", ".join(type(parts[0])._meta.fields_db_projection.values())
    rows = f"SELECT {columns} FROM json_populate_recordset(NULL::{table}, $1::json)"
    given = as_json([_row(part) for part in parts])
    await get_connection("default").execute_query(f"INSERT INTO {table} ({columns}) {rows}", [given])


async def update_told(facts: Sequence[Fact], topic: str, *, by: Actor, at: datetime) -> set[UUID]:
    """This will store changes of locked records of one type and tell of each, in the order given; returns their ids.

    Raises IntegrityError where something unique is taken, and the transaction is spoiled.
    """
    changed = frozenset(name for _, told in facts for name in told)
    return await _run(_updating(type(facts[0][0]), changed), facts, topic, by, at)


async def _run(sql: str, facts: Sequence[Fact], topic: str, by: Actor, at: datetime) -> set[UUID]:
    await join_unit()
    told = [{"n": n, "id": record.id, "data": data} for n, (record, data) in enumerate(facts)]
    rows = [_row(record) for record, _ in facts]
    values = [as_json(rows), topic, by.user_id, by.name, at, as_json(told), origin_of(by)]
    return {row["subject_id"] for row in await get_connection("default").execute_query_dict(sql, values)}


@lru_cache(256)
def _inserting(model: type[Record], key: str) -> str:
    columns = ", ".join(model._meta.fields_db_projection.values())
    unless = f" ON CONFLICT ({key}) DO NOTHING" if key else ""
    order = f" ORDER BY {key}" if key else ""  # two who store the same keys wait for one another in one direction
    return f"""WITH stored AS (
        INSERT INTO {model._meta.db_table} ({columns})
        SELECT {columns} FROM json_populate_recordset(NULL::{model._meta.db_table}, $1::json){order}{unless}
        RETURNING id
    ) {_TOLD.replace("{before}", "NULL")}"""


@lru_cache(1024)
def _updating(model: type[Record], changed: Collection[str]) -> str:
    names = sorted({*changed, "updated_at", "version"})
    columns = [model._meta.fields_db_projection[name] for name in names]
    table = model._meta.db_table
    was = ", ".join(
        f"'{name}', {as_told(model, name, f'was.{model._meta.fields_db_projection[name]}')}" for name in sorted(changed)
    )
    before = "(SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(stored.before) e WHERE told.data ? e.key)"
    return f"""WITH stored AS (
        UPDATE {table} t SET {", ".join(f"{column} = given.{column}" for column in columns)}
        FROM json_populate_recordset(NULL::{table}, $1::json) given WHERE t.id = given.id
        RETURNING WITH (OLD AS was) t.id, jsonb_build_object({was}) AS before
    ) {_TOLD.replace("{before}", before)}"""


def _row(record: Record) -> dict[str, Any]:
    return {column: getattr(record, name) for name, column in record._meta.fields_db_projection.items()}


def origin_of(by: Actor) -> str | None:
    """This will write by what way somebody acts, as JSON; None where there is nothing to tell."""
    told = by.origin.told()
    return as_json(told) if told else None


def as_told(model: type[Record], name: str, sql: str) -> str:
    """This will give the SQL of a column as events tell it: decimals as text, else as JSON has it."""
    return f"{sql}::text" if isinstance(model._meta.fields_map[name], fields.DecimalField) else sql


def as_json(value: Any) -> str:
    """This will write a value as JSON from which PostgreSQL reads what it was."""
    return orjson.dumps(value, default=_as_text).decode()


def _as_text(value: Any) -> str:
    """What JSON has no form for, as PostgreSQL reads it."""
    if isinstance(value, UUID):  # as asyncpg makes them
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return f"\\x{value.hex()}"
    raise TypeError(f"a {type(value).__name__} cannot be stored")
