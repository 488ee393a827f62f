"""Moments and whole numbers out of text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intake.columns import read_moment, read_whole
from domain.kernel.refusals import Invalid


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-01", datetime(2024, 5, 1, tzinfo=UTC)),
        ("2024-05-01T09:30:00Z", datetime(2024, 5, 1, 9, 30, tzinfo=UTC)),
        ("2024-05-01 09:30:00.5+08:00", datetime(2024, 5, 1, 1, 30, 0, 500_000, tzinfo=UTC)),
        ("1900-01-01", datetime(1900, 1, 1, tzinfo=UTC)),
        ("2199-12-31T23:59:59Z", datetime(2199, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_iso_8601_with_its_zone_or_a_whole_day(text: str, moment: datetime) -> None:
    assert read_moment(text, "at") == moment


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0001-01-01", "years 1900 to 2199"),
        ("0001-01-01T00:00:00+14:00", "years 1900 to 2199"),
        ("9999-12-31T23:59:59-14:00", "years 1900 to 2199"),
        ("2200-01-01", "years 1900 to 2199"),
        ("1900-01-01T00:00:00+00:01", "years 1900 to 2199"),
        ("2024-05-01T09:30:00", "no time zone"),
        ("20240501", "no time zone"),
        ("2024-02-30", "not a date"),
        ("05/01/2024", "not a date"),
        ("yesterday", "not a date"),
        ("2024-05-01\x00", "not a date"),
    ],
)
def test_any_other_text_is_no_moment(text: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason) as refusal:
        read_moment(text, "at")
    assert refusal.value.field == ("at",)


@given(st.integers(-(10**17), 10**17))
def test_whole_numbers(number: int) -> None:
    assert read_whole(str(number), "n") == number


@pytest.mark.parametrize("text", ["", "1.0", "1e3", "1_000", "٣", "9" * 19, "NaN", "1 2"])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(Invalid, match="whole number"):
        read_whole(text, "n")
