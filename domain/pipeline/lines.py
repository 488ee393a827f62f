"""Lines of a deal: checked by place, priced by the catalog where no price is given, and added up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalog.models import Product
from domain.kernel.money import LARGEST
from domain.kernel.refusals import Invalid
from domain.pipeline import rules
from domain.pipeline.models import OpportunityLine

Line = Mapping[str, Any]
"""`product_id`, `quantity`, and perhaps `unit_price` and `discount`."""


def check_lines(lines: Sequence[Line], *, most: int = rules.MOST_LINES) -> list[dict[str, Any]]:
    """This will check each line by its rules, naming its place. Raises Invalid."""
    if len(lines) > most:
        raise Invalid(f"{{field}} has {len(lines):,} lines; at most {most:,} are kept.", "lines")
    checked = []
    for place, line in enumerate(lines):
        where = ("lines", str(place))
        values = {name: rules.LINE[name](line[name], *where, name) for name in rules.LINE if name in line}
        checked.append({"product_id": line["product_id"], **values})
    return checked


async def priced(
    opportunity_id: UUID, currency: str, lines: Sequence[Mapping[str, Any]], at: datetime
) -> list[OpportunityLine]:
    """This will give the lines of a deal with prices and amounts. Raises NotFound, Invalid."""
    return [
        OpportunityLine.born({"opportunity_id": opportunity_id, **values}, at)
        for values, _ in await price_lines(currency, lines)
    ]


async def price_lines(currency: str, lines: Sequence[Mapping[str, Any]]) -> list[tuple[dict[str, Any], Decimal | None]]:
    """This will price checked lines: as given, else by the list price where it is in this currency.

    Gives of each its values (position, product_id, quantity, unit_price, discount, amount) and what a unit costs us,
    where that is known in this currency. Raises NotFound, Invalid.
    """
    keys = {line["product_id"] for line in lines if line["product_id"]}
    products = {each.id: each for each in await Product.filter(id__in=keys)} if keys else {}
    parts: list[tuple[dict[str, Any], Decimal | None]] = []
    for place, line in enumerate(lines):
        where = ("lines", str(place))
        product = products.get(line["product_id"])
        if product is None:
            raise Product._missing(*where, "product_id")
        price = rules.check_price(_price(line, product, currency, where), currency, *where, "unit_price")
        discount = line.get("discount", Decimal(0))
        values = {
            "position": place + 1, "product_id": product.id, "quantity": line["quantity"], "unit_price": price,
            "discount": discount,
            "amount": rules.line_amount(line["quantity"], price, discount, currency, *where, "quantity"),
        }  # fmt: skip
        parts.append((values, product.unit_cost if product.currency == currency else None))
    return parts


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    """This will add up what lines come to. Raises Invalid where that is more than can be written down."""
    total = sum(amounts, Decimal(0))
    if total >= LARGEST:
        raise Invalid("{field} cost too much together to be written down; order less.", "lines")
    return total


def _price(line: Mapping[str, Any], product: Product, currency: str, where: tuple[str, ...]) -> Decimal:
    price: Decimal | None = line.get("unit_price")
    if price is None:
        price = product.list_price if product.currency == currency else None
    if price is None:
        raise Invalid(f"{{field}} is missing, and {product.sku} has no list price in {currency}.", *where, "unit_price")
    return price
