"""The plan of a cycle that has one, whole: nothing of it is missing."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypedDict
from uuid import UUID

from domain.improvement.models import ImprovementCycle
from domain.improvement.rules import Design
from domain.kpis.steering import Steered

MONEY = "money"
"""The unit of KPIs that are read by currency."""


class Cut(TypedDict):
    """A part of a KPI: what it is cut by, which part, in which currency; empty where it is the whole, or no money."""

    dimension: str
    member: str
    currency: str


@dataclass(frozen=True, slots=True)
class Plan:
    """By which part of which KPI a cycle is judged, over which days, how, and from which change on it is worth it."""

    primary_kpi_id: UUID
    dimension: str
    member: str
    currency: str
    baseline_start: date
    starts_on: date
    ends_on: date
    design: Design
    minimum_effect: float

    @property
    def end(self) -> date:
        """The day after the last."""
        return self.ends_on + timedelta(days=1)

    def cut(self, kpi: Steered) -> Cut:
        """This will give the part of a KPI that is read: the planned one of the primary KPI, the whole of others."""
        is_primary = kpi.id == self.primary_kpi_id
        return {
            "dimension": self.dimension if is_primary else "",
            "member": self.member if is_primary else "",
            "currency": self.currency if kpi.unit == MONEY else "",
        }


def plan_of(cycle: ImprovementCycle) -> Plan:
    """This will give the plan of a cycle that has been planned. Raises ValueError for one that has not."""
    values: dict[str, Any] = {name: getattr(cycle, name) for name in Plan.__annotations__}
    if missing := [name for name, value in values.items() if value is None]:
        raise ValueError(f"the cycle {cycle.id} has no {', '.join(missing)}")
    return Plan(**values | {"design": Design(values["design"])})
