"""Whatever verbs people try on a cycle in whatever order, it goes only where the table and the guards let it."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.improvement import commands
from domain.improvement.checking import check_cycle
from domain.improvement.models import EffectEstimate, ImprovementCycle, Practice
from domain.improvement.rules import CLOSED, NEXT, CycleState
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Refusal
from domain.kpis.models import Kpi, KpiAnnotation
from tests.domain.improvement.story import ENDS_ON, NOW, STARTS_ON, kpi, plan, proposed, state, stepped, values

pytestmark = pytest.mark.anyio
HOW = {"title": "T", "description": "D"}
VERBS = ("plan", "start", "check", "act", "standardize", "abandon", "restart")
TO = {
    "plan": CycleState.PLAN,
    "start": CycleState.DO,
    "check": CycleState.CHECK,
    "act": CycleState.ACT,
    "standardize": CycleState.STANDARDIZED,
    "abandon": CycleState.ABANDONED,
}
DAYS = (STARTS_ON - timedelta(days=1), STARTS_ON, ENDS_ON, ENDS_ON + timedelta(days=1))


async def tried(verb: str, cycle: ImprovementCycle, primary: Kpi, at: Any) -> None:
    how = {"by": SYSTEM, "at": at}
    match verb:
        case "plan":
            await plan(cycle.id, primary)
        case "start":
            await commands.start_cycle(cycle.id, **how)
        case "check":
            await check_cycle(cycle.id, **how)
        case "act":
            await commands.act_on_cycle(cycle.id, **how)
        case "standardize":
            await commands.standardize_cycle(cycle.id, HOW, **how)
        case "abandon":
            await commands.abandon_cycle(cycle.id, "R", **how)
        case "restart":
            await commands.restart_cycle(cycle.id, **how)


def allowed(verb: str, stands: CycleState, day: Any, *, is_better: bool, is_restarted: bool) -> bool:
    """What the law says, written down a second time."""
    if verb == "restart":
        return stands in CLOSED and not is_restarted
    if TO[verb] not in NEXT[stands]:
        return False
    return {"start": day >= STARTS_ON, "check": day > ENDS_ON, "standardize": is_better}.get(verb, True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    is_better=st.booleans(),
    steps=st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 3)), max_size=14),
    is_hurried=st.booleans(),
)
async def test_a_cycle_goes_only_where_it_may(
    database: str, is_better: bool, steps: list[tuple[str, int]], is_hurried: bool
) -> None:
    for model in (Practice, EffectEstimate, KpiAnnotation, ImprovementCycle, Kpi):
        await model.all().delete()
    primary = await kpi()
    await values(primary, stepped(0.2 if is_better else 0))
    cycle = await proposed()
    if is_hurried:  # else the far end of the table is seldom reached
        steps = [*[(verb, 3) for verb in VERBS[:4]], *steps]
    is_restarted, turns = False, 1
    for verb, place in steps:
        cycle = await ImprovementCycle.get(id=cycle.id)
        stands, at = CycleState(cycle.state), NOW.replace(month=DAYS[place].month, day=DAYS[place].day)
        before = await state()
        if allowed(verb, stands, DAYS[place], is_better=is_better, is_restarted=is_restarted):
            await tried(verb, cycle, primary, at)
            now = CycleState((await ImprovementCycle.get(id=cycle.id)).state)
            assert now == TO.get(verb, stands)
            is_restarted, turns = is_restarted or verb == "restart", turns + (verb == "restart")
        else:
            with pytest.raises(Refusal) as refusal:
                await tried(verb, cycle, primary, at)
            assert len(refusal.value.message) > 40, "it says what to do instead"
            assert await state() == before
    await it_adds_up(turns)


async def it_adds_up(turns: int) -> None:
    """What must hold of cycles in the end, whatever happened."""
    assert await ImprovementCycle.all().count() == turns
    for cycle in await ImprovementCycle.all():
        stands = CycleState(cycle.state)
        assert (cycle.closed_at is not None) == (stands in CLOSED)
        assert (cycle.abandon_reason is not None) == (stands is CycleState.ABANDONED)
        assert await Practice.filter(cycle_id=cycle.id).exists() == (stands is CycleState.STANDARDIZED)
        if stands in (CycleState.CHECK, CycleState.ACT, CycleState.STANDARDIZED):
            assert cycle.started_at is not None
            assert await EffectEstimate.filter(cycle_id=cycle.id, kpi_id=cycle.primary_kpi_id).exists()
        if stands in (CycleState.DO, CycleState.CHECK, CycleState.ACT, CycleState.STANDARDIZED):
            assert await KpiAnnotation.filter(subject_id=cycle.id).count() == 1
