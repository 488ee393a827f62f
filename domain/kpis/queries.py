"""Reads of KPIs: series of values as they were known at a moment."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise.connection import get_connection


@dataclass(frozen=True, slots=True)
class Point:
    """The value of a KPI in one period [period_start, period_end); None where there was nothing to measure."""

    period_start: date
    period_end: date
    value: float | None


async def series(
    kpi_id: UUID,
    *,
    dimension: str = "",
    member: str = "",
    currency: str = "",
    start: date,
    end: date,
    as_of: datetime | None = None,
) -> list[Point]:
    """This will give the values of the periods that begin in [start, end), oldest first, as they were known `as_of`.

    Without a moment, as they are known now. Empty `dimension` and `member`: the whole; `currency` is empty unless the
    KPI is reckoned in money. A KPI has every period from its first to the present one, which may not be over yet.
    """
    rows = await get_connection("default").execute_query_dict(
        """SELECT period_start, period_end, value FROM kpi_value
        WHERE kpi_id = $1 AND dimension = $2 AND member = $3 AND currency = $4
            AND period_start >= $5 AND period_start < $6 AND CASE WHEN $7::timestamptz IS NULL
                THEN superseded_at IS NULL
                ELSE recorded_at <= $7 AND (superseded_at IS NULL OR superseded_at > $7) END
        ORDER BY period_start""",
        [kpi_id, dimension, member, currency, start, end, as_of],
    )
    return [Point(row["period_start"], row["period_end"], row["value"]) for row in rows]
