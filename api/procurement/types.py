"""Suppliers, what they offer, and what was ordered from them, as the graph shows them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.catalog.types import Product
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, expression, identity, money, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from api.inventory.types import Location
from domain.kernel.permissions import Permission
from domain.procurement import models
from domain.procurement.rules import PurchaseOrderStatus, SupplierStatus

_CURRENCY = "(SELECT o.currency FROM purchase_order o WHERE o.id = {t}.purchase_order_id)"

word_enum(
    SupplierStatus,
    "SupplierStatus",
    "How far a supplier is trusted.",
    PROSPECTIVE="We know of it, and have not yet decided.",
    APPROVED="It is sent orders.",
    PROBATION="It is sent orders, and watched.",
    SUSPENDED="It is sent none until it is on probation again.",
    TERMINATED="We are done with it for good.",
)
word_enum(
    PurchaseOrderStatus,
    "PurchaseOrderStatus",
    "How far a purchase order is.",
    DRAFT="It is being written; its lines may change.",
    SENT="It went to the supplier.",
    ACKNOWLEDGED="The supplier has promised a day.",
    PARTIALLY_RECEIVED="Some of it came.",
    RECEIVED="All of it came.",
    CLOSED="It is over; what did not come is given up.",
    CANCELLED="It was called off before anything came.",
)


@entity(models.Supplier, order=("name",), search=("name", "externalId", "email", "note"))
class Supplier(Node):
    """A company that we buy from."""

    id: strawberry.ID = identity()
    external_id: str | None = column(filter=True)
    name: str = column(filter=True, order=True)
    status: SupplierStatus = column(filter=True, group=True)
    email: str | None = column(filter=True)
    phone: str | None = column()
    country: str | None = column(filter=True, group=True)
    note: str | None = column()
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    items: Connection[Annotated["SupplierItem", strawberry.lazy("api.procurement.types")]] = to_many(
        "supplier_id", filter=True, description="What it offers."
    )
    purchase_orders: Connection[Annotated["PurchaseOrder", strawberry.lazy("api.procurement.types")]] = to_many(
        "supplier_id", filter=True, description="What was ordered from it, the newest first."
    )
    purchase_orders_aggregate: Annotated["PurchaseOrderAggregate", strawberry.lazy("api.procurement.types")] = (
        aggregate("purchase_orders", description="What was ordered from it in all.")
    )


@entity(models.SupplierItem, order=("leadTimeDays",))
class SupplierItem(Node):
    """A product that a supplier offers: at what cost, in what lots, and how soon by its own word."""

    id: strawberry.ID = identity()
    supplier: Supplier = to_one("supplier_id", filter=True, description="Who offers it.")
    product: Product = to_one("product_id", filter=True, description="What is offered.")
    unit_cost: Money = money(
        "unit_cost", "currency", needs=Permission.CATALOG_COST, description="What one unit costs us."
    )
    lead_time_days: int = column(filter=True, order=True)
    minimum_quantity: Decimal = column()
    lot_size: Decimal = column()
    is_preferred: bool = column(filter=True)
    updated_at: datetime = column()
    version: int = column()


@entity(models.PurchaseOrder, order=("-createdAt",))
class PurchaseOrder(Node):
    """An order to a supplier: to be delivered to a location of ours, by a promised day."""

    id: strawberry.ID = identity()
    number: str = column(filter=True)
    supplier: Supplier = to_one("supplier_id", filter=True, group=True, description="Who is to deliver.")
    location: Location = to_one("location_id", filter=True, description="Where to deliver.")
    status: PurchaseOrderStatus = column(filter=True, group=True)
    total: Money = money("total", "currency", measure=True, description="The sum of its lines.")
    total_value: Decimal = column(
        name="total", filter=True, order=True, description="The sum without the currency, to sort and filter."
    )
    currency: str = column(filter=True, group=True)
    sent_at: datetime | None = column(filter=True, order=True, group=True)
    promised_on: date | None = column(filter=True, order=True)
    expected_on: date | None = column(filter=True, order=True)
    received_at: datetime | None = column(filter=True)
    closed_at: datetime | None = column(filter=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    lines: Connection[Annotated["PurchaseOrderLine", strawberry.lazy("api.procurement.types")]] = to_many(
        "purchase_order_id", filter=True, description="What was ordered, in its own sequence."
    )


@entity(models.PurchaseOrderLine, order=("position",))
class PurchaseOrderLine(Node):
    """One product on a purchase order: how much was ordered, came in good order, and was rejected."""

    id: strawberry.ID = identity()
    purchase_order: PurchaseOrder = to_one("purchase_order_id", filter=True, description="The order it stands on.")
    position: int = column(filter=True, order=True)
    product: Product = to_one("product_id", filter=True, description="What was ordered.")
    quantity: Decimal = column()
    unit_cost: Money = money(
        "unit_cost", _CURRENCY, needs=Permission.CATALOG_COST, description="What one unit costs us."
    )
    amount: Money = money("amount", _CURRENCY, description="Quantity times cost.")
    accepted: Decimal = column()
    rejected: Decimal = column()
    awaited: Decimal = expression(
        "({t}.quantity - {t}.accepted)",
        "DecimalField",
        filter=True,
        description="Units that have not come in good order.",
    )
    receipts: Connection[Annotated["Receipt", strawberry.lazy("api.procurement.types")]] = to_many(
        "line_id", description="What came for it, the newest first."
    )


@entity(models.Receipt, order=("-receivedAt",))
class Receipt(Node):
    """Units that came for a line of a purchase order: how many were accepted, how many rejected and why."""

    id: strawberry.ID = identity()
    line: PurchaseOrderLine = to_one("line_id", filter=True, description="The line it was ordered by.")
    received_at: datetime = column(filter=True, order=True)
    accepted: Decimal = column()
    rejected: Decimal = column(filter=True)
    reject_reason: str | None = column()


SupplierWhere = where_input("SupplierWhere", Supplier)
SupplierOrderBy = order_input("SupplierOrderBy", Supplier)
SupplierItemWhere = where_input("SupplierItemWhere", SupplierItem)
SupplierItemOrderBy = order_input("SupplierItemOrderBy", SupplierItem)
PurchaseOrderWhere = where_input("PurchaseOrderWhere", PurchaseOrder)
PurchaseOrderOrderBy = order_input("PurchaseOrderOrderBy", PurchaseOrder)
PurchaseOrderLineWhere = where_input("PurchaseOrderLineWhere", PurchaseOrderLine)
PurchaseOrderLineOrderBy = order_input("PurchaseOrderLineOrderBy", PurchaseOrderLine)
ReceiptWhere = where_input("ReceiptWhere", Receipt)
ReceiptOrderBy = order_input("ReceiptOrderBy", Receipt)


@aggregate_of(
    PurchaseOrder,
    numbers="PurchaseOrderNumbers",
    bounds="PurchaseOrderBounds",
    group="PurchaseOrderGroup",
    key="PurchaseOrderGroupKey",
    by="PurchaseOrderGroupBy",
)
class PurchaseOrderAggregate:
    """What purchase orders come to: how many, and their totals, the whole or by groups."""
