"""Orders and their lines as the graph shows them."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.access.types import User
from api.catalog.types import Product
from api.customers.types import Customer
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, money, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from api.inventory.types import Location
from api.pipeline.types import Opportunity
from domain.kernel.permissions import Permission
from domain.orders import models
from domain.orders.states import OrderStatus

if TYPE_CHECKING:
    from api.feedback.types import FeedbackItem
    from api.orders.quotes import Quote

_CURRENCY = "(SELECT o.currency FROM sales_order o WHERE o.id = {t}.order_id)"

word_enum(
    OrderStatus,
    "OrderStatus",
    "How far an order is.",
    DRAFT="It is being written.",
    CONFIRMED="A day of delivery was promised.",
    ALLOCATED="Its goods are reserved.",
    PARTIALLY_SHIPPED="Some of it has left.",
    SHIPPED="All of it has left.",
    DELIVERED="All of it has reached the customer.",
    CLOSED="It is over; orders that were imported as history are.",
    CANCELLED="It was called off before anything left.",
)


@entity(models.Order, order=("-placedAt",), search=("externalId",))
class Order(Node):
    """A customer's purchase of one moment, in one currency: what was promised, shipped and delivered."""

    id: strawberry.ID = identity()
    external_id: str | None = column(filter=True, order=True)
    customer: Customer | None = to_one(
        "customer_id", nullable=True, filter=True, group=True, description="Who bought; null if hidden from you."
    )
    owner: User | None = to_one("owner_id", nullable=True, filter=True, group=True, description="Who sold it.")
    status: OrderStatus = column(filter=True, group=True)
    location: Location | None = to_one("location_id", nullable=True, filter=True, description="Where it ships from.")
    opportunity: Opportunity | None = to_one(
        "opportunity_id", nullable=True, filter=True, description="The deal it came from."
    )
    quote: Annotated["Quote", strawberry.lazy("api.orders.quotes")] | None = to_one(
        "quote_id", nullable=True, description="The quote that was accepted."
    )
    promised_on: date | None = column(filter=True, order=True)
    expected_on: date | None = column(filter=True)
    confirmed_at: datetime | None = column(filter=True)
    shipped_at: datetime | None = column(filter=True)
    delivered_at: datetime | None = column(filter=True, order=True)
    cancelled_at: datetime | None = column(filter=True)
    cancel_reason: str | None = column()
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
    shipments: Connection[Annotated["Shipment", strawberry.lazy("api.orders.types")]] = to_many(
        "order_id", order=("shippedAt",), description="What has left of it, the first first."
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


@entity(models.OrderLine, order=("position",))
class OrderLine(Node):
    """One product on an order, with quantity and what the whole line cost."""

    id: strawberry.ID = identity()
    order: Order = to_one("order_id", filter=True, description="The order it stands on.")
    position: int = column(filter=True, order=True)
    product: Product = to_one("product_id", filter=True, group=True, description="What was bought.")
    quantity: Decimal = column(filter=True, order=True, measure=True)
    amount: Money = money("amount", _CURRENCY, measure=True, description="What the whole line cost.")
    unit_cost: Money | None = money(
        "unit_cost",
        _CURRENCY,
        nullable=True,
        needs=Permission.CATALOG_COST,
        description="What a unit cost us when it was sold; null if unknown.",
    )
    shipped: Decimal = column()
    delivered: Decimal = column()
    returned: Decimal = column()


@entity(models.Shipment, order=("-shippedAt",))
class Shipment(Node):
    """Goods that left a location for a customer together, for one order."""

    id: strawberry.ID = identity()
    order: Order = to_one("order_id", filter=True, description="The order it is for.")
    location: Location = to_one("location_id", filter=True, description="Where it left from.")
    carrier: str | None = column(filter=True)
    tracking_number: str | None = column(filter=True)
    shipped_at: datetime = column(filter=True, order=True)
    delivered_at: datetime | None = column(filter=True, order=True)
    lines: Connection[Annotated["ShipmentLine", strawberry.lazy("api.orders.types")]] = to_many(
        "shipment_id", description="What is in it."
    )


@entity(models.ShipmentLine, order=("createdAt",))
class ShipmentLine(Node):
    """How many units of a line of the order are in a shipment."""

    id: strawberry.ID = identity()
    shipment: Shipment = to_one("shipment_id", filter=True, description="The shipment.")
    order_line: OrderLine = to_one("order_line_id", filter=True, description="The line of the order.")
    quantity: Decimal = column()
    created_at: datetime = column(order=True)


OrderWhere = where_input("OrderWhere", Order)
OrderOrderBy = order_input("OrderOrderBy", Order)
OrderLineWhere = where_input("OrderLineWhere", OrderLine)
OrderLineOrderBy = order_input("OrderLineOrderBy", OrderLine)
ShipmentWhere = where_input("ShipmentWhere", Shipment)
ShipmentOrderBy = order_input("ShipmentOrderBy", Shipment)
ShipmentLineWhere = where_input("ShipmentLineWhere", ShipmentLine)
ShipmentLineOrderBy = order_input("ShipmentLineOrderBy", ShipmentLine)


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
