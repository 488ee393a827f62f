"""How many units of products the open deals are expected to take: the weighted pipeline, as stock sees it.

A deal is a Bernoulli trial: with probability p it takes its q units, else none. So it adds p·q to the mean and
p·(1 - p)·q² to the variance; the lines of one deal for the same product are won or lost together. Deals that are won,
lost, left out of the forecast, or whose close date slips out of the days asked for, no longer count.
"""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from tortoise.connection import get_connection


class PipelineDemand(NamedTuple):
    """Units that open deals are expected to take, and the variance of these units."""

    mean: float
    variance: float


NO_DEALS = PipelineDemand(0.0, 0.0)


async def pipeline_demand(asked: Sequence[tuple[UUID, date]], *, since: date) -> list[PipelineDemand]:
    """This will sum up, for each product, the deals expected to close from `since` to a day, both included; in order.

    Source: the sum of independent Bernoulli trials, each times its quantity.
    """
    rows = await get_connection("default").execute_query_dict(
        """WITH asked AS (
            SELECT * FROM unnest($1::uuid[], $2::date[]) WITH ORDINALITY AS a(product_id, until, n)
        ), deals AS (
            SELECT a.n, o.probability AS p, sum(l.quantity) AS q
            FROM asked a JOIN opportunity_line l ON l.product_id = a.product_id
            JOIN opportunity o ON o.id = l.opportunity_id
            WHERE o.status = 'open' AND o.forecast_category <> 'omitted' AND o.close_date BETWEEN $3 AND $4
                AND o.close_date <= a.until
            GROUP BY a.n, o.id
        )
        SELECT coalesce(sum(p * q), 0)::float8 AS mean, coalesce(sum(p * (1 - p) * q * q), 0)::float8 AS variance
        FROM asked LEFT JOIN deals USING (n) GROUP BY n ORDER BY n""",
        [[key for key, _ in asked], [until for _, until in asked], since, max((u for _, u in asked), default=since)],
    )
    return [PipelineDemand(row["mean"], row["variance"]) for row in rows]
