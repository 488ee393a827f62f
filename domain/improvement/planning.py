"""The plan of an improvement cycle: what is tried, by which KPI it is judged, which must not suffer, and when."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access.ownership import hold_owner
from domain.improvement import rules
from domain.improvement.models import CycleGuardrail, ImprovementCycle
from domain.improvement.plans import MONEY
from domain.improvement.rules import CycleState
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields
from domain.kernel.money import check_currency
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Invalid, NotFound
from domain.kernel.transactions import one_transaction
from domain.kpis.steering import Steered, steering


async def plan_cycle(
    key: UUID | None,
    given: Mapping[str, Any],
    *,
    primary: UUID | None,
    guardrails: Sequence[UUID | None],
    owner: Mapping[str, UUID | None],
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> ImprovementCycle:
    """This will plan a cycle, or plan it anew: every field of PLAN but the cut; once it has started, no longer.

    `owner` names its `owner_id` where that changes. Raises Unauthenticated, Invalid, NotFound, Stale,
    CycleNotReachable.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    values = {"dimension": "", "member": "", "currency": ""} | check_fields(given, rules.PLAN, required=rules.PLAN)
    rules.check_days(values["baseline_start"], values["starts_on"], values["ends_on"])
    async with one_transaction():
        cycle = await ImprovementCycle.locked(key, expected_version=expected_version, by=by)
        rules.check_move(CycleState(cycle.state), CycleState.PLAN)
        for field, user in owner.items():
            await hold_owner(user, Permission.IMPROVEMENT_WRITE, field, by=by)
        spared = await _spared(guardrails, primary)
        judged = (await steering([primary] if primary else [])).get(primary) if primary else None
        if judged is None:
            raise NotFound("There is no KPI with this id.", "primary_kpi_id")
        _check_cut(judged, spared, values)
        values |= {"state": CycleState.PLAN, "primary_kpi_id": judged.id, **owner}
        await _guard(cycle.id, [kpi.id for kpi in spared], at)
        await apply_changes(cycle, values, "improvement.cycle.planned", by=by, at=at)
    return cycle


async def _spared(guardrails: Sequence[UUID | None], primary: UUID | None) -> list[Steered]:
    """The KPIs that must not suffer, in the order given. Raises NotFound, Invalid."""
    if len(guardrails) > rules.MOST_GUARDRAILS:
        raise Invalid(f"{{field}} has over {rules.MOST_GUARDRAILS} KPIs; name those that matter.", "guardrail_kpi_ids")
    keys = [key for key in guardrails if key]
    found = await steering(keys)
    if len(keys) < len(guardrails) or len(found) < len(set(keys)):
        raise NotFound("There is no KPI with one of these ids.", "guardrail_kpi_ids")
    if primary in keys or len(set(keys)) < len(keys):
        raise Invalid("{field} names a KPI twice, or the primary one; name each once.", "guardrail_kpi_ids")
    return [found[key] for key in keys]


def _check_cut(judged: Steered, spared: Sequence[Steered], values: dict[str, Any]) -> None:
    """Lets the cut be one that the primary KPI has, in a currency where one is needed. Raises Invalid."""
    for kpi, field in [(judged, "primary_kpi_id"), *((kpi, "guardrail_kpi_ids") for kpi in spared)]:
        if not kpi.is_active:
            raise Invalid(f"{{field}} names {kpi.name}, which is no longer computed; choose another KPI.", field)
    if values["dimension"] and values["dimension"] not in judged.dimensions:
        cuts = ", ".join(judged.dimensions) or "nothing"
        raise Invalid(f"{{field}} is no cut of {judged.name}; it is cut by {cuts}.", "dimension")
    if bool(values["dimension"]) != bool(values["member"]):
        raise Invalid("{field} goes with `dimension`: give both, or neither for the whole.", "member")
    if any(kpi.unit == MONEY for kpi in (judged, *spared)):
        check_currency(values["currency"], "currency")
    elif values["currency"]:
        raise Invalid("{field} is for KPIs of money, and none of these is one; leave it out.", "currency")


async def _guard(cycle: UUID, kpis: Sequence[UUID], at: datetime) -> None:
    kept = set(await CycleGuardrail.filter(cycle_id=cycle).values_list("kpi_id", flat=True))
    if gone := kept - set(kpis):
        await CycleGuardrail.filter(cycle_id=cycle, kpi_id__in=gone).delete()
    new = [CycleGuardrail(cycle_id=cycle, kpi_id=kpi, created_at=at, updated_at=at) for kpi in kpis if kpi not in kept]
    if new:
        await CycleGuardrail.bulk_create(new)
