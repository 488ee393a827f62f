"""Reads of orders: how well we deliver, against the day first promised."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.kernel.actor import Actor
from domain.kernel.intervals import Interval, wilson
from domain.kernel.period import Period
from domain.kernel.permissions import Permission
from domain.kernel.sight import SEEN, rows_seen
from domain.orders.models import Order

_FIGURES = f"""
    WITH due AS (
        SELECT o.id, o.promised_on, (o.delivered_at AT TIME ZONE 'UTC')::date AS arrived_on,
            o.delivered_at <= ($3::date + 1)::timestamp AT TIME ZONE 'UTC' AS is_known
        FROM sales_order o WHERE o.promised_on >= $1::date AND o.promised_on < least($2::date, $3::date)
            AND o.status NOT IN ('draft', 'cancelled') {SEEN}
    ), line AS (
        SELECT d.id, l.quantity, l.delivered, least(l.quantity, coalesce((
            SELECT sum(s.quantity) FROM shipment_line s JOIN shipment p ON p.id = s.shipment_id
            WHERE s.order_line_id = l.id AND (p.shipped_at AT TIME ZONE 'UTC')::date <= d.promised_on), 0)) AS in_time
        FROM due d JOIN sales_order_line l ON l.order_id = d.id
    ), whole AS (
        SELECT id, bool_and(delivered >= quantity) AS in_full, sum(quantity) AS ordered, sum(in_time) AS in_time
        FROM line GROUP BY 1
    )
    SELECT count(*)::int AS due, count(*) FILTER (WHERE is_known AND arrived_on <= promised_on)::int AS on_time,
        count(*) FILTER (WHERE is_known AND arrived_on <= promised_on AND in_full)::int AS on_time_in_full,
        coalesce(sum(ordered), 0) AS ordered, coalesce(sum(in_time), 0) AS in_time
    FROM due LEFT JOIN whole USING (id)"""


@dataclass(frozen=True, slots=True)
class DeliveryPerformance:
    """What became of the orders that were first promised for days of a period, as known on a day."""

    due: int
    on_time: int
    on_time_in_full: int
    ordered: Decimal
    in_time: Decimal

    @property
    def rate(self) -> float | None:
        """Orders on time and in full of orders due; None where none was. Source: SCOR 12, RL.1.1."""
        return self.on_time_in_full / self.due if self.due else None

    @property
    def interval(self) -> Interval | None:
        """Between which rates the truth lies in 95 of 100 cases (Wilson 1927); None where none was due."""
        return wilson(self.on_time_in_full, self.due)

    @property
    def fill_rate(self) -> float | None:
        """Units shipped by the promised day of units ordered; None where none was."""
        return float(self.in_time / self.ordered) if self.ordered else None


async def delivery_performance(period: Period, *, as_of: date, by: Actor) -> DeliveryPerformance:
    """This will say how well we delivered what was first promised for a period and before `as_of`, in one statement.

    Orders that never came count like late ones. Days are UTC. Raises Unauthenticated.
    """
    by.must(Permission.ORDERS_READ)
    (row,) = await rows_seen(_FIGURES, Order, "o", period.start, period.end, as_of, by=by)
    return DeliveryPerformance(row["due"], row["on_time"], row["on_time_in_full"], row["ordered"], row["in_time"])
