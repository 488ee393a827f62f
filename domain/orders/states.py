"""The law of an order's way: drafted, confirmed for a day, allocated, shipped, delivered, closed; or called off."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text


class OrderStatus(StrEnum):
    """How far an order is."""

    DRAFT = "draft"
    CONFIRMED = "confirmed"
    ALLOCATED = "allocated"
    PARTIALLY_SHIPPED = "partially_shipped"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CLOSED = "closed"
    CANCELLED = "cancelled"


NEXT: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    OrderStatus.DRAFT: frozenset({OrderStatus.CONFIRMED, OrderStatus.CANCELLED}),
    OrderStatus.CONFIRMED: frozenset({OrderStatus.ALLOCATED, OrderStatus.CANCELLED}),
    OrderStatus.ALLOCATED: frozenset({OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED, OrderStatus.CANCELLED}),
    OrderStatus.PARTIALLY_SHIPPED: frozenset({OrderStatus.PARTIALLY_SHIPPED, OrderStatus.SHIPPED}),
    OrderStatus.SHIPPED: frozenset({OrderStatus.DELIVERED}),
    OrderStatus.DELIVERED: frozenset({OrderStatus.CLOSED}),
    OrderStatus.CLOSED: frozenset(),
    OrderStatus.CANCELLED: frozenset(),
}
"""Where an order may go from each status; it is called off before anything was shipped."""


class StatusNotReachable(Conflict):
    """An order cannot go from its status to the one wanted."""

    def __init__(self, now: OrderStatus, wanted: OrderStatus) -> None:
        ways = " or ".join(sorted(each.replace("_", " ") for each in NEXT[now]))
        remedy = f"it can only become {ways}" if ways else "it is over"
        super().__init__(
            f"The order is {now.replace('_', ' ')} and cannot become {wanted.replace('_', ' ')}: {remedy}.", "id"
        )


class NothingToShip(Conflict):
    """More was to be shipped of a line than is still to be."""

    def __init__(self, left: Decimal, *field: str) -> None:
        super().__init__(f"Only {left.normalize():f} of this line are still to be shipped.", *field)


class NothingToReturn(Conflict):
    """More was to come back of a line than has reached the customer and not come back."""

    def __init__(self, left: Decimal, *field: str) -> None:
        super().__init__(f"Only {left.normalize():f} of this line can come back.", *field)


def check_next(now: str, wanted: OrderStatus) -> OrderStatus:
    """This will return the status that an order comes to. Raises StatusNotReachable."""
    status = OrderStatus(now)
    if wanted not in NEXT[status]:
        raise StatusNotReachable(status, wanted)
    return wanted


def check_promise(day: date, today: date, *field: str) -> date:
    """This will return the day that delivery is promised for. Raises Invalid for a day that is over, or after 2199."""
    if not today <= day <= date(2199, 12, 31):
        raise Invalid("{field} must be today or later, and before 2200.", *field)
    return day


def check_reason(text: str, *field: str) -> str:
    """This will return why something was called off, rejected or given back. Raises Invalid: empty, or over 300."""
    return clean_text(text, *field, longest=300)


def check_words(text: str | None, *field: str) -> str | None:
    """This will return a carrier or a tracking number. Raises Invalid where it is empty or over 100 characters."""
    return None if text is None else clean_text(text, *field, longest=100)


def after_shipping(left: Iterable[Decimal]) -> OrderStatus:
    """This will say how far an order is of whose lines so much is left to ship."""
    return OrderStatus.PARTIALLY_SHIPPED if any(left) else OrderStatus.SHIPPED
