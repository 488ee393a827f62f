"""Checking: effects are computed from stored values, told in words with their doubts, and kept beside older ones."""

from datetime import timedelta
from uuid import uuid4

import numpy as np
import pytest

from domain.improvement import checking, commands, wording
from domain.improvement.checking import NothingMeasured, check_cycle, due_cycles
from domain.improvement.models import EffectEstimate, ImprovementCycle
from domain.improvement.plans import plan_of
from domain.improvement.queries import last_verdicts
from domain.improvement.rules import CycleNotReachable, TooEarly, Verdict
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import NotFound
from domain.kpis.models import KpiValue
from domain.kpis.queries import Point
from tests.domain.improvement.story import (
    AFTER,
    BASELINE_START,
    BEFORE,
    ENDS_ON,
    NOW,
    STARTS_ON,
    checked,
    kpi,
    planned,
    proposed,
    state,
    stepped,
    values,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_an_effect_is_stored_with_all_that_it_was_computed_from() -> None:
    primary, margin = await kpi(), await kpi("margin", unit="money")
    figures = stepped(0.2)
    await values(primary, figures)
    await values(margin, stepped(0, level=5000, seed=3), currency="EUR")
    cycle = await checked(primary, [margin], currency="EUR")
    assert cycle.state == "check"
    effect = await EffectEstimate.get(kpi=primary)
    assert (effect.method, effect.before_count, effect.after_count) == ("interrupted_series", BEFORE, AFTER)
    assert effect.verdict == "improved"
    assert effect.low is not None
    assert effect.high is not None
    assert effect.low < 0.2 < effect.high
    assert effect.end_low is not None
    assert effect.baseline == pytest.approx(np.mean(figures[:BEFORE]))
    assert [each["value"] for each in effect.inputs] == figures
    assert effect.inputs[0]["start"] == "2024-01-01"
    assert (await EffectEstimate.get(kpi=margin)).verdict == "inconclusive"
    assert await last_verdicts(cycle.id) == (Verdict.IMPROVED, [])


async def test_the_words_say_what_how_and_what_to_doubt() -> None:
    primary = await kpi()
    await values(primary, stepped(0.2))
    await checked(primary)
    words = (await EffectEstimate.get()).words
    assert words.startswith("On Time has improved since 2024-06-03: it was 70.0 % before, and moved by +19.6 points ")
    assert "at once, and by +" in words
    assert "p < 0.001" in words
    assert "interrupted time series with Newey–West errors of lag 3, over 22 periods before and 12 after" in words
    assert words.endswith("Series as short as this give intervals that are too narrow (Turner et al. 2021).")


@pytest.mark.parametrize(
    ("design", "before", "after", "words"),
    [
        ("before_after", BEFORE, AFTER, "redrawing blocks of 3 periods"),
        ("before_after", 5, AFTER, "Welch's test"),
        ("before_after", 5, 1, "too few periods for an interval"),
        ("its", BEFORE, 5, "Welch's test"),
    ],
)
async def test_a_series_that_is_short_is_compared_by_means(design: str, before: int, after: int, words: str) -> None:
    primary = await kpi()
    figures = stepped(0.2)
    start = STARTS_ON - timedelta(weeks=before)
    await values(primary, figures[BEFORE - before : BEFORE + after], start=start)
    await checked(primary, design=design)
    effect = await EffectEstimate.get()
    assert words in effect.words
    assert "takes a trend that was there before for an effect" in effect.words
    assert (effect.low is None) == (after == 1)
    assert effect.verdict == ("inconclusive" if after == 1 else "improved")


async def test_less_is_better_where_the_kpi_says_so() -> None:
    late = await kpi("late", direction="down")
    await values(late, stepped(0.2))
    cycle = await checked(late)
    assert (await last_verdicts(cycle.id)).primary is Verdict.WORSENED


async def test_only_the_planned_part_is_judged() -> None:
    primary = await kpi()
    await values(primary, stepped(0))
    await values(primary, stepped(0.2), dimension="team", member="north")
    cycle = await checked(primary, dimension="team", member="north")
    assert (await last_verdicts(cycle.id)).primary is Verdict.IMPROVED
    assert (await EffectEstimate.get()).words.startswith("On Time (team north) has improved")


async def test_a_cycle_can_be_checked_again_when_late_data_came_in() -> None:
    primary = await kpi()
    await values(primary, stepped(0.2))
    cycle = await checked(primary)
    for value in await KpiValue.filter(period_start__gte=STARTS_ON):
        await KpiValue.filter(id=value.id).update(value=(value.value or 0) - 0.2)
    verdicts = await check_cycle(cycle.id, by=SYSTEM, at=NOW + timedelta(days=1))
    assert verdicts == {"On Time": "no_change"}
    assert await EffectEstimate.all().order_by("computed_at").values_list("verdict", flat=True) == [
        "improved", "no_change",
    ]  # fmt: skip
    assert (await last_verdicts(cycle.id)).primary is Verdict.NO_CHANGE
    assert (await ImprovementCycle.get(id=cycle.id)).version == cycle.version + 1


async def test_a_check_has_its_time_and_something_to_measure() -> None:
    primary, unmeasured = await kpi(), await kpi("unmeasured")
    await values(primary, stepped(0.2)[:BEFORE])
    cycle = await planned(primary, [unmeasured])
    before = await state()
    with pytest.raises(CycleNotReachable):
        await check_cycle(cycle.id, by=SYSTEM, at=NOW)
    assert await state() == before
    await commands.start_cycle(cycle.id, by=SYSTEM, at=NOW)
    before = await state()
    with pytest.raises(TooEarly):
        await check_cycle(cycle.id, by=SYSTEM, at=NOW.replace(month=8, day=25))
    with pytest.raises(NothingMeasured, match="On Time has no values"):
        await check_cycle(cycle.id, by=SYSTEM, at=NOW)
    with pytest.raises(NotFound):
        await check_cycle(uuid4(), by=SYSTEM, at=NOW)
    assert await state() == before
    await values(primary, stepped(0.2)[BEFORE:], start=STARTS_ON)
    assert await due_cycles(NOW.replace(month=8, day=25)) == []
    assert await due_cycles(NOW) == [cycle.id]
    assert await check_cycle(cycle.id, by=SYSTEM, at=NOW) == {"On Time": "improved"}
    assert await due_cycles(NOW) == []


async def test_the_period_in_which_it_starts_belongs_to_neither_side() -> None:
    primary = await kpi()
    cycle = await planned(primary, starts_on=STARTS_ON + timedelta(days=2), ends_on=ENDS_ON - timedelta(days=1))
    begins = [BASELINE_START + timedelta(weeks=week) for week in range(BEFORE + AFTER)]
    points = [Point(begin, begin + timedelta(weeks=1), float(week)) for week, begin in enumerate(begins)]
    points[3] = Point(begins[3], begins[4], None)
    before, after = checking.sides(points, plan_of(cycle))
    assert [each.place for each in before] == [0, 1, 2, *range(4, BEFORE)]
    assert [each.place for each in after] == list(range(BEFORE + 1, BEFORE + AFTER - 1))


async def test_what_is_not_planned_has_no_plan() -> None:
    with pytest.raises(ValueError, match="has no primary_kpi_id, baseline_start"):
        plan_of(await proposed())


@pytest.mark.parametrize(
    ("value", "unit", "currency", "written"),
    [
        (0.12345, "ratio", "", "12.3 %"),
        (1234.5, "money", "EUR", "1,234.50 EUR"),
        (1234.5, "money", "JPY", "1,234 JPY"),
        (3.25, "days", "", "3.2 days"),
        (42.0, "count", "", "42"),
        (12_345_678.0, "count", "", "12,345,678"),
        (30.123, "score", "", "30.12"),
    ],
)
async def test_figures_have_their_unit(value: float, unit: str, currency: str, written: str) -> None:
    assert wording.figure(value, unit, currency) == written
