"""The columns of a file and how their text is read; what may stand in them is for the rules of their context."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from domain.kernel.changes import Check
from domain.kernel.refusals import Invalid

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,18}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its name, the type its values are stored by, and the rule that every value must pass."""

    name: str
    type: str
    check: Check
    required: bool = False


def check_values(columns: Sequence[Column], values: Sequence[str | None]) -> list[Any]:
    """This will check the values of a row by the rules of its columns, and return what to store. Raises Invalid."""
    checked: list[Any] = []
    for column, text in zip(columns, values, strict=True):
        if text is not None:
            checked.append(column.check(text, column.name))
        elif column.required:
            raise Invalid(f"{column.name} is missing.", column.name)
        else:
            checked.append(None)
    return checked


def read_moment(text: str, *field: str) -> datetime:
    """This will read a moment as ISO 8601 with its time zone; a date alone is its midnight in UTC.

    Raises Invalid for anything else, and for what lies before 1900 or behind 2199.
    """
    label = field[-1]
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{label} is not a date; write it like 2024-05-01 or 2024-05-01T09:30:00Z.", *field) from None
    if moment.tzinfo is None:
        if not _DAY.fullmatch(text):
            raise Invalid(f"{label} has no time zone; write it like 2024-05-01T09:30:00Z.", *field)
        moment = moment.replace(tzinfo=UTC)
    if not EARLIEST <= moment < LATEST:
        raise Invalid(f"{label} must lie in the years 1900 to 2199.", *field)
    return moment


def read_whole(text: str, *field: str) -> int:
    """This will read a whole number of at most 18 digits. Raises Invalid."""
    if not _WHOLE.fullmatch(text):
        raise Invalid(f"{field[-1]} must be a whole number.", *field)
    return int(text)
