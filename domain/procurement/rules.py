"""Words and law of procurement: how suppliers and purchase orders go, what may be ordered, and how supply is judged."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from domain.customers.rules import check_country, check_external_id, check_name, check_note, check_phone
from domain.inventory.rules import check_counted, check_quantity
from domain.kernel.changes import Check
from domain.kernel.money import LARGEST, MINOR_DIGITS, check_currency, read_decimal
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import check_email, clean_text

MOST_LINES = 1_000
LONGEST_LEAD_DAYS = 730


class SupplierStatus(StrEnum):
    """How far we trust a supplier."""

    PROSPECTIVE = "prospective"
    APPROVED = "approved"
    PROBATION = "probation"
    SUSPENDED = "suspended"
    TERMINATED = "terminated"


NEXT_OF_SUPPLIER: Mapping[SupplierStatus, frozenset[SupplierStatus]] = {
    SupplierStatus.PROSPECTIVE: frozenset({SupplierStatus.APPROVED, SupplierStatus.TERMINATED}),
    SupplierStatus.APPROVED: frozenset({SupplierStatus.PROBATION, SupplierStatus.SUSPENDED, SupplierStatus.TERMINATED}),
    SupplierStatus.PROBATION: frozenset({SupplierStatus.APPROVED, SupplierStatus.SUSPENDED, SupplierStatus.TERMINATED}),
    SupplierStatus.SUSPENDED: frozenset({SupplierStatus.PROBATION, SupplierStatus.TERMINATED}),
    SupplierStatus.TERMINATED: frozenset(),
}
"""Where a supplier may go from each status; the way back from suspension leads over probation."""

TRUSTED = frozenset({SupplierStatus.APPROVED, SupplierStatus.PROBATION})
"""Only these are sent orders."""


class PurchaseOrderStatus(StrEnum):
    """How far a purchase order is."""

    DRAFT = "draft"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    PARTIALLY_RECEIVED = "partially_received"
    RECEIVED = "received"
    CLOSED = "closed"
    CANCELLED = "cancelled"


NEXT: Mapping[PurchaseOrderStatus, frozenset[PurchaseOrderStatus]] = {
    PurchaseOrderStatus.DRAFT: frozenset({PurchaseOrderStatus.SENT, PurchaseOrderStatus.CANCELLED}),
    PurchaseOrderStatus.SENT: frozenset(
        {
            PurchaseOrderStatus.ACKNOWLEDGED,
            PurchaseOrderStatus.PARTIALLY_RECEIVED,
            PurchaseOrderStatus.RECEIVED,
            PurchaseOrderStatus.CANCELLED,
        }
    ),
    PurchaseOrderStatus.ACKNOWLEDGED: frozenset(
        {PurchaseOrderStatus.PARTIALLY_RECEIVED, PurchaseOrderStatus.RECEIVED, PurchaseOrderStatus.CANCELLED}
    ),
    PurchaseOrderStatus.PARTIALLY_RECEIVED: frozenset(
        {PurchaseOrderStatus.PARTIALLY_RECEIVED, PurchaseOrderStatus.RECEIVED, PurchaseOrderStatus.CLOSED}
    ),
    PurchaseOrderStatus.RECEIVED: frozenset({PurchaseOrderStatus.CLOSED}),
    PurchaseOrderStatus.CLOSED: frozenset(),
    PurchaseOrderStatus.CANCELLED: frozenset(),
}
"""Where a purchase order may go from each status: cancelled before anything came, closed after."""

AWAITED = frozenset(
    {
        PurchaseOrderStatus.DRAFT,
        PurchaseOrderStatus.SENT,
        PurchaseOrderStatus.ACKNOWLEDGED,
        PurchaseOrderStatus.PARTIALLY_RECEIVED,
    }
)
"""While something is still to come, the expected day may move."""


class StatusNotReachable(Conflict):
    """The record cannot go from where it is to where it was sent."""

    def __init__(self, noun: str, now: str, wanted: str, reachable: frozenset[str], *field: str) -> None:
        ways = ", ".join(sorted(each.replace("_", " ") for each in reachable))
        remedy = f"from here it can only be {ways}." if ways else "it stays as it is; make a new one instead."
        super().__init__(
            f"This {noun} is {now.replace('_', ' ')} and cannot be {wanted.replace('_', ' ')}: {remedy}", *field
        )


def check_next(now: str, wanted: PurchaseOrderStatus, *field: str) -> PurchaseOrderStatus:
    """This will return the status that a purchase order is to have. Raises StatusNotReachable."""
    reachable = NEXT[PurchaseOrderStatus(now)]
    if wanted not in reachable:
        raise StatusNotReachable("purchase order", now, wanted, reachable, *field)
    return wanted


def check_next_of_supplier(now: str, wanted: str, *field: str) -> SupplierStatus:
    """This will return the status that a supplier is to have. Raises StatusNotReachable."""
    reachable = NEXT_OF_SUPPLIER[SupplierStatus(now)]
    if wanted not in reachable:
        raise StatusNotReachable("supplier", now, wanted, reachable, *field)
    return SupplierStatus(wanted)


def check_unit_cost(cost: str | Decimal, *field: str) -> Decimal:
    """This will return the cost of a unit, zero or more. Raises Invalid. Its digits are the currency's to judge."""
    number = read_decimal(cost, *field)
    if number < 0:
        raise Invalid("{field} must not be negative.", *field)
    return number


def check_lead_time(days: int, *field: str) -> int:
    """This will return days from order to delivery, 0 to 730. Raises Invalid."""
    if not 0 <= days <= LONGEST_LEAD_DAYS:
        raise Invalid(f"{{field}} must be from 0 to {LONGEST_LEAD_DAYS} days.", *field)
    return days


def check_lot(quantity: Decimal, minimum: Decimal, lot: Decimal, *field: str) -> None:
    """This will refuse less than the supplier sells, and what is no whole number of lots. Raises Invalid."""
    if quantity < minimum:
        raise Invalid(
            f"{{field}} is below the supplier's minimum of {minimum.normalize():f}; order that or more.", *field
        )
    if quantity % lot:
        raise Invalid(f"{{field}} must be a multiple of the supplier's lot of {lot.normalize():f}.", *field)


def check_reason(text: str | None, *field: str) -> str | None:
    """This will return what was wrong with the goods, trimmed. Raises Invalid where it is empty or over 300."""
    return None if text is None else clean_text(text, *field, longest=300)


def check_promise(day: date, sent_at: datetime, *field: str) -> date:
    """This will return the day that a supplier promises. Raises Invalid where it lies before the order was sent."""
    if day < sent_at.astimezone(UTC).date():
        raise Invalid("{field} lies before the order was sent; nobody can deliver then.", *field)
    return day


def line_amount(quantity: Decimal, unit_cost: Decimal, currency: str, *field: str) -> Decimal:
    """This will give what a line comes to, rounded half up to the currency's minor unit. Raises Invalid if too much."""
    amount = (quantity * unit_cost).quantize(Decimal(1).scaleb(-MINOR_DIGITS[currency]), ROUND_HALF_UP)
    if amount >= LARGEST:
        raise Invalid("{field} makes the line cost too much to be written down; order less.", *field)
    return amount


SUPPLIER: Mapping[str, Check] = {
    "external_id": check_external_id,
    "name": check_name,
    "email": check_email,
    "phone": check_phone,
    "country": check_country,
    "note": check_note,
}
"""The rule of each field of a supplier that people may write."""

SUPPLIER_ITEM: Mapping[str, Check] = {
    "unit_cost": check_unit_cost,
    "currency": check_currency,
    "lead_time_days": check_lead_time,
    "minimum_quantity": check_quantity,
    "lot_size": check_quantity,
    "is_preferred": lambda preferred, *_: bool(preferred),
}
"""The rule of each field of a supplier's item that people may write."""

PURCHASE_ORDER: Mapping[str, Check] = {
    "currency": lambda code, *field: None if code is None else check_currency(code, *field),
    "expected_on": lambda day, *_: day,
}
"""The rule of each field of a purchase order that people may write."""

LINE: Mapping[str, Check] = {
    "product_id": lambda key, *_: key,
    "quantity": check_quantity,
    "unit_cost": lambda cost, *field: None if cost is None else check_unit_cost(cost, *field),
}
"""The rule of each field of a purchase order's line that people may write."""

RECEIPT: Mapping[str, Check] = {
    "line_id": lambda key, *_: key,
    "accepted": check_counted,
    "rejected": check_counted,
    "reject_reason": check_reason,
}
"""The rule of each field of what came for a line."""


def share(part: Decimal | int, whole: Decimal | int) -> float | None:
    """This will give a part of a whole, 0 to 1; None where there is no whole.

    So on-time rate = lines on time / lines due, which counts lines of which nothing came; and reject rate = rejected /
    (accepted + rejected). Source: SCOR 12, RL.1.2 and RL.2.4 seen from the buyer's side.
    """
    return float(part / whole) if whole else None
