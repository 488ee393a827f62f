"""One record, the event that tells of it, and what is to be read of it then: one statement, one round trip.

It is sent in the transaction under way. Where a unit has an echo of the record, it stands by itself instead, and gives
the echo in its first two columns.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

import asyncpg
from tortoise import fields
from tortoise.connection import get_connection

from domain.kernel.actor import NOBODY, Actor
from domain.kernel.guard import bound
from domain.kernel.record import Record
from domain.kernel.storing import as_json, as_told, origin_of
from domain.kernel.transactions import unit_under_way

R = TypeVar("R", bound=Record)
EVENT = 6
"""How many parameters an event has."""


class Written(NamedTuple):
    """What stores and tells, as common table expressions, and what is to be read of the row beside the echo."""

    parts: str
    columns: str


async def insert_record(record: Record, told: Mapping[str, Any], topic: str, *, by: Actor, at: datetime) -> None:
    """This will store a new record, and tell of it with the values given.

    Raises IntegrityError where something unique is taken; a transaction under way is spoiled then.
    """
    model = type(record)
    given = [_sent(model, name, getattr(record, name)) for name in model._meta.fields_db_projection]
    await _send(model, record.id, partial(_inserting, model), [*given, *_event(told, topic, by, at)])


async def update_record(
    model: type[R],
    key: UUID,
    values: Mapping[str, Any],
    topic: str,
    *,
    expected_version: int | None,
    by: Actor,
    at: datetime,
) -> R | None:
    """This will change those values that differ, tell of those, and give the record as it stands then.

    Gives None, and does nothing, where there is no such record that the actor may change, it has another version, or
    nothing differs. Raises IntegrityError where something unique is taken; a transaction under way is spoiled then.
    """
    names = tuple(sorted(values))
    given = [_sent(model, name, values[name]) for name in names]
    permitted = model.guard.changed(by, "t")
    written = partial(_updating, model, names, permitted)
    _, narrowing = bound(permitted, by, 1)
    told = _event(values, topic, by, at)
    row = await _send(model, key, written, [key, expected_version, at, *given, *told, *narrowing])
    if row is None:
        return None
    columns = model._meta.fields_db_projection.values()
    return model._init_from_db(**dict(zip(columns, row[2:], strict=True)))


async def _send(
    model: type[Record], key: UUID, written: Callable[[int], Written], values: Sequence[Any]
) -> Sequence[Any] | None:
    unit = unit_under_way()
    echo = await unit.alone(model._meta.db_table) if unit else None
    if unit and echo:
        sql = _reading(written(len(echo.values)), echo.sql)
        try:
            return await unit.send(key, sql, [*echo.values, *values])
        except (asyncpg.DataError, ValueError):  # the server's, and asyncpg's own: nothing is stored
            await unit.begin()  # it may be the echo's value: what the statement itself comes to is told first
    sql = _reading(written(0), "")
    _, rows = await get_connection("default").execute_query(sql, list(values))
    return cast(Sequence[Any] | None, rows[0] if rows else None)


def _reading(written: Written, echo: str) -> str:
    if not echo:
        return f"WITH {written.parts} SELECT NULL AS v, NULL AS w{written.columns} FROM stored s"
    return f"WITH {written.parts} SELECT echo.v, echo.w{written.columns} FROM stored s LEFT JOIN ({echo}) echo ON TRUE"


@lru_cache(1024)
def _inserting(model: type[Record], echoed: int) -> Written:
    """Parameters: those of the echo, the columns of the model, the event."""
    columns = list(model._meta.fields_db_projection.values())
    first = echoed + 1
    given = ", ".join(f"${first + place}" for place in range(len(columns)))
    parts = f"""stored AS (
        INSERT INTO {model._meta.db_table} ({", ".join(columns)}) VALUES ({given}) RETURNING *
    ), {_telling(first + len(columns), "", "NULL")}"""
    return Written(parts, "")


@lru_cache(1024)
def _updating(model: type[Record], names: Sequence[str], permitted: str, echoed: int) -> Written:
    """Parameters: those of the echo, key, version, moment, the columns by the order of their names, the event, and what
    `permitted` binds.

    `permitted` is the condition for the actor to change the row, where there is one.
    """
    columns = [model._meta.fields_db_projection[name] for name in names]
    key, version, moment, *places = (f"${echoed + 1 + place}" for place in range(3 + len(columns)))
    given = list(zip(columns, places, strict=True))
    changes = [f"{column} = {place}" for column, place in given]
    differs = [f"t.{column} IS DISTINCT FROM {place}" for column, place in given]
    before = ", ".join(
        f"'{name}', {as_told(model, name, f'was.{column}')}" for name, column in zip(names, columns, strict=True)
    )
    same = [
        f"CASE WHEN was.{column} IS NOT DISTINCT FROM t.{column} THEN '{name}' END"
        for name, column in zip(names, columns, strict=True)
    ]
    event = echoed + 4 + len(columns)
    narrowed, _ = bound(permitted, NOBODY, event + EVENT)
    may = f" AND {narrowed}" if permitted else ""
    read = "".join(f", s.{column}" for column in model._meta.fields_db_projection.values())
    parts = f"""stored AS (
        UPDATE {model._meta.db_table} t SET {", ".join([*changes, f"updated_at = {moment}", "version = t.version + 1"])}
        WHERE t.id = {key} AND ({version}::int IS NULL OR t.version = {version}) AND ({" OR ".join(differs)}){may}
        RETURNING WITH (OLD AS was) t.*, ARRAY[{", ".join(same)}] AS same,
            jsonb_build_object({before}) AS before
    ), {_telling(event, " - same", "before - same")}"""
    return Written(parts, read)


def _telling(first: int, less: str, before: str) -> str:
    topic, actor, name, at, data, origin = (f"${first + place}" for place in range(6))
    return f"""told AS (
        INSERT INTO event (topic, subject_id, actor_id, actor_name, occurred_at, data, before, origin)
        SELECT {topic}, id, {actor}::uuid, {name}, {at}::timestamptz, {data}::jsonb{less}, {before}, {origin}::jsonb
        FROM stored
    )"""


def _event(told: Mapping[str, Any], topic: str, by: Actor, at: datetime) -> list[Any]:
    return [topic, by.user_id, by.name, at, as_json(told), origin_of(by)]


def _sent(model: type[Record], name: str, value: Any) -> Any:
    """The value as asyncpg takes it."""
    is_json = isinstance(model._meta.fields_map[name], fields.JSONField)
    return as_json(value) if is_json and value is not None else value
