"""When a job is due again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.rules import Backoff, legible, next_due
from domain.kernel.refusals import Invalid


@pytest.mark.parametrize(
    ("cron", "zone", "after", "due"),
    [
        ("*/15 * * * *", "UTC", "2024-05-01T12:00", "2024-05-01T12:15"),
        ("0 9 * * 1", "Asia/Shanghai", "2024-05-01T00:00", "2024-05-06T01:00"),
        # Berlin skips 02:30 on 31 March 2024: it is due right after the gap, at 03:00 local time.
        ("30 2 * * *", "Europe/Berlin", "2024-03-30T12:00", "2024-03-31T01:00"),
        # Berlin has 02:30 twice on 27 October 2024: it is due the first time only.
        ("30 2 * * *", "Europe/Berlin", "2024-10-26T12:00", "2024-10-27T00:30"),
        ("30 2 * * *", "Europe/Berlin", "2024-10-27T00:30", "2024-10-28T01:30"),
    ],
)
def test_known_due_times(cron: str, zone: str, after: str, due: str) -> None:
    found = next_due(cron, zone, after=datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(due).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "field"),
    [("nonsense", "UTC", "cron"), ("61 * * * *", "UTC", "cron"), ("0 0 31 2 *", "UTC", "cron"), ("* * * * *", "Mars/Base", "time_zone"),
     ("* * * * *", "../etc", "time_zone")],
)  # fmt: skip
def test_what_is_never_due_is_refused(cron: str, zone: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        next_due(cron, zone, after=datetime(2024, 5, 1, tzinfo=UTC))
    assert refusal.value.field == (field,)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)))
def test_due_times_lie_ahead(moment: datetime) -> None:
    after = moment.replace(tzinfo=UTC)
    assert after < next_due("7 3 * * *", "America/New_York", after=after) <= after + timedelta(days=2)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_waits_grow_and_are_bounded(attempt: int, jitter: float) -> None:
    assert timedelta(seconds=0.5) <= Backoff().wait(attempt, jitter) <= timedelta(minutes=10)


@given(st.text(st.characters(codec=None)), st.integers(1, 50))
def test_what_is_legible_can_be_kept(text: str, longest: int) -> None:
    kept = legible(text, longest)
    assert len(kept) == min(len(text), longest)
    assert "\0" not in kept.encode().decode()
    assert legible(kept, longest) == kept
