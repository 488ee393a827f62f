"""How well a supplier delivers: on time, in good order, and how soon; what never came is counted like what came late.

A line is due when its promised day has passed, whatever has become of it since: received, still awaited, given up when
the order was closed, or called off after that day. It is on time if all of it was accepted by that day. Days are UTC.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.intervals import Interval, wilson
from domain.kernel.period import Period
from domain.kernel.permissions import Permission
from domain.procurement.rules import share

_FIGURES = """
    WITH line AS (
        SELECT l.id, l.quantity, o.sent_at, o.promised_on,
            o.status IN ('sent', 'acknowledged', 'partially_received') AS is_open,
            o.promised_on >= $2::date AND o.promised_on < least($3::date, $4::date)
                AND (o.status <> 'cancelled' OR (o.closed_at AT TIME ZONE 'UTC')::date > o.promised_on) AS is_due,
            o.promised_on IS NULL AND o.sent_at >= $2::date::timestamp AT TIME ZONE 'UTC'
                AND o.sent_at < $3::date::timestamp AT TIME ZONE 'UTC' AS is_unpromised
        FROM purchase_order o JOIN purchase_order_line l ON l.purchase_order_id = o.id
        WHERE o.supplier_id = $1 AND o.sent_at < ($4::date + 1)::timestamp AT TIME ZONE 'UTC'
    ), came AS (
        SELECT r.*, (r.received_at AT TIME ZONE 'UTC')::date AS day,
            sum(r.accepted) OVER (PARTITION BY r.line_id ORDER BY r.received_at, r.id) AS so_far
        FROM line JOIN purchase_receipt r ON r.line_id = line.id
        WHERE r.received_at < ($4::date + 1)::timestamp AT TIME ZONE 'UTC'
    ), filled AS (
        SELECT line.*, min(came.received_at) AS filled_at, min(came.day) AS filled_on
        FROM line LEFT JOIN came ON came.line_id = line.id AND came.so_far >= line.quantity
        GROUP BY line.id, line.quantity, line.sent_at, line.promised_on, line.is_open, line.is_due, line.is_unpromised
    )
    SELECT
        count(*) FILTER (WHERE is_due)::int AS due,
        count(*) FILTER (WHERE is_due AND filled_on <= promised_on)::int AS on_time,
        count(*) FILTER (WHERE is_due AND filled_on IS NULL)::int AS missing,
        count(*) FILTER (WHERE is_due AND filled_on IS NULL AND is_open)::int AS overdue,
        count(*) FILTER (WHERE is_unpromised)::int AS unpromised,
        count(*) FILTER (WHERE filled_on >= $2::date AND filled_on < $3::date)::int AS filled,
        (avg(extract(epoch FROM filled_at - sent_at) / 86400)
            FILTER (WHERE filled_on >= $2::date AND filled_on < $3::date))::float8 AS lead_mean,
        (stddev_samp(extract(epoch FROM filled_at - sent_at) / 86400)
            FILTER (WHERE filled_on >= $2::date AND filled_on < $3::date))::float8 AS lead_sd,
        (SELECT coalesce(sum(accepted), 0) FROM came WHERE day >= $2::date AND day < $3::date) AS accepted,
        (SELECT coalesce(sum(rejected), 0) FROM came WHERE day >= $2::date AND day < $3::date) AS rejected
    FROM filled"""


@dataclass(frozen=True, slots=True)
class Performance:
    """What a supplier's lines and receipts of a period come to, as known on a day; rates 0 to 1, lead times in days."""

    due_line_count: int
    on_time_line_count: int
    missing_line_count: int
    overdue_line_count: int
    unpromised_line_count: int
    filled_line_count: int
    accepted: Decimal
    rejected: Decimal
    mean_lead_days: float | None
    lead_days_deviation: float | None

    @property
    def on_time_rate(self) -> float | None:
        """Lines on time of lines due; None where none was."""
        return share(self.on_time_line_count, self.due_line_count)

    @property
    def on_time_interval(self) -> Interval | None:
        """Between which rates the truth lies in 95 of 100 cases (Wilson 1927); None where no line was due."""
        return wilson(self.on_time_line_count, self.due_line_count)

    @property
    def reject_rate(self) -> float | None:
        """Units rejected of units that came; None where none did."""
        return share(self.rejected, self.accepted + self.rejected)


async def supplier_performance(supplier: UUID | None, period: Period, *, as_of: date, by: Actor) -> Performance:
    """This will say how well a supplier delivered in a period, as known at the end of the day `as_of`.

    On time are lines promised in the period and before that day; rejects and lead times are of what came in the period.
    A lead time runs from sending to the receipt that made the line whole. Raises Unauthenticated.
    """
    by.must(Permission.PROCUREMENT_READ)
    (row,) = await get_connection("default").execute_query_dict(_FIGURES, [supplier, period.start, period.end, as_of])
    return Performance(
        row["due"], row["on_time"], row["missing"], row["overdue"], row["unpromised"], row["filled"],
        row["accepted"], row["rejected"], row["lead_mean"], row["lead_sd"],
    )  # fmt: skip
