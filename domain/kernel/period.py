"""Periods of time, half-open [start, end) in whole days, and the calendars that cut them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import available_timezones

from domain.kernel.refusals import Invalid


class Grain(StrEnum):
    """How long one step of a series is."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@cache
def time_zones() -> frozenset[str]:
    """This will name the time zones of the IANA database, such as Europe/Berlin: those that keep to a place's law."""
    return frozenset(available_timezones()) - {"Factory", "localtime", "posixrules"}


def check_time_zone(name: str, *field: str) -> str:
    """This will return the name of a time zone. Raises Invalid where the IANA database has none of that name."""
    if name not in time_zones():
        raise Invalid("{field} is not an IANA time zone, such as Europe/Berlin.", *field)
    return name


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` up to, and without, `end`. Raises Invalid unless start < end."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise Invalid("The period must start before it ends; the end day itself is outside.", "end")

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    @property
    def days(self) -> int:
        """How many days it holds."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class FiscalCalendar:
    """A year of twelve calendar months that begins on the first of `first_month`, named by the year it ends in.

    With first_month=1 the fiscal year is the calendar year. Weeks are ISO 8601 weeks and begin on Monday.
    """

    first_month: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.first_month <= 12:
            raise Invalid("{field} must be from 1 (January) to 12 (December).", "first_month")

    def year(self, number: int) -> Period:
        """This will give the fiscal year of that name."""
        start_year = number if self.first_month == 1 else number - 1
        return Period(date(start_year, self.first_month, 1), date(start_year + 1, self.first_month, 1))

    def containing(self, day: date, grain: Grain) -> Period:
        """This will give the period of the grain that the day falls into."""
        match grain:
            case Grain.DAY:
                return Period(day, day + timedelta(days=1))
            case Grain.WEEK:
                monday = day - timedelta(days=day.weekday())
                return Period(monday, monday + timedelta(days=7))
            case Grain.MONTH:
                return self._months(day, 1)
            case Grain.QUARTER:
                return self._months(day, 3)
            case Grain.YEAR:
                return self._months(day, 12)

    def split(self, period: Period, grain: Grain) -> Iterator[Period]:
        """This will cut a period into whole periods of the grain; the first and last may reach beyond it."""
        step = self.containing(period.start, grain)
        while step.start < period.end:
            yield step
            step = self.containing(step.end, grain)

    def _months(self, day: date, length: int) -> Period:
        behind = (day.month - self.first_month) % length
        start = _add_months(day.replace(day=1), -behind)
        return Period(start, _add_months(start, length))


def _add_months(first: date, months: int) -> date:
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(years, month + 1, 1)
