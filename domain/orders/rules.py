"""Law of orders: what an order and its lines must hold."""

from decimal import Decimal

from domain.kernel.money import exact, read_amount, read_decimal
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text

QUANTITY_DIGITS = 3
MOST_LINES = 10_000


def check_external_id(value: str, *field: str) -> str:
    """This will return the id that another system gave, trimmed. Raises Invalid where it is empty or over 120."""
    return clean_text(value, *field, longest=120)


def check_position(place: int, *field: str) -> int:
    """This will return a line's place on its order, from 1 to 10,000. Raises Invalid."""
    if not 1 <= place <= MOST_LINES:
        raise Invalid(f"{{field}} must be from 1 to {MOST_LINES:,}; an order has no more lines.", *field)
    return place


def check_quantity(value: str | Decimal | int, *field: str) -> Decimal:
    """This will return the quantity, above zero, exact to 3 digits. Raises Invalid."""
    quantity = exact(read_decimal(value, *field), QUANTITY_DIGITS, *field)
    if quantity <= 0:
        raise Invalid("{field} must be above zero; returns are recorded as returns, not as negative sales.", *field)
    return quantity


def check_line_amount(value: str | Decimal | int, currency: str, *field: str) -> Decimal:
    """This will return what the whole line cost, zero or more, exact to the currency's minor unit. Raises Invalid."""
    amount = read_amount(value, currency, *field)
    if amount < 0:
        raise Invalid("{field} must not be negative; credits are recorded as returns.", *field)
    return amount
