"""How much of products is ordered a day, on average and by how much that varies: what stock must serve.

Every day of the window counts, those without an order as zero. Orders that were won from a deal are left out: deals
are counted while they are open, each with its probability, and whoever counted them here too would buy twice.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tortoise.connection import get_connection


class Asked(NamedTuple):
    """Whose demand is asked for: of a product at a location, over so many days.

    Orders that do not say where they ship from are counted where the product `is_home`.
    """

    product_id: UUID
    location_id: UUID
    is_home: bool
    days: int


class Demand(NamedTuple):
    """Units ordered a day: their mean and their standard deviation (of a sample, n - 1)."""

    mean: float
    sd: float


async def daily_demand(asked: Sequence[Asked], *, until: datetime) -> list[Demand]:
    """This will measure the demand of each, over the days (UTC) before the midnight `until`; in their order.

    Drafts and orders that were called off ask for nothing.
    """
    since = [until - timedelta(days=each.days) for each in asked]
    rows = await get_connection("default").execute_query_dict(
        """WITH asked AS (
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::bool[], $4::int[], $5::timestamptz[])
                WITH ORDINALITY AS a(product_id, location_id, is_home, days, since, n)
        ), daily AS (
            SELECT a.n, sum(l.quantity) AS quantity
            FROM asked a JOIN sales_order_line l ON l.product_id = a.product_id
            JOIN sales_order o ON o.id = l.order_id
            WHERE o.ordered_at >= $6 AND o.ordered_at < $7 AND o.ordered_at >= a.since AND o.opportunity_id IS NULL
                AND o.status NOT IN ('draft', 'cancelled')
                AND (o.location_id = a.location_id OR o.location_id IS NULL AND a.is_home)
            GROUP BY a.n, (o.ordered_at AT TIME ZONE 'UTC')::date
        ), sums AS (
            SELECT n, sum(quantity) AS total, sum(quantity * quantity) AS squares FROM daily GROUP BY n
        )
        SELECT (coalesce(total, 0) / days)::float8 AS mean,
            sqrt(greatest(coalesce(squares - total * total / days, 0) / (days - 1), 0))::float8 AS sd
        FROM asked LEFT JOIN sums USING (n) ORDER BY n""",
        [
            [each.product_id for each in asked], [each.location_id for each in asked],
            [each.is_home for each in asked], [each.days for each in asked], since, min(since, default=until), until,
        ],
    )  # fmt: skip
    return [Demand(row["mean"], row["sd"]) for row in rows]
