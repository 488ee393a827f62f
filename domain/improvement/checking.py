"""Checking a cycle: its effect on the primary KPI and on each guardrail, computed from their values and stored.

A verdict is computed from data, and cannot be typed. A cycle may be checked again, when late data have come in: older
estimates stay beside the newer ones, each with the values that it was computed from. The API never imports this file.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.improvement import rules, wording
from domain.improvement.effects import Change, Effect, Observation, estimate_effect
from domain.improvement.models import CycleGuardrail, EffectEstimate, ImprovementCycle
from domain.improvement.plans import Plan, plan_of
from domain.improvement.rules import Bounds, CycleState, Verdict
from domain.kernel.actor import Actor
from domain.kernel.refusals import Conflict
from domain.kernel.storing import update_told
from domain.kernel.transactions import one_transaction
from domain.kpis.members import names_of
from domain.kpis.queries import Point, series
from domain.kpis.steering import Steered, steering

FORMULA_VERSION = 1


class NothingMeasured(Conflict):
    """Without values on both sides there is no effect to tell."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has no values in the baseline, or none since the start: have it computed, and check again.", "id"
        )


async def check_cycle(key: UUID, *, by: Actor, at: datetime) -> dict[str, str]:
    """This will estimate and store the effects of a cycle whose last day is over; returns the verdict by KPI.

    Moves a cycle that is being done to CHECK. A guardrail without values is left out. Raises NotFound,
    CycleNotReachable, TooEarly, NothingMeasured.
    """
    async with one_transaction():
        cycle = await ImprovementCycle.locked(key, by=by)
        rules.check_move(CycleState(cycle.state), CycleState.CHECK)
        plan = plan_of(cycle)
        rules.check_over(plan.ends_on, at.date())
        guardrails = [guardrail.kpi_id for guardrail in await CycleGuardrail.filter(cycle_id=key).order_by("id")]
        kpis = await steering([plan.primary_kpi_id, *guardrails])
        found = [await _estimated(cycle.id, plan, kpis[kpi], at) for kpi in (plan.primary_kpi_id, *guardrails)]
        if found[0] is None:
            raise NothingMeasured(kpis[plan.primary_kpi_id].name)
        estimates = [estimate for estimate in found if estimate]
        await EffectEstimate.bulk_create(estimates)
        cycle.state, cycle.updated_at, cycle.version = CycleState.CHECK, at, cycle.version + 1
        await update_told([(cycle, {"state": cycle.state})], "improvement.cycle.checked", by=by, at=at)
    return {kpis[estimate.kpi_id].name: estimate.verdict for estimate in estimates}


async def due_cycles(at: datetime) -> list[UUID]:
    """This will find the cycles that are being done and whose last day is over."""
    due = ImprovementCycle.filter(state=CycleState.DO, ends_on__lt=at.date()).order_by("ends_on", "id")
    return [cycle.id for cycle in await due]


async def _estimated(cycle: UUID, plan: Plan, kpi: Steered, at: datetime) -> EffectEstimate | None:
    """None where there is nothing to compare."""
    cut = plan.cut(kpi)
    points = await series(kpi.id, **cut, start=plan.baseline_start, end=plan.end)
    before, after = sides(points, plan)
    if not before or not after:
        return None
    effect = await asyncio.to_thread(estimate_effect, before, after, plan.design)
    verdict = rules.judge(
        _bounds(effect.change),
        _bounds(effect.at_end) if effect.at_end else None,
        up_is_good=kpi.up_is_good,
        minimum=plan.minimum_effect if kpi.id == plan.primary_kpi_id else 0.0,
    )
    called = await names_of([cut["member"]])
    name = wording.cut(kpi.name, cut["dimension"], called[cut["member"]])
    words = wording.effect(name, kpi.unit, cut["currency"], effect, verdict, plan.starts_on)
    used = [points[observation.place] for observation in (*before, *after)]
    return _row(cycle, kpi.id, effect, verdict, words, used, at)


def sides(points: Sequence[Point], plan: Plan) -> tuple[list[Observation], list[Observation]]:
    """This will part a series at the start; a period that holds the start in its midst belongs to neither side."""
    told = [(point, Observation(place, point.value)) for place, point in enumerate(points) if point.value is not None]
    return (
        [seen for point, seen in told if point.period_end <= plan.starts_on],
        [seen for point, seen in told if point.period_start >= plan.starts_on and point.period_end <= plan.end],
    )


def _bounds(change: Change) -> Bounds:
    return Bounds(change.estimate, change.low, change.high)


def _row(
    cycle: UUID,
    kpi: UUID,
    effect: Effect,
    verdict: Verdict,
    words: str,
    points: Sequence[Point],
    at: datetime,
) -> EffectEstimate:
    end: dict[str, Any] = {}
    if effect.at_end:
        end = {"end_estimate": effect.at_end.estimate, "end_low": effect.at_end.low, "end_high": effect.at_end.high}
    return EffectEstimate(
        cycle_id=cycle,
        kpi_id=kpi,
        method=effect.method,
        before_count=effect.before_count,
        after_count=effect.after_count,
        baseline=effect.baseline,
        estimate=effect.change.estimate,
        low=effect.change.low,
        high=effect.change.high,
        p_value=effect.change.p_value,
        **end,
        verdict=verdict,
        words=words,
        inputs=[{"start": point.period_start.isoformat(), "value": point.value} for point in points],
        formula_version=FORMULA_VERSION,
        computed_at=at,
        created_at=at,
        updated_at=at,
    )
