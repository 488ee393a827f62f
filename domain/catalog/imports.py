"""Files of products: one row a product, known by its stock-keeping unit. Whether it may be sold is left as it is."""

from collections.abc import Sequence
from typing import Any

from domain.catalog import rules
from domain.intake.columns import Column
from domain.intake.kind import Kind
from domain.intake.merge import Merge, given
from domain.intake.units import Singles
from domain.kernel.money import check_currency

COLUMNS = (
    Column("sku", "text", rules.check_sku, required=True),
    Column("name", "text", rules.check_name, required=True),
    Column("category", "text", rules.check_category),
    Column("description", "text", rules.check_description),
    Column("list_price", "numeric(18,3)", rules.check_list_price),
    Column("currency", "text", check_currency),
)


def check_price(values: Sequence[Any]) -> None:
    """This will refuse a price without its currency, and the other way round. Raises Invalid."""
    rules.check_price_pair({column.name: value for column, value in zip(COLUMNS, values, strict=True)})


PRODUCTS = Kind(
    name="products",
    noun="product",
    columns=COLUMNS,
    assembler=lambda at, spread: Singles(COLUMNS, check_price),
    merge=Merge(
        table="product",
        key="sku",
        topic="catalog.product.imported",
        stored={
            "name": "s.name",
            "category": given("category"),
            "description": given("description"),
            "list_price": given("list_price"),
            "currency": given("currency"),
            "is_active": "coalesce(o.is_active, true)",
        },
        exact=("list_price",),
    ),
)
