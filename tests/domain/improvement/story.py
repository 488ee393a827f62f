"""What tests of improvement tell of: a company with KPIs, a theme that rises, and a cycle that goes its way."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from domain.feedback.models import FeedbackDay, FeedbackItem, FeedbackTheme, FeedbackThemeItem, FeedbackThemeStake
from domain.improvement import commands
from domain.improvement.checking import check_cycle
from domain.improvement.models import (
    CycleEvidence,
    CycleGuardrail,
    EffectEstimate,
    ImprovementCycle,
    Practice,
    PracticeAdoption,
)
from domain.improvement.planning import plan_cycle
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.kpis.models import Kpi, KpiAnnotation, KpiSignal, KpiValue

NOW = datetime(2024, 9, 2, 12, tzinfo=UTC)
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
BASELINE_START, STARTS_ON, ENDS_ON = date(2024, 1, 1), date(2024, 6, 3), date(2024, 8, 25)
BEFORE, AFTER = 22, 12
"""Weeks from the start of the baseline to the start of the cycle, and from there to its end."""
PLAN: dict[str, Any] = {
    "hypothesis": "If we pack earlier, fewer parcels are late.",
    "countermeasure": "Pack until noon.",
    "design": "its",
    "minimum_effect": 0.05,
    "baseline_start": BASELINE_START,
    "starts_on": STARTS_ON,
    "ends_on": ENDS_ON,
}


async def kpi(key: str = "on_time", *, unit: str = "ratio", direction: str = "up", **more: Any) -> Kpi:
    given = {"description": "D", "grain": "week", "measure": "m", "dimensions": ["team"], **more}
    return await Kpi.create(
        key=key, name=key.replace("_", " ").title(), unit=unit, direction=direction, **given, **STAMPS
    )


async def values(of: Kpi, figures: Sequence[float | None], start: date = BASELINE_START, **cut: str) -> None:
    """Weekly values from a day on."""
    for week, figure in enumerate(figures):
        begin = start + timedelta(weeks=week)
        await KpiValue.create(
            kpi=of, definition_version=1, period_start=begin, period_end=begin + timedelta(weeks=1), value=figure,
            recorded_at=NOW, **cut, **STAMPS,
        )  # fmt: skip


def stepped(step: float, *, level: float = 0.7, seed: int = 1) -> list[float]:
    """A weekly series that steps up when the cycle starts."""
    noise = np.random.default_rng(seed).normal(0, 0.02, BEFORE + AFTER)
    return [float(level + step * (week >= BEFORE) + noise[week]) for week in range(BEFORE + AFTER)]


async def proposed(**about: UUID | None) -> ImprovementCycle:
    given = {"title": "Fewer late parcels", "problem": "Parcels are late."}
    return await commands.propose_cycle(given, [{"text": "14 complaints"}], about=about, by=SYSTEM, at=NOW)


async def planned(primary: Kpi, guardrails: Sequence[Kpi] = (), **changes: Any) -> ImprovementCycle:
    return await plan((await proposed()).id, primary, guardrails, **changes)


async def plan(
    key: UUID | None, primary: Kpi | None, guardrails: Sequence[Kpi] = (), **changes: Any
) -> ImprovementCycle:
    return await plan_cycle(
        key, PLAN | changes, primary=primary and primary.id, guardrails=[each.id for each in guardrails], owner={},
        by=SYSTEM, at=NOW,
    )  # fmt: skip


async def checked(primary: Kpi, guardrails: Sequence[Kpi] = (), **changes: Any) -> ImprovementCycle:
    cycle = await planned(primary, guardrails, **changes)
    await commands.start_cycle(cycle.id, by=SYSTEM, at=NOW)
    await check_cycle(cycle.id, by=SYSTEM, at=NOW)
    return await ImprovementCycle.get(id=cycle.id)


async def rising(counts: Sequence[int], label: str = "late", mood: int = -400) -> FeedbackTheme:
    """A theme spoken of so often in each of the complete weeks before the present one, the last at the end."""
    theme = await FeedbackTheme.create(language="en", label=label, phrases=[label], **STAMPS)
    monday = NOW.date() - timedelta(days=NOW.weekday())
    for back, count in enumerate(reversed(counts), 1):
        await FeedbackDay.create(
            day=monday - timedelta(weeks=back), source="case", theme=theme, item_count=count, scored_count=count,
            sentiment_sum=mood * count,
        )  # fmt: skip
    item = await FeedbackItem.create(source="case", text="  It came\nlate. ", received_at=NOW, **STAMPS)
    await FeedbackThemeItem.create(theme=theme, item=item, phrase_count=1, quote_rank=1)
    await FeedbackThemeStake.create(
        theme=theme, currency="EUR", customer_count=9, ordered=12_300, pipeline=4000, **STAMPS
    )
    return theme


async def signalled(of: Kpi, rule: str = "beyond_limits", **more: Any) -> KpiSignal:
    given = {
        "period_start": date(2024, 8, 26), "is_good": False, "value": 0.5, "centre": 0.7, "lower": 0.6, "upper": 0.8,
        "found_at": NOW, **more,
    }  # fmt: skip
    return await KpiSignal.create(kpi=of, rule=rule, **given, **STAMPS)


async def state() -> list[Any]:
    """What is stored of improvement, and how much was told."""
    kept = (ImprovementCycle, CycleGuardrail, CycleEvidence, EffectEstimate, Practice, PracticeAdoption, KpiAnnotation)
    return [sorted(await model.all().values_list("id", "version")) for model in kept] + [await Event.all().count()]
