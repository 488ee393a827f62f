"""Law of orders: what a line must hold."""

from decimal import Decimal

from domain.kernel.money import exact, read_amount, read_decimal
from domain.kernel.refusals import Invalid

QUANTITY_DIGITS = 3


def check_quantity(value: str | Decimal | int, *field: str) -> Decimal:
    """This will return the quantity, above zero, exact to 3 digits. Raises Invalid."""
    quantity = exact(read_decimal(value, *field), QUANTITY_DIGITS, *field)
    if quantity <= 0:
        raise Invalid("quantity must be above zero; returns are recorded as returns, not as negative sales.", *field)
    return quantity


def check_line_amount(value: str | Decimal | int, currency: str, *field: str) -> Decimal:
    """This will return what the whole line cost, zero or more, exact to the currency's minor unit. Raises Invalid."""
    amount = read_amount(value, currency, *field)
    if amount < 0:
        raise Invalid("amount must not be negative; credits are recorded as returns.", *field)
    return amount
