"""What every table of masters and documents shares: identity, birth and a version against lost updates."""

from typing import Self
from uuid import UUID

from tortoise import Model, fields

from domain.kernel.ids import new_id
from domain.kernel.refusals import NotFound, Stale


class Record(Model):
    """A row with an identity: `id` (UUIDv7), `created_at` and `updated_at` (UTC), `version` (1, 2, …)."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(description="When it was first stored (UTC).")
    updated_at = fields.DatetimeField(description="When it last changed (UTC).")
    version = fields.IntField(default=1, description="1 at birth, one more at each change.")

    class Meta:
        abstract = True

    @classmethod
    async def locked(cls, key: UUID | None, *field: str, expected_version: int | None = None) -> Self:
        """This will lock one row until the transaction ends. Raises NotFound, and Stale where it has moved on."""
        found = await cls.filter(id=key).select_for_update().first() if key else None
        if found is None:
            raise NotFound(f"There is no {cls.__name__.lower()} with this id.", *(field or ("id",)))
        if expected_version is not None and found.version != expected_version:
            raise Stale(
                f"It has changed since you read it: version {found.version}, not {expected_version}. "
                "Read it again and repeat your change.",
                "expectedVersion",
            )
        return found
