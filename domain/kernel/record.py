"""What every table of masters and documents shares: identity, birth and a version against lost updates."""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self
from uuid import UUID

from tortoise import Model, fields
from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.guard import Guard, bound
from domain.kernel.ids import new_id
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Forbidden, NotFound, Stale


class Record(Model):
    """A row with an identity: `id` (UUIDv7), `created_at` and `updated_at` (UTC), `version` (1, 2, …)."""

    prefix: ClassVar[str]
    """What its public ids begin with."""
    guard: ClassVar[Guard]
    """Who may see and change its rows."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(description="When it was first stored (UTC).")
    updated_at = fields.DatetimeField(description="When it last changed (UTC).")
    version = fields.IntField(default=1, description="1 at birth, one more at each change.")
    is_permitted: bool = True
    """Whether the actor for whom the row was locked may change it."""

    class Meta:
        abstract = True

    @classmethod
    def born(cls, values: Mapping[str, Any], at: datetime) -> Self:
        """This will make a new record of values that have passed the rules, by field name; the others are defaults.

        Without the conversions of Tortoise's own constructor, which cost twice as much as the rules of a customer.
        Raises TypeError for a name that is no column.
        """
        given = {"created_at": at, "updated_at": at, **values}
        if unknown := given.keys() - cls._meta.fields_db_projection.keys():
            raise TypeError(f"{cls.__name__} has no column for {', '.join(sorted(unknown))}")
        columns = {
            column: given[name] if name in given else default() if callable(default) else default
            for name, column, default in cls._defaults()
        }
        return cls._init_from_db(**columns)

    @classmethod
    @cache
    def _defaults(cls) -> list[tuple[str, str, Any]]:
        return [
            (name, column, cls._meta.fields_map[name].default)
            for name, column in cls._meta.fields_db_projection.items()
        ]

    @classmethod
    async def seen(cls, keys: Collection[UUID | None], *, by: Actor) -> set[UUID]:
        """This will tell which of the rows there are that the actor may see."""
        seen = cls.guard.seen(by, "t") or "TRUE"
        sql, values = bound(f"SELECT t.id FROM {cls._meta.db_table} t WHERE t.id = ANY($1::uuid[]) AND {seen}", by, 2)
        rows = await get_connection("default").execute_query_dict(sql, [list(keys), *values])
        return {row["id"] for row in rows}

    @classmethod
    async def held(cls, keys: Collection[UUID | None], *field: str, by: Actor, to: Permission | None = None) -> None:
        """This will keep rows from being deleted until the transaction ends; others may change them meanwhile.

        With `to`, the actor must be permitted that over each. Raises NotFound where one is missing or not for the actor
        to see, and Forbidden.
        """
        wanted = set(keys)
        seen = cls.guard.seen(by, "t") or "TRUE"
        may = (cls.guard.changed(by, "t", to) if to else "") or "TRUE"
        sql, values = bound(
            f"SELECT {may} AS may FROM {cls._meta.db_table} t WHERE t.id = ANY($1::uuid[]) AND {seen} "
            "FOR KEY SHARE OF t",
            by,
            2,
        )
        found = await get_connection("default").execute_query_dict(sql, [list(wanted), *values])
        if len(found) < len(wanted):
            raise cls._missing(*field)
        if not all(row["may"] for row in found):
            raise cls._not_yours(*field)

    @classmethod
    async def locked(
        cls,
        key: UUID | None,
        *field: str,
        expected_version: int | None = None,
        by: Actor,
        to: Permission | None = None,
    ) -> Self:
        """This will lock one row for a change until the transaction ends; its key stays as it is.

        The actor must be permitted `to`, else what its table asks of whoever changes it. Raises NotFound where it is
        missing or not for the actor to see, Forbidden, and Stale where it has moved on.
        """
        (found,) = await cls.locked_by("id", [key], by=by, to=to) or (None,)
        if found is None:
            raise cls._missing(*field)
        if not found.is_permitted:
            raise cls._not_yours(*field)
        if expected_version is not None and found.version != expected_version:
            raise Stale(
                f"It has changed since you read it: version {found.version}, not {expected_version}. "
                "Read it again and repeat your change.",
                "expected_version",
                record=found,
            )
        return found

    @classmethod
    async def locked_by(
        cls, column: str, values: Collection[Any], *, by: Actor, to: Permission | None = None
    ) -> list[Self]:
        """This will lock the rows whose unique column holds one of the values, likewise, always in the same order.

        It gives those that the actor may see; `is_permitted` says of each whether they may change it.
        """
        kind = "uuid" if column == "id" else "text"
        columns = ", ".join(f"t.{name}" for name in cls._meta.fields_db_projection.values())
        seen, may = cls.guard.seen(by, "t") or "TRUE", cls.guard.changed(by, "t", to) or "TRUE"
        sql, given = bound(
            f"SELECT {columns}, {may} AS is_permitted FROM {cls._meta.db_table} t "
            f"WHERE t.{column} = ANY($1::{kind}[]) AND {seen} ORDER BY t.{column} FOR NO KEY UPDATE OF t",
            by,
            2,
        )
        rows = await get_connection("default").execute_query_dict(sql, [list(values), *given])
        found = []
        for row in rows:
            is_permitted = row.pop("is_permitted")
            record = cls._init_from_db(**row)
            record.is_permitted = is_permitted
            found.append(record)
        return found

    @classmethod
    def _not_yours(cls, *field: str) -> Forbidden:
        return Forbidden(
            f"You may see this {_noun(cls)}, not change it: that is for its owner, or whoever your roles let do so.",
            *(field or ("id",)),
        )

    @classmethod
    def _missing(cls, *field: str) -> NotFound:
        return NotFound(f"There is no {_noun(cls)} with this id.", *(field or ("id",)))


def records() -> Iterator[type[Record]]:
    """This will give every model of records there is."""
    yield from (model for model in Record.__subclasses__() if not model._meta.abstract)


def _noun(model: type[Record]) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", model.__name__).lower()
