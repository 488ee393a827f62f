"""Words and law of KPIs: which way is better, how long periods are, what may be written about them."""

from collections.abc import Mapping
from datetime import date

from domain.kernel.changes import Check
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text

FIRST_YEAR, LAST_YEAR = 1900, 2200


def check_day(day: date, *field: str) -> date:
    """This will return the day. Raises Invalid before 1900 and from 2200 on."""
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise Invalid(f"{{field}} must lie between {FIRST_YEAR} and {LAST_YEAR - 1}.", *field)
    return day


ANNOTATION: Mapping[str, Check] = {
    "day": check_day,
    "text": lambda value, *field: clean_text(value, *field, longest=300),
}
"""The rule of each field of a remark that people may write."""
