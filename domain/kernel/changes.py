"""Changing a record: apply the given fields, report what really changed, count the version up."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any

from domain.kernel.record import Record


class Unset(Enum):
    """The absence of a value in an update, which leaves the field alone; None empties it."""

    UNSET = "unset"


UNSET = Unset.UNSET


async def apply_changes(record: Record, given: Mapping[str, Any], *, at: datetime) -> dict[str, Any]:
    """This will store those of the given fields that differ, and return them by name; nothing differs, nothing moves."""
    changed = {
        name: value for name, value in given.items() if value is not UNSET and getattr(record, name) != value
    }
    if changed:
        record.update_from_dict(changed)
        record.updated_at = at
        record.version += 1
        await record.save(update_fields=[*changed, "updated_at", "version"])
    return changed
