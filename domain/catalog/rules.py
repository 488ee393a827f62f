"""Words and law of the catalog: what a stock-keeping unit is called."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from domain.kernel.changes import Check
from domain.kernel.money import Money, check_currency, read_decimal
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text

LONGEST_SKU = 64


def check_sku(sku: str, *field: str) -> str:
    """This will return the stock-keeping unit trimmed. Raises Invalid where it is empty or over 64 characters."""
    return clean_text(sku, *field, longest=LONGEST_SKU)


def check_name(name: str, *field: str) -> str:
    """This will return the product's name trimmed. Raises Invalid where it is empty or over 300 characters."""
    return clean_text(name, *field, longest=300)


def check_description(text: str | None, *field: str) -> str | None:
    """This will return the description trimmed. Raises Invalid where it has over 10,000 characters."""
    return None if text is None else clean_text(text, *field, longest=10_000, blank=True)


def check_category(text: str | None, *field: str) -> str | None:
    """This will return the category trimmed. Raises Invalid where it is empty or over 100 characters."""
    return None if text is None else clean_text(text, *field, longest=100)


def check_unit(text: str, *field: str) -> str:
    """This will return what is counted, trimmed. Raises Invalid where it is empty or over 20 characters."""
    return clean_text(text, *field, longest=20)


def check_price(price: str | Decimal | None, *field: str) -> Decimal | None:
    """This will return a price or a cost, zero or more. Raises Invalid. Its digits are for `check_prices` to judge."""
    if price is None:
        return None
    number = read_decimal(price, *field)
    if number < 0:
        raise Invalid("{field} must not be negative.", *field)
    return number


def check_prices(values: Mapping[str, Any]) -> None:
    """This will refuse a price without its currency and the other way round, a cost without a price, and amounts with
    too many digits. Raises Invalid."""
    price, cost, currency = values.get("list_price"), values.get("unit_cost"), values.get("currency")
    if (price is None) != (currency is None):
        raise Invalid("A list price needs its currency, and a currency its price; give both or neither.", "list_price")
    if price is not None and currency is not None:
        Money.read(price, currency, "list_price")
    if cost is not None:
        if currency is None:
            raise Invalid("A unit cost is in the currency of the list price; give that too, or no cost.", "unit_cost")
        Money.read(cost, currency, "unit_cost")


def check_active(active: bool, *_field: str) -> bool:
    """This will return whether the product may be sold."""
    return bool(active)


PRODUCT: Mapping[str, Check] = {
    "sku": check_sku,
    "name": check_name,
    "category": check_category,
    "description": check_description,
    "list_price": check_price,
    "unit_cost": check_price,
    "unit": check_unit,
    "currency": lambda code, *field: None if code is None else check_currency(code, *field),
    "is_active": check_active,
}
"""The rule of each field of a product that people may write."""
