"""What those need to know of KPIs who steer by them: what a KPI is, and which news of it nobody wanted."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kpis.members import names_of
from domain.kpis.models import Kpi


@dataclass(frozen=True, slots=True)
class Steered:
    """A KPI as those see it who steer by it."""

    id: UUID
    name: str
    unit: str
    up_is_good: bool
    grain: str
    dimensions: tuple[str, ...]
    is_active: bool
    owner_id: UUID | None


@dataclass(frozen=True, slots=True)
class Unwelcome:
    """A signal of a KPI that moved the wrong way, or missed its target."""

    id: UUID
    kpi: Steered
    period_start: date
    dimension: str
    member: str
    member_name: str
    currency: str
    rule: str
    value: float
    centre: float | None
    lower: float | None
    upper: float | None


async def steering(keys: Collection[UUID]) -> dict[UUID, Steered]:
    """This will say what the KPIs with these keys are; those that are not there are left out."""
    return {kpi.id: _steered(kpi) for kpi in await Kpi.filter(id__in=keys)} if keys else {}


async def unwelcome_signals(found_since: datetime, period_since: date) -> list[Unwelcome]:
    """This will give the unwelcome signals found since a moment, of the latest such period of each cut of each KPI.

    Periods that began before a day are old news, and left out, as are KPIs that are no longer computed.
    """
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(
        """SELECT * FROM (
            SELECT s.*, max(s.period_start) OVER (PARTITION BY s.kpi_id, s.dimension, s.member, s.currency) AS latest
            FROM kpi_signal s JOIN kpi k ON k.id = s.kpi_id
            WHERE s.found_at >= $1 AND s.period_start >= $2 AND NOT s.is_good AND k.is_active
        ) found WHERE period_start = latest ORDER BY kpi_id, dimension, member, currency, rule""",
        [found_since, period_since],
    )
    kpis = await steering({row["kpi_id"] for row in rows})
    names = ("id", "period_start", "dimension", "member", "currency", "rule", "value", "centre", "lower", "upper")
    called = await names_of({row["member"] for row in rows})
    return [
        Unwelcome(kpi=kpis[row["kpi_id"]], member_name=called[row["member"]], **{name: row[name] for name in names})
        for row in rows
    ]


def _steered(kpi: Kpi) -> Steered:
    up, dimensions = kpi.direction == "up", tuple(kpi.dimensions)
    return Steered(kpi.id, kpi.name, kpi.unit, up, kpi.grain, dimensions, kpi.is_active, kpi.owner_id)
