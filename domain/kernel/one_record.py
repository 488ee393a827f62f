"""One record, the event that tells of it, and what is to be read of it then: one statement, one round trip.

It is sent in the transaction under way. Where a unit has an echo of the record, it stands by itself instead, and gives
the echo in its first two columns.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

import asyncpg
from tortoise import fields
from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.record import Record
from domain.kernel.storing import as_json
from domain.kernel.transactions import unit_under_way

R = TypeVar("R", bound=Record)


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
    await _send(model, record.id, _inserting, (), [*given, *_event(told, topic, by, at)])


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

    Gives None, and does nothing, where there is no such record, it has another version, or nothing differs. Raises
    IntegrityError where something unique is taken; a transaction under way is spoiled then.
    """
    names = tuple(sorted(values))
    given = [_sent(model, name, values[name]) for name in names]
    row = await _send(model, key, _updating, names, [key, expected_version, at, *given, *_event(values, topic, by, at)])
    if row is None:
        return None
    columns = model._meta.fields_db_projection.values()
    return model._init_from_db(**dict(zip(columns, row[2:], strict=True)))


async def _send(
    model: type[Record], key: UUID, written: Callable[..., Written], names: Sequence[str], values: Sequence[Any]
) -> Sequence[Any] | None:
    unit = unit_under_way()
    echo = await unit.alone(model._meta.db_table) if unit else None
    if unit and echo:
        sql = _reading(written(model, names, len(echo.values)), echo.sql)
        try:
            return await unit.send(key, sql, [*echo.values, *values])
        except (asyncpg.DataError, ValueError):  # the server's, and asyncpg's own: nothing is stored
            await unit.begin()  # it may be the echo's value: what the statement itself comes to is told first
    sql = _reading(written(model, names, 0), "")
    _, rows = await get_connection("default").execute_query(sql, list(values))
    return cast(Sequence[Any] | None, rows[0] if rows else None)


def _reading(written: Written, echo: str) -> str:
    if not echo:
        return f"WITH {written.parts} SELECT NULL AS v, NULL AS w{written.columns} FROM stored s"
    return f"WITH {written.parts} SELECT echo.v, echo.w{written.columns} FROM stored s LEFT JOIN ({echo}) echo ON TRUE"


@lru_cache(1024)
def _inserting(model: type[Record], _: Sequence[str], echoed: int) -> Written:
    """Parameters: those of the echo, the columns of the model, the event."""
    columns = list(model._meta.fields_db_projection.values())
    first = echoed + 1
    given = ", ".join(f"${first + place}" for place in range(len(columns)))
    parts = f"""stored AS (
        INSERT INTO {model._meta.db_table} ({", ".join(columns)}) VALUES ({given}) RETURNING *
    ), {_telling(first + len(columns), "")}"""
    return Written(parts, "")


@lru_cache(1024)
def _updating(model: type[Record], names: Sequence[str], echoed: int) -> Written:
    """Parameters: those of the echo, key, version, moment, the columns by the order of their names, the event."""
    columns = [model._meta.fields_db_projection[name] for name in names]
    key, version, moment, *places = (f"${echoed + 1 + place}" for place in range(3 + len(columns)))
    given = list(zip(columns, places, strict=True))
    changes = [f"{column} = {place}" for column, place in given]
    differs = [f"t.{column} IS DISTINCT FROM {place}" for column, place in given]
    same = [
        f"CASE WHEN was.{column} IS NOT DISTINCT FROM t.{column} THEN '{name}' END"
        for name, column in zip(names, columns, strict=True)
    ]
    read = "".join(f", s.{column}" for column in model._meta.fields_db_projection.values())
    parts = f"""stored AS (
        UPDATE {model._meta.db_table} t SET {", ".join([*changes, f"updated_at = {moment}", "version = t.version + 1"])}
        WHERE t.id = {key} AND ({version}::int IS NULL OR t.version = {version}) AND ({" OR ".join(differs)})
        RETURNING WITH (OLD AS was) t.*, ARRAY[{", ".join(same)}] AS same
    ), {_telling(echoed + 4 + len(columns), " - same")}"""
    return Written(parts, read)


def _telling(first: int, less: str) -> str:
    topic, actor, name, at, data = (f"${first + place}" for place in range(5))
    return f"""told AS (
        INSERT INTO event (topic, subject_id, actor_id, actor_name, occurred_at, data)
        SELECT {topic}, id, {actor}::uuid, {name}, {at}::timestamptz, {data}::jsonb{less} FROM stored
    )"""


def _event(told: Mapping[str, Any], topic: str, by: Actor, at: datetime) -> list[Any]:
    return [topic, by.user_id, by.name, at, as_json(told)]


def _sent(model: type[Record], name: str, value: Any) -> Any:
    """The value as asyncpg takes it."""
    is_json = isinstance(model._meta.fields_map[name], fields.JSONField)
    return as_json(value) if is_json and value is not None else value
