"""Tables of procurement: suppliers, what they offer, what was ordered from them, and what really came."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.catalog.models import Product
from domain.inventory.models import Location
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class Supplier(Record):
    """A company that we buy from."""

    prefix = "sup"
    guard = Guard(read=Permission.PROCUREMENT_READ, write=Permission.PROCUREMENT_WRITE)

    external_id = fields.CharField(
        max_length=120, null=True, unique=True, description="What another system calls this supplier; unique."
    )
    name = fields.CharField(max_length=300, description="The name it goes by.")
    status = fields.CharField(
        max_length=12, default="prospective", description="Prospective, approved, probation, suspended or terminated."
    )
    email = fields.CharField(max_length=254, null=True, description="Where orders are sent, lower case.")
    phone = fields.CharField(max_length=40, null=True, description="The telephone number.")
    country = fields.CharField(max_length=2, null=True, description="ISO 3166-1 alpha-2 code.")
    note = fields.TextField(null=True, description="Whatever colleagues should know.")

    class Meta:
        table = "supplier"
        indexes = (Index(fields=("name", "id")), Index(fields=("created_at", "id")))


class SupplierItem(Record):
    """A product that a supplier offers: at what cost, in what lots, and how soon by its own word."""

    prefix = "sit"
    guard = Guard(read=Permission.PROCUREMENT_READ, write=Permission.PROCUREMENT_WRITE)

    supplier: fields.ForeignKeyRelation[Supplier] = fields.ForeignKeyField(
        Supplier, related_name="items", on_delete=fields.RESTRICT, description="Who offers it."
    )
    supplier_id: UUID
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="supplier_items", on_delete=fields.RESTRICT, description="What is offered."
    )
    product_id: UUID
    unit_cost = fields.DecimalField(max_digits=18, decimal_places=3, description="What one unit costs us.")
    currency = fields.CharField(max_length=3, description="ISO 4217 code of the cost.")
    lead_time_days = fields.IntField(description="Days from order to delivery, as the supplier says.")
    minimum_quantity = fields.DecimalField(
        max_digits=18, decimal_places=3, default=1, description="The least that can be ordered."
    )
    lot_size = fields.DecimalField(
        max_digits=18, decimal_places=3, default=1, description="Orders are whole multiples of this."
    )
    is_preferred = fields.BooleanField(default=False, description="Whether it is ordered here first; one a product.")

    class Meta:
        table = "supplier_item"
        indexes = (Index(fields=("product_id", "id")),)
        constraints = (
            UniqueConstraint(fields=("supplier_id", "product_id"), name="supplier_item_once"),
            CheckConstraint(
                check="unit_cost >= 0 AND lead_time_days >= 0 AND minimum_quantity > 0 AND lot_size > 0",
                name="supplier_item_in_range",
            ),
        )


class PurchaseOrder(Record):
    """An order to a supplier: to be delivered to a location of ours, by a promised day."""

    prefix = "pur"
    guard = Guard(read=Permission.PROCUREMENT_READ, write=Permission.PROCUREMENT_WRITE)

    number = fields.CharField(max_length=40, unique=True, description="What it is called on paper; unique.")
    supplier: fields.ForeignKeyRelation[Supplier] = fields.ForeignKeyField(
        Supplier, related_name="purchase_orders", on_delete=fields.RESTRICT, description="Who is to deliver."
    )
    supplier_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        Location, related_name="purchase_orders", on_delete=fields.RESTRICT, description="Where to deliver."
    )
    location_id: UUID
    status = fields.CharField(max_length=20, default="draft", description="How far it is.")
    currency = fields.CharField(max_length=3, description="ISO 4217 code of every amount on it.")
    total = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="The sum of its lines.")
    sent_at = fields.DatetimeField(null=True, description="When it was sent (UTC).")
    promised_on = fields.DateField(null=True, description="The day first promised; kept for ever, to be measured by.")
    expected_on = fields.DateField(null=True, description="The day it is now expected.")
    received_at = fields.DatetimeField(null=True, description="When the last of it came (UTC).")
    closed_at = fields.DatetimeField(null=True, description="When it was closed or cancelled (UTC).")

    class Meta:
        table = "purchase_order"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("supplier_id", "created_at", "id")),
            Index(fields=("status", "created_at", "id")),
            Index(fields=("expected_on", "id")),
            Index(fields=("promised_on", "id")),
            Index(fields=("sent_at", "id")),
            Index(fields=("total", "id")),
        )


class PurchaseOrderLine(Record):
    """One product on a purchase order: how much was ordered, came in good order, and was rejected."""

    prefix = "pol"
    guard = Guard(read=Permission.PROCUREMENT_READ, write=Permission.PROCUREMENT_WRITE)

    purchase_order: fields.ForeignKeyRelation[PurchaseOrder] = fields.ForeignKeyField(
        PurchaseOrder, related_name="lines", on_delete=fields.CASCADE, description="The order it stands on."
    )
    purchase_order_id: UUID
    position = fields.IntField(description="Its place on the order, from 1.")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="purchase_order_lines", on_delete=fields.RESTRICT, description="What was ordered."
    )
    product_id: UUID
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="How many units; above zero.")
    unit_cost = fields.DecimalField(max_digits=18, decimal_places=3, description="What one unit costs us.")
    amount = fields.DecimalField(max_digits=18, decimal_places=3, description="Quantity times cost.")
    accepted = fields.DecimalField(
        max_digits=18, decimal_places=3, default=0, description="Units that came in good order."
    )
    rejected = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="Units that were sent back.")

    class Meta:
        table = "purchase_order_line"
        indexes = (Index(fields=("product_id", "id")),)
        constraints = (
            UniqueConstraint(fields=("purchase_order_id", "position"), name="purchase_order_line_position_once"),
            CheckConstraint(
                check="quantity > 0 AND unit_cost >= 0 AND amount >= 0 AND accepted >= 0 AND rejected >= 0 "
                "AND accepted <= quantity",
                name="purchase_order_line_in_range",
            ),
        )


class Receipt(Record):
    """Units that came for a line of a purchase order: how many were accepted, how many rejected and why."""

    prefix = "rcp"
    guard = Guard(read=Permission.PROCUREMENT_READ, write=Permission.PROCUREMENT_WRITE)

    line: fields.ForeignKeyRelation[PurchaseOrderLine] = fields.ForeignKeyField(
        PurchaseOrderLine, related_name="receipts", on_delete=fields.RESTRICT, description="What it was ordered by."
    )
    line_id: UUID
    received_at = fields.DatetimeField(description="When it came (UTC).")
    accepted = fields.DecimalField(max_digits=18, decimal_places=3, description="Units in good order.")
    rejected = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="Units sent back.")
    reject_reason = fields.CharField(max_length=300, null=True, description="What was wrong with them.")

    class Meta:
        table = "purchase_receipt"
        indexes = (Index(fields=("line_id", "received_at", "id")), Index(fields=("received_at", "id")))
        constraints = (
            CheckConstraint(
                check="accepted >= 0 AND rejected >= 0 AND accepted + rejected > 0",
                name="purchase_receipt_is_something",
            ),
        )
