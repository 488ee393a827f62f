"""Writing records: check the given fields, store them, report what really changed, count the version up."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from domain.kernel.record import Record
from domain.kernel.refusals import Conflict, Invalid

Check = Callable[..., Any]
"""Takes a value and the path it came by; returns the value to store. Raises Invalid."""

R = TypeVar("R", bound=Record)


class Unset(Enum):
    """The absence of a value in an update, which leaves the field alone; None empties it."""

    UNSET = "unset"


UNSET = Unset.UNSET


def check_fields(given: Mapping[str, Any], checks: Mapping[str, Check], *, required: Iterable[str]) -> dict[str, Any]:
    """This will check every given field by its rule and return the values to store; unset fields are left out.

    Raises Invalid, naming the field, where a rule is broken or a required field is given as None.
    """
    values = {name: value for name, value in given.items() if value is not UNSET}
    for name in required:
        if name in values and values[name] is None:
            raise Invalid("{field} must have a value; leave it out to keep the present one.", name)
    return {name: checks[name](value, name) for name, value in values.items()}


async def store_new(record: R, *, at: datetime, taken: Conflict | None = None) -> R:
    """This will store a new record. Raises `taken`, if there is one, where something unique is taken."""
    record.created_at = record.updated_at = at
    try:
        async with in_transaction():
            await record.save(force_create=True)
    except IntegrityError:
        if taken is None:
            raise
        raise taken from None
    return record


async def apply_changes(
    record: Record, values: Mapping[str, Any], *, at: datetime, taken: Conflict | None = None
) -> dict[str, Any]:
    """This will store those values that differ, and return them by name; where nothing differs, nothing moves.

    Raises `taken`, if there is one, where something unique is taken.
    """
    changed = {name: value for name, value in values.items() if getattr(record, name) != value}
    if changed:
        record.update_from_dict(changed)
        record.updated_at = at
        record.version += 1
        try:
            async with in_transaction():
                await record.save(update_fields=[*changed, "updated_at", "version"])
        except IntegrityError:
            if taken is None:
                raise
            raise taken from None
    return changed
