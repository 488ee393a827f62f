"""Orders and their lines as the graph shows them."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.catalog.types import Product
from api.customers.types import Customer
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, money, to_one
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from domain.orders import models
from domain.orders.queries import visible

if TYPE_CHECKING:
    from api.feedback.types import FeedbackItem

_CURRENCY = "(SELECT o.currency FROM sales_order o WHERE o.id = {t}.order_id)"


@entity(models.Order, visible=visible, order=("-placedAt",), search=("externalId",))
class Order(Node):
    """A customer's purchase of one moment, in one currency."""

    id: strawberry.ID = identity()
    external_id: str | None = column(filter=True, order=True)
    customer: Customer = to_one("customer_id", filter=True, group=True, description="Who bought.")
    placed_at: datetime = column(name="ordered_at", filter=True, order=True, measure=True, group=True)
    currency: str = column(filter=True, group=True)
    total: Money = money("total", "currency", measure=True, description="The sum of its lines.")
    total_amount: Decimal = column(
        name="total",
        filter=True,
        order=True,
        description="The sum of its lines without the currency, to sort and filter.",
    )
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    lines: Connection[Annotated["OrderLine", strawberry.lazy("api.orders.types")]] = to_many(
        "order_id", order=("position",), filter=True, description="What was bought, in the order's own sequence."
    )
    lines_aggregate: Annotated["OrderLineAggregate", strawberry.lazy("api.orders.types")] = aggregate(
        "lines", description="What its lines come to."
    )
    feedback: Connection[Annotated["FeedbackItem", strawberry.lazy("api.feedback.types")]] = to_many(
        "order_id",
        order=("-receivedAt",),
        filter=True,
        description="What the customer said about it, the newest first.",
    )


@entity(models.OrderLine, visible=visible, order=("position",))
class OrderLine(Node):
    """One product on an order, with quantity and what the whole line cost."""

    id: strawberry.ID = identity()
    order: Order = to_one("order_id", filter=True, description="The order it stands on.")
    position: int = column(filter=True, order=True)
    product: Product = to_one("product_id", filter=True, group=True, description="What was bought.")
    quantity: Decimal = column(filter=True, order=True, measure=True)
    amount: Money = money("amount", _CURRENCY, measure=True, description="What the whole line cost.")


OrderWhere = where_input("OrderWhere", Order)
OrderOrderBy = order_input("OrderOrderBy", Order)
OrderLineWhere = where_input("OrderLineWhere", OrderLine)
OrderLineOrderBy = order_input("OrderLineOrderBy", OrderLine)


@aggregate_of(
    Order,
    numbers="OrderNumbers",
    bounds="OrderBounds",
    group="OrderGroup",
    key="OrderGroupKey",
    by="OrderGroupBy",
)
class OrderAggregate:
    """What orders come to: how many, their sums and means, smallest and largest, the whole or by groups."""


@aggregate_of(
    OrderLine,
    numbers="OrderLineNumbers",
    bounds="OrderLineBounds",
    group="OrderLineGroup",
    key="OrderLineGroupKey",
    by="OrderLineGroupBy",
)
class OrderLineAggregate:
    """What order lines come to: how many, quantities and amounts, the whole or by groups."""
