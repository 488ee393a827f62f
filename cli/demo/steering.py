"""What the people of the demo company steer by: targets, segments, cycles, by verbs that anybody has."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise.functions import Sum

from cli.demo.improvement import ON_TIME, go_once_around, propose_another
from domain.access.models import User
from domain.jobs.commands import start_job
from domain.kernel.actor import Actor
from domain.kernel.ids import public_id
from domain.kernel.transactions import one_transaction
from domain.kpis.models import Kpi
from domain.kpis.registry import create_target, install_built_in
from domain.pipeline.models import Opportunity
from domain.segments.commands import create_segment
from domain.segments.models import Segment

JOBS = (
    "attribution.compute",
    "pipeline.snapshot_forecast",
    "segments.refresh",
    "replenishment.propose",
    "kpis.compute",
)
"""What is computed of the rest, KPIs last, as they read what others compute; themes the import asks for."""

REVIEW, AFTER = "improvement.review", timedelta(minutes=5)
"""What proposes cycles by these figures, so late that they are there."""

SEGMENTS: Sequence[tuple[str, str, dict[str, Any]]] = (
    (
        "Regular companies (demo)",
        "Companies that ordered at least twice within a year.",
        {
            "all": [
                {"condition": {"field": "kind", "operator": "in", "values": ["company"]}},
                {"condition": {"field": "order_count", "operator": "at_least", "values": ["2"], "within_days": 365}},
            ]
        },
    ),
    (
        "Unhappy buyers (demo)",
        "Whoever spoke of us in displeasure within a quarter.",
        {"condition": {"field": "sentiment", "operator": "less_than", "values": ["0"], "within_days": 90}},
    ),
    (
        "In talks again (demo)",
        "Companies we have open deals with, and sold nothing to for half a year.",
        {
            "all": [
                {"condition": {"field": "open_deal_count", "operator": "at_least", "values": ["1"]}},
                {"condition": {"field": "order_count", "operator": "at_most", "values": ["0"], "within_days": 182}},
            ]
        },
    ),
)
TARGETS: Sequence[tuple[str, float]] = ((ON_TIME, 0.95), ("nps", 40.0))
"""What a KPI is to reach in each of the last twelve months."""


async def is_set_up() -> bool:
    """This will say whether the company is steered: its segments are saved along with all else."""
    return await Segment.exists(name=SEGMENTS[0][0])


async def set_up(sellers: Sequence[UUID], *, by: Actor, at: datetime) -> None:
    """This will set targets and quotas, save segments, enter cycles, ask for what is computed; all or none."""
    today = at.astimezone(UTC).date()
    async with one_transaction():
        await install_built_in(by=by, at=at)
        kpis = {kpi.key: kpi for kpi in await Kpi.all()}
        quota = await _monthly_bookings(at)
        for month in _last_months(today, 12):
            for key, value in TARGETS:
                await create_target(kpis[key].id, {"period_start": month, "value": value}, {}, by=by, at=at)
            await _set_quotas(kpis["bookings"].id, month, quota, sellers, by=by, at=at)
        for name, description, predicate in SEGMENTS:
            await create_segment({"name": name, "description": description, "predicate": predicate}, by=by, at=at)
        await go_once_around(sellers[0], by=by, at=at)
        await propose_another(by=by, at=at)
        for kind in JOBS:
            await start_job(kind, {}, unique_key=kind, by=by, at=at)
        await start_job(REVIEW, {}, unique_key=REVIEW, run_at=at + AFTER, by=by, at=at)


async def _monthly_bookings(at: datetime) -> float:
    """A month's share of what was won in the year before, in full hundreds, and a hundred at least."""
    won = Opportunity.filter(status="won", currency="USD", closed_at__gte=at - timedelta(days=365))
    (row,) = await won.annotate(whole=Sum("amount")).values("whole")
    return max(100.0, round(float(row["whole"] or 0) / 12, -2))


async def _set_quotas(
    bookings: UUID, month: date, quota: float, sellers: Sequence[UUID], *, by: Actor, at: datetime
) -> None:
    await create_target(bookings, {"period_start": month, "value": quota}, {"currency": "USD"}, by=by, at=at)
    share = {"period_start": month, "value": round(quota / len(sellers), 2)}
    for seller in sellers:
        cut = {"dimension": "owner", "member": public_id(User.prefix, seller), "currency": "USD"}
        await create_target(bookings, share, cut, by=by, at=at)


def _last_months(today: date, count: int) -> list[date]:
    months = [today.replace(day=1)]
    while len(months) < count:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months
