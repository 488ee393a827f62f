"""Words and law of the inventory: what kinds of places, moves and reservations there are, and what may be asked."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel.changes import Check
from domain.kernel.money import exact, read_decimal
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text

QUANTITY_DIGITS = 3
LARGEST_QUANTITY = Decimal(10) ** 9
"""Of one move: so that no sum of moves ever outgrows its column."""


class LocationKind(StrEnum):
    """What a place is to us: one of ours, one on the way, or one of those beyond that the books need."""

    INTERNAL = "internal"
    SUPPLIER = "supplier"
    CUSTOMER = "customer"
    LOSS = "loss"
    TRANSIT = "transit"


class StockMoveKind(StrEnum):
    """Why units went from one location to another."""

    RECEIPT = "receipt"
    SHIPMENT = "shipment"
    TRANSFER = "transfer"
    ADJUSTMENT = "adjustment"
    RETURN = "return"
    REVERSAL = "reversal"


class ReservationState(StrEnum):
    """What became of a promise of stock."""

    ACTIVE = "active"
    FULFILLED = "fulfilled"
    RELEASED = "released"
    EXPIRED = "expired"


SUPPLIERS = UUID("00000000-0000-7000-8000-000000000001")
CUSTOMERS = UUID("00000000-0000-7000-8000-000000000002")
LOSS = UUID("00000000-0000-7000-8000-000000000003")
TRANSIT = UUID("00000000-0000-7000-8000-000000000004")
FIXED = frozenset({SUPPLIERS, CUSTOMERS, LOSS, TRANSIT})
"""The locations that every house has from the start: what is not in a place of ours is at one of these."""

OURS = frozenset({LocationKind.INTERNAL})
CARRIED = frozenset({LocationKind.INTERNAL, LocationKind.TRANSIT})
"""Between these stock is transferred, and people make locations of these kinds."""


def check_code(code: str, *field: str) -> str:
    """This will return a location's short name trimmed. Raises Invalid where it is empty or over 40 characters."""
    return clean_text(code, *field, longest=40)


def check_name(name: str, *field: str) -> str:
    """This will return a location's name trimmed. Raises Invalid where it is empty or over 200 characters."""
    return clean_text(name, *field, longest=200)


def check_kind(kind: str, *field: str) -> LocationKind:
    """This will return the kind of a new location. Raises Invalid for those that there are for good already."""
    if kind not in CARRIED:
        raise Invalid(
            "{field} must be internal or transit; suppliers, customers and losses have one location each already.",
            *field,
        )
    return LocationKind(kind)


def check_quantity(value: str | Decimal | int, *field: str) -> Decimal:
    """This will return a number of units, above zero, exact to 3 digits. Raises Invalid."""
    quantity = check_counted(value, *field)
    if not quantity:
        raise Invalid("{field} must be above zero.", *field)
    return quantity


def check_counted(value: str | Decimal | int, *field: str) -> Decimal:
    """This will return what was counted, zero or more, exact to 3 digits. Raises Invalid."""
    counted = exact(read_decimal(value, *field), QUANTITY_DIGITS, *field)
    if counted < 0:
        raise Invalid("{field} must not be negative; what goes the other way is another move.", *field)
    if counted > LARGEST_QUANTITY:
        raise Invalid(f"{{field}} must be at most {LARGEST_QUANTITY:,}; split what is more.", *field)
    return counted


def check_note(text: str | None, *field: str) -> str | None:
    """This will return the reason for a move trimmed. Raises Invalid where it is empty or over 300 characters."""
    return None if text is None else clean_text(text, *field, longest=300)


def check_moment(moment: datetime | None, *field: str) -> datetime | None:
    """This will return the moment in UTC. Raises Invalid where it has no time zone."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise Invalid("{field} has no time zone; write it like 2024-05-01T09:30:00Z.", *field)
    return moment.astimezone(UTC)


def check_expiry(expires_at: datetime | None, at: datetime) -> None:
    """This will refuse a promise that is over before it is made. Raises Invalid."""
    if expires_at is not None and expires_at <= at:
        raise Invalid("{field} must lie in the future; leave it out to promise for as long as it takes.", "expires_at")


def check_place(kind: str, code: str, allowed: frozenset[LocationKind], *field: str) -> None:
    """This will refuse a location of a kind that the verb is not about. Raises Invalid."""
    if kind not in allowed:
        wanted = " or ".join(sorted(allowed))
        raise Invalid(f"{{field}} must be a location of kind {wanted}; {code} is of kind {kind}.", *field)


def draw(held: Sequence[Decimal], quantity: Decimal) -> list[Decimal]:
    """This will say how much to take of each of what is held, in their order, until the quantity is reached."""
    drawn = []
    for each in held:
        part = min(each, quantity)
        drawn.append(part)
        quantity -= part
    return drawn


LOCATION: Mapping[str, Check] = {
    "code": check_code,
    "name": check_name,
    "kind": check_kind,
    "is_active": lambda active, *_: bool(active),
}
"""The rule of each field of a location that people may write."""

MOVE: Mapping[str, Check] = {"quantity": check_quantity, "note": check_note}
"""The rule of each field of a transfer that people write."""

COUNT: Mapping[str, Check] = {"counted": check_counted, "note": check_note}
"""The rule of each field of a count that people write."""

PROMISE: Mapping[str, Check] = {"quantity": check_quantity, "expires_at": check_moment}
"""The rule of each field of a reservation that people write."""
