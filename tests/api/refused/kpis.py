"""What mutations of KPIs refuse."""

from datetime import date
from typing import Any

from domain.kernel.ids import public_id
from domain.kpis.models import Kpi, KpiTarget
from tests.api.refused import ONCE, RECORD, STAMPS

NEW = {"key": "wins", "name": "Wins", "description": "How many.", "measure": "win_rate", "grain": "MONTH"}
GOOD: dict[str, dict[str, Any]] = {
    "kpiCreate": {"input": NEW},
    "kpiUpdate": {"id": "KPI", "input": {"name": "B"}},
    "kpiTargetCreate": {"kpiId": "KPI", "input": {"periodStart": "2024-06-01", "value": 5, "currency": "EUR"}},
    "kpiTargetUpdate": {"id": "TARGET", "input": {"value": 6}},
    "kpiTargetRemove": {"id": "TARGET"},
    "kpiAnnotationCreate": {"kpiId": "KPI", "input": {"day": "2024-05-01", "text": "New prices."}},
    "kpiCompute": {"input": {}},
}
BAD: dict[str, dict[str, Any]] = {
    "kpiCreate": {
        "input.key": "bookings",
        "input.name": "",
        "input.description": " ",
        "input.ownerId": "rubbish",
        "input.measure": "luck",
        "input.grain": "DAY",
        "input.dimensions": ["weather"],
        **ONCE,
    },
    "kpiUpdate": {
        "input.name": None,
        "input.description": "",
        "input.ownerId": "rubbish",
        "input.isActive": None,
        "input.grain": "YEAR",
        "input.dimensions": ["owner", "owner"],
        **RECORD,
    },
    "kpiTargetCreate": {
        "kpiId": "rubbish",
        "input.periodStart": "2024-06-02",
        "input.value": 1e300,
        "input.dimension": "weather",
        "input.member": "usr_1",
        "input.currency": "",
        **ONCE,
    },
    "kpiTargetUpdate": {"input.value": None, **RECORD},
    "kpiTargetRemove": {"id": "rubbish"},
    "kpiAnnotationCreate": {"kpiId": "rubbish", "input.day": "1066-10-14", "input.text": "x" * 301, **ONCE},
    "kpiCompute": ONCE,
}
NEVER = {"kpiCompute.input.everything"}


async def stored() -> dict[str, str]:
    """A KPI of money by owner, with a target."""
    words = {"key": "bookings", "name": "Bookings", "description": "What was won.", "unit": "money", "direction": "up"}
    kpi = await Kpi.create(**words, grain="month", measure="bookings", dimensions=["owner"], **STAMPS)
    target = await KpiTarget.create(
        kpi=kpi, period_start=date(2024, 5, 1), period_end=date(2024, 6, 1), currency="EUR", value=3, **STAMPS
    )
    return {"KPI": public_id("kpi", kpi.id), "TARGET": public_id("kpt", target.id)}
