"""Periods are half-open; calendars cut time without gap or overlap."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.period import FiscalCalendar, Grain, Period, check_time_zone
from domain.kernel.refusals import Invalid

DAYS = st.dates(date(1950, 1, 1), date(2150, 1, 1))
CALENDARS = st.integers(1, 12).map(FiscalCalendar)


def test_the_end_is_outside() -> None:
    period = Period(date(2024, 2, 1), date(2024, 3, 1))
    assert date(2024, 2, 29) in period
    assert date(2024, 3, 1) not in period
    assert period.days == 29


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(Invalid):
        Period(date(2024, 2, 1), date(2024, 2, 1))


@pytest.mark.parametrize(
    ("first_month", "day", "grain", "start", "end"),
    [
        (1, "2024-05-05", Grain.WEEK, "2024-04-29", "2024-05-06"),
        (1, "2024-12-31", Grain.QUARTER, "2024-10-01", "2025-01-01"),
        (4, "2024-03-31", Grain.QUARTER, "2024-01-01", "2024-04-01"),
        (4, "2024-03-31", Grain.YEAR, "2023-04-01", "2024-04-01"),
        (2, "2024-01-15", Grain.QUARTER, "2023-11-01", "2024-02-01"),
        (10, "2024-10-01", Grain.YEAR, "2024-10-01", "2025-10-01"),
    ],
)
def test_known_periods(first_month: int, day: str, grain: Grain, start: str, end: str) -> None:
    found = FiscalCalendar(first_month).containing(date.fromisoformat(day), grain)
    assert found == Period(date.fromisoformat(start), date.fromisoformat(end))


def test_a_fiscal_year_is_named_by_the_year_it_ends_in() -> None:
    assert FiscalCalendar(4).year(2025) == Period(date(2024, 4, 1), date(2025, 4, 1))
    assert FiscalCalendar().year(2025) == Period(date(2025, 1, 1), date(2026, 1, 1))


@given(CALENDARS, DAYS, st.sampled_from(Grain))
def test_every_day_lies_in_just_one_period(calendar: FiscalCalendar, day: date, grain: Grain) -> None:
    period = calendar.containing(day, grain)
    assert day in period
    assert calendar.containing(period.start, grain) == period
    assert calendar.containing(period.end - timedelta(days=1), grain) == period
    assert calendar.containing(period.end, grain).start == period.end


@given(CALENDARS, DAYS, st.integers(1, 900), st.sampled_from(Grain))
def test_a_split_has_no_gap_and_no_overlap(calendar: FiscalCalendar, start: date, days: int, grain: Grain) -> None:
    whole = Period(start, start + timedelta(days=days))
    parts = list(calendar.split(whole, grain))
    assert whole.start in parts[0]
    assert parts[-1].end >= whole.end > parts[-1].start
    assert all(one.end == other.start for one, other in pairwise(parts))


@pytest.mark.parametrize(
    "name", ["", "UTC+3", "europe/berlin", "Europe", "../UTC", "posix/UTC", "localtime", "Factory"]
)
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="zone is not an IANA time zone"):
        check_time_zone(name, "zone")


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "Asia/Shanghai", "America/Argentina/Buenos_Aires"])
def test_zones_are_known_by_their_names(name: str) -> None:
    assert check_time_zone(name, "zone") == name
