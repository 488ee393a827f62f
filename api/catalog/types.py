"""Products as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, money
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from domain.catalog import models
from domain.kernel.permissions import Permission

if TYPE_CHECKING:
    from api.feedback.types import FeedbackItem, FeedbackItemAggregate
    from api.inventory.types import InventoryLevel, InventoryLevelAggregate
    from api.procurement.types import SupplierItem


@entity(models.Product, order=("name",), search=("name", "sku", "category", "description"))
class Product(Node):
    """Something that is sold, counted and delivered under one stock-keeping unit."""

    id: strawberry.ID = identity()
    sku: str = column(filter=True, order=True)
    name: str = column(filter=True, order=True)
    category: str | None = column(filter=True, order=True, group=True)
    description: str | None = column()
    list_price: Money | None = money(
        "list_price", "currency", nullable=True, measure=True, description="The price for one unit before discounts."
    )
    unit_cost: Money | None = money(
        "unit_cost",
        "currency",
        nullable=True,
        measure=True,
        needs=Permission.CATALOG_COST,
        description="What one unit costs us.",
    )
    unit: str = column(filter=True)
    is_active: bool = column(filter=True, group=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    feedback: Connection[Annotated["FeedbackItem", strawberry.lazy("api.feedback.types")]] = to_many(
        "product_id", order=("-receivedAt",), filter=True, description="What customers said about it, the newest first."
    )
    feedback_aggregate: Annotated["FeedbackItemAggregate", strawberry.lazy("api.feedback.types")] = aggregate(
        "feedback", description="How much was said about it, and in what mood."
    )
    inventory_levels: Connection[Annotated["InventoryLevel", strawberry.lazy("api.inventory.types")]] = to_many(
        "product_id", filter=True, description="Where how much of it is: on hand, promised, available."
    )
    inventory_levels_aggregate: Annotated["InventoryLevelAggregate", strawberry.lazy("api.inventory.types")] = (
        aggregate("inventory_levels", description="How much of it there is in all; filter by isInternal for our own.")
    )
    supplier_items: Connection[Annotated["SupplierItem", strawberry.lazy("api.procurement.types")]] = to_many(
        "product_id", filter=True, description="Who offers it, at what cost and how soon."
    )


ProductWhere = where_input("ProductWhere", Product)
ProductOrderBy = order_input("ProductOrderBy", Product)


@aggregate_of(
    Product,
    numbers="ProductNumbers",
    bounds="ProductBounds",
    group="ProductGroup",
    key="ProductGroupKey",
    by="ProductGroupBy",
)
class ProductAggregate:
    """What products come to: how many, and their prices, the whole or by groups."""
