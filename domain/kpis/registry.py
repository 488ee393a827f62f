"""Verbs of the registry: which KPIs there are, by which measure they are computed, and what they are to reach."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access.ownership import hold_owner
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_changes, store_new
from domain.kernel.events import emit
from domain.kernel.period import Grain, Period
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.storing import insert_told
from domain.kernel.transactions import one_transaction
from domain.kpis import rules
from domain.kpis.measures import MEASURES, Measure
from domain.kpis.models import Kpi, KpiTarget
from domain.kpis.rules import Direction

QUARTERLY = frozenset({"retention", "repurchase_rate"})
"""The built-in KPIs whose periods are quarters; those of the others are months."""


class CutInUse(Conflict):
    """The KPI has targets for a cut that it was to lose."""

    def __init__(self, dimension: str) -> None:
        super().__init__(
            f"{{field}} must keep {dimension}, for which there are targets; remove these first.", "dimensions"
        )


async def install_built_in(*, by: Actor, at: datetime) -> int:
    """This will take in the built-in KPIs that there are not yet, one for each measure; returns how many."""
    there = {kpi.key for kpi in await Kpi.all()}
    rows = [_built_in(measure) for name, measure in MEASURES.items() if name not in there]
    if not rows:
        return 0
    facts = [(Kpi.born(row, at), row) for row in rows]
    async with one_transaction():
        return len(await insert_told(facts, "kpis.kpi.created", by=by, at=at, key="key"))


async def create_kpi(given: Mapping[str, Any], *, owner: UUID | None, by: Actor, at: datetime) -> Kpi:
    """This will take in a KPI over a named `measure`. Needs `key`, `name`, `description`, `measure` and `grain`.

    `dimensions` are those that it is cut by. It has its first values after the next computation. Raises
    Unauthenticated, Invalid, NotFound, KeyTaken.
    """
    by.must(Permission.KPIS_WRITE)
    definition = {name: given[name] for name in ("measure", "grain", "dimensions") if name in given}
    values = check_fields(
        {name: given[name] for name in given if name not in definition}, rules.KPI, required=rules.KPI
    )
    measure = _measure(definition["measure"])
    values |= {"owner_id": owner, "measure": measure.name, **_cut(measure, definition), **_nature(measure)}
    async with one_transaction():
        await hold_owner(owner, Permission.KPIS_WRITE, by=by)
        return await store_new(Kpi, values, "kpis.kpi.created", by=by, at=at, taken=rules.KeyTaken())


async def update_kpi(
    key: UUID | None,
    given: Mapping[str, Any],
    *,
    owner: Mapping[str, UUID | None],
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Kpi:
    """This will change a KPI; another grain or other dimensions are a new version of its definition.

    Values of the old version are superseded by the next computation, and can still be read as of then. Raises
    Unauthenticated, Invalid, NotFound, Stale, CutInUse.
    """
    by.must(Permission.KPIS_WRITE)
    definition = {name: given[name] for name in ("grain", "dimensions") if name in given}
    written = {name: value for name, value in given.items() if name not in definition}
    values = check_fields(written, rules.KPI, required=rules.KPI)
    async with one_transaction():
        kpi = await Kpi.locked(key, expected_version=expected_version, by=by)
        for user in owner.values():
            await hold_owner(user, Permission.KPIS_WRITE, by=by)
        cut = _cut(MEASURES[kpi.measure], {"grain": kpi.grain, "dimensions": kpi.dimensions, **definition})
        for dimension in set(kpi.dimensions) - set(cut["dimensions"]):
            if await KpiTarget.exists(kpi_id=kpi.id, dimension=dimension):
                raise CutInUse(dimension)
        if (cut["grain"], cut["dimensions"]) != (kpi.grain, kpi.dimensions):
            values |= {**cut, "definition_version": kpi.definition_version + 1, "computed_at": None}
        await apply_changes(kpi, {**values, **owner}, "kpis.kpi.updated", by=by, at=at)
    return kpi


async def create_target(
    kpi_key: UUID | None, given: Mapping[str, Any], cut: Mapping[str, str], *, by: Actor, at: datetime
) -> KpiTarget:
    """This will say what a KPI is to reach in a period of its grain. Needs `period_start` and `value`.

    `cut` may have `dimension` and `member`, and has the `currency` of money. Raises Unauthenticated, Invalid, NotFound,
    TargetTaken.
    """
    by.must(Permission.KPIS_WRITE)
    values = check_fields(given, rules.TARGET, required=("period_start", "value"))
    async with one_transaction():
        kpi = await Kpi.locked(kpi_key, "kpi_id", by=by)
        values |= {"kpi_id": kpi.id, **_checked_cut(kpi, cut), **_period(kpi, values)}
        return await store_new(KpiTarget, values, "kpis.target.created", by=by, at=at, taken=rules.TargetTaken())


async def update_target(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> KpiTarget:
    """This will change the `value` that is to be reached. Raises Unauthenticated, Invalid, NotFound, Stale."""
    by.must(Permission.KPIS_WRITE)
    values = check_fields(given, {"value": rules.check_target}, required=("value",))
    return await store_changes(
        KpiTarget, key, values, "kpis.target.updated", expected_version=expected_version, by=by, at=at
    )


async def remove_target(key: UUID | None, *, by: Actor, at: datetime) -> Kpi:
    """This will take a target back; returns its KPI. Raises Unauthenticated, NotFound."""
    by.must(Permission.KPIS_WRITE)
    async with one_transaction():
        target = await KpiTarget.locked(key, by=by)
        kpi = await Kpi.locked(target.kpi_id, by=by)
        await target.delete()
        await emit("kpis.target.removed", target.id, by=by, at=at, kpi_id=kpi.id)
    return kpi


def _built_in(measure: Measure) -> dict[str, Any]:
    grain = Grain.QUARTER if measure.name in QUARTERLY else Grain.MONTH
    cut = {"grain": grain.value, "dimensions": list(measure.dimensions)}
    named = {"key": measure.name, "name": measure.title, "description": measure.description, "measure": measure.name}
    return {**named, **cut, **_nature(measure)}


def _nature(measure: Measure) -> dict[str, Any]:
    direction = Direction.UP if measure.up_is_good else Direction.DOWN
    return {"unit": measure.unit.value, "direction": direction.value}


def _measure(name: str) -> Measure:
    if name not in MEASURES:
        raise Invalid("{field} is no measure that there is; `kpiMeasures` lists them with what they say.", "measure")
    return MEASURES[name]


def _cut(measure: Measure, definition: Mapping[str, Any]) -> dict[str, Any]:
    """Checks the grain and the dimensions of a definition. Raises Invalid."""
    dimensions: Sequence[str] = definition.get("dimensions") or []
    for place, dimension in enumerate(dimensions):
        if dimension not in measure.dimensions or dimension in dimensions[:place]:
            known = ", ".join(measure.dimensions) or "nothing"
            raise Invalid(f"{{field}} must be, once each, among what {measure.title} is cut by: {known}.", "dimensions")
    if definition["grain"] not in measure.grains:
        raise Invalid("{field} must be WEEK, MONTH or QUARTER.", "grain")
    return {"grain": str(definition["grain"]), "dimensions": list(dimensions)}


def _checked_cut(kpi: Kpi, cut: Mapping[str, str]) -> dict[str, str]:
    dimension, member = cut.get("dimension") or "", cut.get("member") or ""
    if dimension and dimension not in kpi.dimensions:
        cuts = ", ".join(kpi.dimensions) or "nothing"
        raise Invalid(f"{{field}} is no cut of {kpi.name}; it is cut by {cuts}.", "dimension")
    if bool(dimension) != bool(member):
        raise Invalid("{field} goes with a dimension: give both, or neither for the whole.", "member")
    currency = rules.check_money_currency(kpi.unit, cut.get("currency") or "")
    return {"dimension": dimension, "member": rules.check_member(member, "member"), "currency": currency}


def _period(kpi: Kpi, values: Mapping[str, Any]) -> dict[str, Any]:
    start = values["period_start"]
    period: Period = rules.CALENDAR.containing(start, Grain(kpi.grain))
    if period.start != start:
        raise Invalid(f"{{field}} must be the first day of a {kpi.grain}, such as {period.start}.", "period_start")
    return {"period_end": period.end}
