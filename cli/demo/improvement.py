"""What the demo company does to become better: a cycle gone through to a practice, and one that begins."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from domain.improvement.checking import check_cycle
from domain.improvement.commands import act_on_cycle, propose_cycle, standardize_cycle, start_cycle
from domain.improvement.models import ImprovementCycle
from domain.improvement.planning import plan_cycle
from domain.improvement.practices import adopt_practice
from domain.improvement.rules import Design
from domain.kernel.actor import Actor
from domain.kernel.period import Period
from domain.kpis.computing import compute_kpi
from domain.kpis.models import Kpi
from domain.orders.queries import delivery_performance

ON_TIME = "on_time_in_full"
FAILED_FROM, MENDED, WORSE_AGAIN = timedelta(days=416), timedelta(days=241), timedelta(days=45)
"""How long ago orders began to come late, came well again, and late once more: as `sql/50_orders.sql` has it."""
TEAMS = ("Warehouse DEMO-WEST (demo)", "Customer service (demo)")


async def go_once_around(leader: UUID, *, by: Actor, at: datetime) -> None:
    """This will enter what was done when orders came late, and judge it by how they came since.

    The cycle is begun as of then; its effect is measured as of `at`, when the KPI is computed for the first time.
    """
    kpi = await Kpi.get(key=ON_TIME)
    await compute_kpi(kpi.id, None, by=by, at=at)
    cycle = await _begun(kpi, leader, at.astimezone(UTC).date(), by=by)
    await check_cycle(cycle.id, by=by, at=at)
    await act_on_cycle(cycle.id, by=by, at=at)
    learned = {
        "title": "Call about parcels before they are late (demo)",
        "description": "Each morning the warehouse asks the carriers for the parcels due the next day. What would come "
        "late goes with another carrier, and the buyer hears of it from us first.",
    }
    _, practice = await standardize_cycle(cycle.id, learned, by=by, at=at)
    for team in TEAMS:
        await adopt_practice(practice.id, {"team": team, "adopted_on": at.date()}, by=by, at=at)


async def propose_another(*, by: Actor, at: datetime) -> None:
    """This will propose to do something about late deliveries, on the evidence of the last quarter."""
    today = at.astimezone(UTC).date()
    proposal = {
        "title": "Deliver on the promised day (demo)",
        "problem": "Orders come late more and more often, and buyers say so.",
    }
    seen = await _seen(Period(today - timedelta(days=90), today), today, by)
    await propose_cycle(proposal, [{"text": seen}], about={}, by=by, at=at)


async def _begun(kpi: Kpi, leader: UUID, today: date, *, by: Actor) -> ImprovementCycle:
    """Begun, with months on either side: those of late orders, and those after them until it grows worse again."""
    starts_on = _nearest_month(today - MENDED)
    proposed, started = (datetime.combine(day, time(9), UTC) for day in (starts_on - timedelta(days=7), starts_on))
    proposal = {
        "title": "Late parcels (demo)",
        "problem": "Every third order comes late, and nobody here knows of it before the buyer does.",
    }
    quarter = Period(starts_on - timedelta(days=97), starts_on - timedelta(days=7))
    evidence = [{"text": await _seen(quarter, quarter.end, by)}]
    cycle = await propose_cycle(proposal, evidence, about={"owner_id": leader}, by=by, at=proposed)
    plan = {
        "hypothesis": "If we know a day ahead what would be late, most of it can still come on time.",
        "countermeasure": "The warehouse asks the carriers each morning for the parcels due the next day.",
        "design": Design.BEFORE_AFTER,
        "minimum_effect": 0.05,
        "baseline_start": _nearest_month(today - FAILED_FROM),
        "starts_on": starts_on,
        "ends_on": (today - WORSE_AGAIN).replace(day=1) - timedelta(days=1),
    }
    await plan_cycle(cycle.id, plan, primary=kpi.id, guardrails=(), owner={}, by=by, at=proposed)
    return await start_cycle(cycle.id, by=by, at=started)


async def _seen(period: Period, as_of: date, by: Actor) -> str:
    found = await delivery_performance(period, as_of=as_of, by=by)
    return f"{found.on_time_in_full} of {found.due} orders promised for 90 days came on time and in full (demo)."


def _nearest_month(day: date) -> date:
    """The first day of a month that is nearest to a day."""
    return (day + timedelta(days=15)).replace(day=1)
