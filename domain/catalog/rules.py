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


def check_list_price(price: str | Decimal | None, *field: str) -> Decimal | None:
    """This will return the price, zero or more. Raises Invalid. Its digits are for `check_price_pair` to judge."""
    if price is None:
        return None
    number = read_decimal(price, *field)
    if number < 0:
        raise Invalid("{field} must not be negative.", *field)
    return number


def check_price_pair(values: Mapping[str, Any]) -> None:
    """This will refuse a price without its currency, a currency without a price, and a price with too many digits."""
    price, currency = values.get("list_price"), values.get("currency")
    if (price is None) != (currency is None):
        raise Invalid("A list price needs its currency, and a currency its price; give both or neither.", "list_price")
    if price is not None and currency is not None:
        Money.read(price, currency, "list_price")


def check_active(active: bool, *_field: str) -> bool:
    """This will return whether the product may be sold."""
    return bool(active)


PRODUCT: Mapping[str, Check] = {
    "sku": check_sku,
    "name": check_name,
    "category": check_category,
    "description": check_description,
    "list_price": check_list_price,
    "currency": lambda code, *field: None if code is None else check_currency(code, *field),
    "is_active": check_active,
}
"""The rule of each field of a product that people may write."""
