"""The review proposes what rises, what moved the wrong way and what missed its target: each once, with its evidence."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.feedback.models import FeedbackThemeStake
from domain.improvement import commands
from domain.improvement.models import CycleEvidence, ImprovementCycle
from domain.improvement.reviewing import propose_due
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from tests.domain.improvement.story import NOW, kpi, plan, proposed, rising, signalled

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
WAVE = [3, 4, 2, 3, 5, 3, 4, 3, 2, 4, 14]


async def review(days: int = 0) -> int:
    return await propose_due(by=SYSTEM, at=NOW + timedelta(days=days))


async def evidence(cycle: ImprovementCycle) -> list[tuple[str, str]]:
    return [
        (text, prefix)
        for text, prefix in await CycleEvidence.filter(cycle=cycle).order_by("id").values_list("text", "subject_prefix")
    ]


async def test_a_theme_that_rises_is_proposed_with_what_is_at_stake() -> None:
    theme = await rising(WAVE)
    assert await review() == 1
    cycle = await ImprovementCycle.get()
    assert (cycle.title, cycle.state, cycle.origin) == ("Customers complain more of “late”", "proposed", "theme")
    assert (cycle.theme_id, cycle.origin_key) == (theme.id, f"theme:{theme.id.hex}:2024-08-26")
    assert await evidence(cycle) == [
        (
            "“late” was spoken of 14 times in the week from 2024-08-26; over the 10 weeks before it was 3.3 times a week, "
            "and chance alone stays below 7.1.",
            "thm",
        ),
        (
            "The 9 customers who complained of it in the last 90 days ordered 12,300.00 EUR in the last 365 days, and have "
            "open deals worth 4,000.00 EUR by their probability.",
            "fst",
        ),
        ("“It came late.”", "fbk"),
    ]
    stake = await FeedbackThemeStake.get()
    assert await CycleEvidence.filter(subject_prefix="fst").values_list("subject_id", flat=True) == [stake.id]
    assert await Event.filter(topic="improvement.cycle.proposed", subject_id=cycle.id).count() == 1


async def test_each_is_proposed_once() -> None:
    await rising(WAVE)
    await signalled(await kpi())
    assert await review() == 2
    pieces = await CycleEvidence.all().count()
    assert await review() == 0
    await ImprovementCycle.all().update(state="abandoned", closed_at=NOW, abandon_reason="R")
    assert await review() == 0
    assert await CycleEvidence.all().count() == pieces
    assert await Event.all().count() == 2


async def test_what_is_worked_at_is_not_proposed_again() -> None:
    theme, primary = await rising(WAVE), await kpi()
    await signalled(primary)
    await proposed(theme_id=theme.id)
    await plan((await proposed()).id, primary)
    assert await review() == 0
    await signalled(primary, dimension="team", member="north")
    assert await review() == 1


@pytest.mark.parametrize("counts", [WAVE[:-1], [*WAVE, 3]])
async def test_a_theme_within_its_limits_is_left_alone(counts: list[int]) -> None:
    await rising(counts)
    assert await review() == 0


async def test_a_signal_is_proposed_with_the_kpi_it_is_about() -> None:
    primary = await kpi(unit="money", direction="up")
    signal = await signalled(primary, currency="EUR", value=500, centre=700, lower=600, upper=800)
    assert await review() == 1
    cycle = await ImprovementCycle.get()
    assert (cycle.title, cycle.origin) == ("On Time has moved the wrong way", "signal")
    assert (cycle.signal_id, cycle.primary_kpi_id, cycle.currency) == (signal.id, primary.id, "EUR")
    assert await evidence(cycle) == [
        (
            "On Time was 500.00 EUR in the period from 2024-08-26 (beyond limits); its centre was 700.00 EUR, and chance "
            "alone stays between 600.00 EUR and 800.00 EUR.",
            "kps",
        )
    ]


async def test_a_missed_target_is_one_where_nothing_else_is_wrong() -> None:
    primary, other = await kpi(), await kpi("other")
    target = {"centre": None, "lower": None, "upper": None}
    await signalled(primary, "missed_target", **target)
    await signalled(other, "missed_target", **target)
    await signalled(other, "shift", lower=None)
    assert await review() == 2
    by_kpi = {cycle.primary_kpi_id: cycle for cycle in await ImprovementCycle.all()}
    assert (by_kpi[primary.id].title, by_kpi[primary.id].origin) == ("On Time has missed its target", "target")
    assert (by_kpi[other.id].title, by_kpi[other.id].origin) == ("Other has moved the wrong way", "signal")
    assert await evidence(by_kpi[primary.id]) == [
        ("On Time was 50.0 % in the period from 2024-08-26 (missed target).", "kps")
    ]
    assert await evidence(by_kpi[other.id]) == [
        ("Other was 50.0 % in the period from 2024-08-26 (missed target).", "kps"),
        ("Other was 50.0 % in the period from 2024-08-26 (shift); its centre was 70.0 %.", "kps"),
    ]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"is_good": True}, id="good news"),
        pytest.param({"found_at": NOW - timedelta(days=8)}, id="found long ago"),
        pytest.param({"period_start": date(2024, 4, 1)}, id="about long ago"),
    ],
)
async def test_old_and_good_news_are_left_alone(more: dict[str, Any]) -> None:
    await signalled(await kpi(), **more)
    assert await review() == 0


async def test_kpis_that_are_not_computed_and_older_periods_are_left_alone() -> None:
    await signalled(await kpi(is_active=False))
    assert await review() == 0
    primary = await kpi("other")
    await signalled(primary, period_start=date(2024, 8, 19))
    await signalled(primary)
    assert await review() == 1
    assert (await ImprovementCycle.get()).origin_key == f"kpi:{primary.id.hex}::::2024-08-26"


async def test_a_restarted_turn_counts_as_open() -> None:
    theme = await rising(WAVE)
    assert await review() == 1
    cycle = await ImprovementCycle.get()
    await commands.abandon_cycle(cycle.id, "R", by=SYSTEM, at=NOW)
    again = await commands.restart_cycle(cycle.id, by=SYSTEM, at=NOW)
    assert (again.theme_id, again.origin_key) == (theme.id, None)
    assert await review(7) == 0
