"""Writing records: check the given fields, store them, tell what really changed, count the version up."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import Enum
from typing import Any, NoReturn, TypeVar
from uuid import UUID

from tortoise.exceptions import IntegrityError

from domain.kernel.actor import Actor
from domain.kernel.one_record import insert_record, update_record
from domain.kernel.record import Record
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.storing import update_told
from domain.kernel.transactions import one_transaction

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


async def store_new(
    model: type[R], values: Mapping[str, Any], topic: str, *, by: Actor, at: datetime, taken: Conflict | None = None
) -> R:
    """This will store a new record and tell of it, in one statement.

    Raises `taken`, if there is one, where something unique is taken; the transaction under way is spoiled then.
    """
    record = model.born(values, at)
    try:
        await insert_record(record, values, topic, by=by, at=at)
    except IntegrityError:
        raise_taken(taken)
    return record


async def store_changes(
    model: type[R],
    key: UUID | None,
    values: Mapping[str, Any],
    topic: str,
    *,
    expected_version: int | None,
    by: Actor,
    at: datetime,
    taken: Conflict | None = None,
) -> R:
    """This will change those values of a record that differ, whatever the others are, and tell of it, in one statement.

    Where nothing differs, nothing moves. Raises NotFound; Forbidden; Stale where the record has moved on; and `taken`,
    if there is one, where something unique is taken: the transaction under way is spoiled then.
    """
    if key is not None and values:
        try:
            record = await update_record(model, key, values, topic, expected_version=expected_version, by=by, at=at)
        except IntegrityError:
            raise_taken(taken)
        if record is not None:
            return record
    async with one_transaction():  # to find out why nothing was changed, while nobody changes it
        record = await model.locked(key, expected_version=expected_version, by=by)
        await apply_changes(record, values, topic, by=by, at=at, taken=taken)
    return record


async def apply_changes(
    record: Record, values: Mapping[str, Any], topic: str, *, by: Actor, at: datetime, taken: Conflict | None = None
) -> dict[str, Any]:
    """This will store those values of a locked record that differ, tell of them, and return them by name.

    Where nothing differs, nothing moves. Raises `taken`, if there is one, where something unique is taken; the
    transaction under way is spoiled then.
    """
    changed = change(record, values, at=at)
    if changed:
        try:
            await update_told([(record, changed)], topic, by=by, at=at)
        except IntegrityError:
            raise_taken(taken)
    return changed


def change(record: Record, values: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """This will give a record those values that differ, and return them by name; nothing is stored."""
    changed = {name: value for name, value in values.items() if getattr(record, name) != value}
    if changed:
        for name, value in changed.items():
            setattr(record, name, value)
        record.updated_at = at
        record.version += 1
    return changed


def raise_taken(taken: Conflict | None) -> NoReturn:
    """This will turn the error being handled into the refusal, where there is one. Raises it, or the error."""
    if taken is None:
        raise
    raise taken from None
