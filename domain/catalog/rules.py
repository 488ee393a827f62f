"""Words and law of the catalog: what a stock-keeping unit is called."""

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
