"""What every table of masters and documents shares: identity, birth and a version against lost updates."""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Self
from uuid import UUID

from tortoise import Model, fields
from tortoise.connection import get_connection

from domain.kernel.ids import new_id
from domain.kernel.refusals import NotFound, Stale


class Record(Model):
    """A row with an identity: `id` (UUIDv7), `created_at` and `updated_at` (UTC), `version` (1, 2, …)."""

    prefix: ClassVar[str]
    """What its public ids begin with."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(description="When it was first stored (UTC).")
    updated_at = fields.DatetimeField(description="When it last changed (UTC).")
    version = fields.IntField(default=1, description="1 at birth, one more at each change.")

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
    async def held(cls, keys: Collection[UUID | None], *field: str) -> None:
        """This will keep rows from being deleted until the transaction ends; others may change them meanwhile.

        Raises NotFound where one of them is missing.
        """
        wanted = set(keys)
        found = await get_connection("default").execute_query_dict(
            f"SELECT id FROM {cls._meta.db_table} WHERE id = ANY($1::uuid[]) FOR KEY SHARE", [list(wanted)]
        )
        if len(found) < len(wanted):
            raise cls._missing(*field)

    @classmethod
    async def locked(cls, key: UUID | None, *field: str, expected_version: int | None = None) -> Self:
        """This will lock one row for a change until the transaction ends; its key stays as it is.

        Raises NotFound, and Stale where it has moved on.
        """
        (found,) = await cls.locked_by("id", [key]) or (None,)
        if found is None:
            raise cls._missing(*field)
        if expected_version is not None and found.version != expected_version:
            raise Stale(
                f"It has changed since you read it: version {found.version}, not {expected_version}. "
                "Read it again and repeat your change.",
                "expected_version",
                record=found,
            )
        return found

    @classmethod
    async def locked_by(cls, column: str, values: Collection[Any]) -> list[Self]:
        """This will lock the rows whose unique column holds one of the values, likewise, always in the same order."""
        kind = "uuid" if column == "id" else "text"
        columns = ", ".join(cls._meta.fields_db_projection.values())
        rows = await get_connection("default").execute_query_dict(
            f"SELECT {columns} FROM {cls._meta.db_table} WHERE {column} = ANY($1::{kind}[]) ORDER BY {column} "
            "FOR NO KEY UPDATE",
            [list(values)],
        )
        return [cls._init_from_db(**row) for row in rows]

    @classmethod
    def _missing(cls, *field: str) -> NotFound:
        noun = re.sub(r"(?<!^)(?=[A-Z])", " ", cls.__name__).lower()
        return NotFound(f"There is no {noun} with this id.", *(field or ("id",)))
