"""Where products are bought, how long that takes by what was measured, and how much of them is on its way."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from tortoise.connection import get_connection

LEAST_RECEIPTS = 3
"""Of fewer orders received nothing is said; the supplier's own word counts instead."""
QUOTED_SPREAD = 0.25
"""The standard deviation that a quoted lead time is taken to have, as a share of it."""
MEASURED_DAYS = 730
"""How far back orders tell how long a supplier takes."""


class LeadTime(NamedTuple):
    """Days from order to receipt: their mean and standard deviation, and how many orders say so; 0: it is quoted."""

    mean: float
    sd: float
    orders: int


def quoted(days: int) -> LeadTime:
    """This will take a supplier's word for a lead time, with a quarter of it for its standard deviation."""
    return LeadTime(days, QUOTED_SPREAD * days, 0)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a product is bought first: the supplier's item, on its terms, and the lead time to reckon with."""

    supplier_item_id: UUID
    unit_cost: Decimal
    currency: str
    minimum: Decimal
    lot: Decimal
    lead_time: LeadTime


async def sources(products: Collection[UUID], *, at: datetime) -> dict[UUID, Source]:
    """This will find where each product is bought first, from whom we may buy; those that nobody offers are left out.

    The preferred item, or the one that comes soonest. Lead times are those of the orders of two years that had the
    product and were received in full; an order still awaited that takes longer than these did on average counts with
    the whole days (UTC) it has taken so far, lest a supplier who never delivers look quick.
    """
    today = at.astimezone(UTC).date()
    rows = await get_connection("default").execute_query_dict(
        """WITH item AS (
            SELECT DISTINCT ON (i.product_id) i.* FROM supplier_item i JOIN supplier s ON s.id = i.supplier_id
            WHERE i.product_id = ANY($1::uuid[]) AND s.status IN ('approved', 'probation')
            ORDER BY i.product_id, i.is_preferred DESC, i.lead_time_days, i.id
        ), taken AS (
            SELECT DISTINCT i.id, o.id AS order_id, o.received_at IS NOT NULL AS came,
                greatest(coalesce(extract(epoch FROM o.received_at - o.sent_at) / 86400,
                    $2::date - (o.sent_at AT TIME ZONE 'UTC')::date), 0) AS days
            FROM item i JOIN purchase_order_line l ON l.product_id = i.product_id
            JOIN purchase_order o ON o.id = l.purchase_order_id AND o.supplier_id = i.supplier_id
            WHERE o.sent_at >= ($2::date - $3::int) AT TIME ZONE 'UTC'
                AND (o.received_at IS NOT NULL AND o.status <> 'cancelled'
                    OR o.status IN ('sent', 'acknowledged', 'partially_received'))
        ), known AS (
            SELECT *, avg(days) FILTER (WHERE came) OVER mine AS usual,
                count(*) FILTER (WHERE came) OVER mine AS receipts
            FROM taken WINDOW mine AS (PARTITION BY id)
        ), measured AS (
            SELECT id, avg(days)::float8 AS mean, stddev_samp(days)::float8 AS sd, count(*)::int AS orders
            FROM known WHERE receipts >= $4 AND (came OR days > usual) GROUP BY id
        )
        SELECT i.product_id, i.id, i.unit_cost, i.currency, i.minimum_quantity, i.lot_size, i.lead_time_days,
            m.mean, m.sd, m.orders
        FROM item i LEFT JOIN measured m USING (id)""",
        [list(products), today, MEASURED_DAYS, LEAST_RECEIPTS],
    )
    return {row["product_id"]: _source(row) for row in rows}


def _source(row: dict[str, Any]) -> Source:
    lead_time = LeadTime(row["mean"], row["sd"], row["orders"]) if row["orders"] else quoted(row["lead_time_days"])
    return Source(row["id"], row["unit_cost"], row["currency"], row["minimum_quantity"], row["lot_size"], lead_time)


async def on_order(asked: Sequence[tuple[UUID, UUID]]) -> list[Decimal]:
    """This will sum up what is on its way of each product to each location, in the order asked for.

    Drafts count: whoever wrote one means to send it, and would else be told to buy the same again.
    """
    rows = await get_connection("default").execute_query_dict(
        """WITH asked AS (
            SELECT * FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS a(product_id, location_id, n)
        ), awaited AS (
            SELECT a.n, l.quantity - l.accepted AS units
            FROM asked a JOIN purchase_order_line l ON l.product_id = a.product_id
            JOIN purchase_order o ON o.id = l.purchase_order_id AND o.location_id = a.location_id
            WHERE o.status IN ('draft', 'sent', 'acknowledged', 'partially_received')
        )
        SELECT coalesce(sum(units), 0) AS units FROM asked LEFT JOIN awaited USING (n) GROUP BY n ORDER BY n""",
        [[product for product, _ in asked], [location for _, location in asked]],
    )
    return [row["units"] for row in rows]
