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
    Column("list_price", "numeric(18,3)", rules.check_price),
    Column("unit_cost", "numeric(18,3)", rules.check_price),
    Column("currency", "text", check_currency),
    Column("unit", "text", rules.check_unit),
)


def check_prices(values: Sequence[Any]) -> None:
    """This will refuse a price without its currency and the other way round, and a cost without one. Raises Invalid."""
    rules.check_prices({column.name: value for column, value in zip(COLUMNS, values, strict=True)})


PRODUCTS = Kind(
    name="products",
    noun="product",
    columns=COLUMNS,
    assembler=lambda at, spread: Singles(COLUMNS, check_prices),
    merge=Merge(
        table="product",
        key="sku",
        topic="catalog.product.imported",
        stored={
            "name": "s.name",
            "category": given("category"),
            "description": given("description"),
            "list_price": given("list_price"),
            "unit_cost": given("unit_cost"),
            "currency": given("currency"),
            "unit": "coalesce(s.unit, o.unit, 'piece')",
            "is_active": "coalesce(o.is_active, true)",
        },
        exact=("list_price", "unit_cost"),
    ),
)
