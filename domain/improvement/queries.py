"""Reads of improvement: what was last measured of a cycle."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from tortoise.connection import get_connection

from domain.improvement.rules import Verdict


class Measured(NamedTuple):
    """The last verdicts on a cycle: that on its primary KPI, if there is one, and the guardrails that it worsened."""

    primary: Verdict | None
    worsened: Sequence[str]


async def last_verdicts(cycle: UUID) -> Measured:
    """This will give the last verdict on each KPI of a cycle."""
    rows = await get_connection("default").execute_query_dict(
        """SELECT DISTINCT ON (e.kpi_id) e.verdict, k.name, e.kpi_id = c.primary_kpi_id AS is_primary
        FROM improvement_effect e JOIN improvement_cycle c ON c.id = e.cycle_id JOIN kpi k ON k.id = e.kpi_id
        WHERE e.cycle_id = $1 ORDER BY e.kpi_id, e.computed_at DESC, e.id DESC""",
        [cycle],
    )
    primary = next((Verdict(row["verdict"]) for row in rows if row["is_primary"]), None)
    worsened = [row["name"] for row in rows if not row["is_primary"] and row["verdict"] == Verdict.WORSENED]
    return Measured(primary, sorted(worsened))
