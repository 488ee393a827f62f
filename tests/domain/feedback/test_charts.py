"""Control charts of themes: complete weeks only, silence counts, praise and small numbers are no wave of complaints."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.feedback.charts import rising_themes, theme_chart, this_week
from domain.feedback.models import FeedbackDay, FeedbackTheme
from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.control import xmr
from domain.kernel.ids import new_id
from domain.kernel.refusals import Unauthenticated

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
TODAY = date(2024, 5, 1)
MONDAY = date(2024, 4, 29)
NOW = datetime(2024, 5, 1, tzinfo=UTC)
QUIET = [3, 4, 2, 3, 5, 3, 4, 3, 2, 4]


async def theme(counts: list[int], mood: int = -400, label: str = "late", **more: Any) -> FeedbackTheme:
    """A theme spoken of so often in each of the weeks before the present one, the last at the end."""
    made = await FeedbackTheme.create(
        language="en", label=label, phrases=[label], created_at=NOW, updated_at=NOW, **more
    )
    for back, count in enumerate(reversed(counts), 1):
        if count:
            await told(MONDAY - timedelta(weeks=back), count, mood, made)
    return made


async def told(day: date, count: int, mood: int = -400, of: FeedbackTheme | None = None) -> None:
    moods = {"scored_count": count, "sentiment_sum": mood * count}
    await FeedbackDay.create(day=day, source="case", theme=of, item_count=count, **moods)


async def test_the_last_complete_week_is_judged_by_those_before() -> None:
    late = await theme([*QUIET, 14])
    await told(MONDAY, 500, of=late)  # this week is not over
    chart = await theme_chart(late.id, TODAY, by=SYSTEM)
    assert chart is not None
    assert [week.item_count for week in chart.weeks] == [*QUIET, 14]
    assert (chart.weeks[-1].starts_on, chart.weeks[-1].mean_sentiment) == (date(2024, 4, 22), -0.4)
    assert chart.limits == xmr(QUIET)
    assert chart.is_above
    assert [found.theme_id for found in await rising_themes(TODAY)] == [late.id]


@pytest.mark.parametrize(
    ("counts", "mood", "more"),
    [
        pytest.param([*QUIET, 7], -400, {}, id="within the limits"),
        pytest.param([*QUIET, 14], 600, {}, id="praise"),
        pytest.param([0] * 10 + [4], -400, {}, id="four mentions"),
        pytest.param([3, 4, 2, 3, 4, 3, 2, 14], -400, {}, id="seven weeks before"),
        pytest.param([*QUIET, 14], -400, {"retired_at": NOW}, id="dissolved"),
    ],
)
async def test_what_is_no_wave_is_left_alone(counts: list[int], mood: int, more: dict[str, Any]) -> None:
    await theme(counts, mood, **more)
    assert await rising_themes(TODAY) == []


async def test_silence_counts_from_the_first_word_of_all() -> None:
    late = await theme([6])
    assert await rising_themes(TODAY) == []
    await told(MONDAY - timedelta(weeks=11), 1)
    (chart,) = await rising_themes(TODAY)
    assert [week.item_count for week in chart.weeks] == [0] * 10 + [6]
    assert chart.theme_id == late.id
    await told(MONDAY - timedelta(weeks=90), 1)
    (chart,) = await rising_themes(TODAY)
    assert len(chart.weeks) == 27


async def test_the_loudest_comes_first() -> None:
    quiet = await theme([*QUIET, 14])
    loud = await theme([*QUIET, 20], label="rude")
    assert [chart.theme_id for chart in await rising_themes(TODAY)] == [loud.id, quiet.id]


async def test_a_theme_that_nobody_spoke_of_has_weeks_all_the_same() -> None:
    await told(MONDAY - timedelta(weeks=9), 1)
    silent = await theme([])
    chart = await theme_chart(silent.id, TODAY, by=SYSTEM)
    assert chart is not None
    assert ([week.item_count for week in chart.weeks], chart.is_above) == ([0] * 9, False)
    assert await theme_chart(new_id(), TODAY, by=SYSTEM) is None
    with pytest.raises(Unauthenticated):
        await theme_chart(silent.id, TODAY, by=NOBODY)


async def test_nothing_said_at_all_is_an_empty_chart() -> None:
    silent = await theme([])
    chart = await theme_chart(silent.id, TODAY, by=SYSTEM)
    assert chart is not None
    assert (chart.weeks, chart.last, chart.is_above) == ((), None, False)


async def test_weeks_begin_on_monday() -> None:
    assert this_week(TODAY) == this_week(MONDAY) == MONDAY
    assert this_week(MONDAY - timedelta(days=1)) == MONDAY - timedelta(weeks=1)
