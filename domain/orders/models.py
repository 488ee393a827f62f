"""Tables of orders: what was offered, sold, promised and delivered to whom, line by line."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.access.models import User
from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.inventory.models import Location
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.pipeline.models import Opportunity


class Quote(Record):
    """An offer to a customer: what, at which prices, good until when; accepted at most once."""

    prefix = "quo"
    guard = Guard(read=Permission.ORDERS_READ, write=Permission.ORDERS_WRITE, owner="owner_id")

    number = fields.CharField(max_length=40, unique=True, description="What it is called on paper; unique.")
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="quotes", on_delete=fields.RESTRICT, description="Who it is offered to."
    )
    customer_id: UUID
    opportunity: fields.ForeignKeyNullableRelation[Opportunity] = fields.ForeignKeyField(
        Opportunity, related_name="quotes", null=True, on_delete=fields.RESTRICT, description="The deal it is for."
    )
    opportunity_id: UUID | None
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="quotes", null=True, on_delete=fields.SET_NULL, description="Whose quote it is."
    )
    owner_id: UUID | None
    status = fields.CharField(max_length=12, default="draft", description="How far it is.")
    currency = fields.CharField(max_length=3, description="ISO 4217 code of every amount on it.")
    total = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="The sum of its lines.")
    valid_until = fields.DateField(description="The last day on which it can be accepted.")
    sent_at = fields.DatetimeField(null=True, description="When it was sent (UTC).")
    decided_at = fields.DatetimeField(null=True, description="When it was accepted, rejected or ran out (UTC).")
    reason = fields.CharField(max_length=300, null=True, description="Why it was rejected, or sent back to be redone.")
    supersedes: fields.ForeignKeyNullableRelation["Quote"] = fields.OneToOneField(
        "salesloop.Quote",
        related_name="superseded_by",
        null=True,
        on_delete=fields.RESTRICT,
        description="The quote whose place it takes.",
    )
    supersedes_id: UUID | None

    class Meta:
        table = "quote"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("customer_id", "created_at", "id")),
            Index(fields=("owner_id", "created_at", "id")),
            Index(fields=("opportunity_id", "id")),
            Index(fields=("status", "created_at", "id")),
            Index(fields=("valid_until", "id")),
            Index(fields=("total", "id")),
        )


class QuoteLine(Record):
    """One product on a quote, with quantity, price and what the line comes to."""

    prefix = "qln"
    guard = Guard(read=Permission.ORDERS_READ, write=Permission.ORDERS_WRITE, whole=("quote_id", Quote))

    quote: fields.ForeignKeyRelation[Quote] = fields.ForeignKeyField(
        Quote, related_name="lines", on_delete=fields.CASCADE, description="The quote it stands on."
    )
    quote_id: UUID
    position = fields.IntField(description="Its place on the quote, from 1.")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="quote_lines", on_delete=fields.RESTRICT, description="What is offered."
    )
    product_id: UUID
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="How many units; above zero.")
    unit_price = fields.DecimalField(max_digits=18, decimal_places=3, description="The price of one unit.")
    discount = fields.DecimalField(
        max_digits=5, decimal_places=4, default=0, description="The share that is taken off, 0 to 1."
    )
    amount = fields.DecimalField(max_digits=18, decimal_places=3, description="Quantity times price less discount.")

    class Meta:
        table = "quote_line"
        indexes = (Index(fields=("product_id", "id")),)
        constraints = (
            UniqueConstraint(fields=("quote_id", "position"), name="quote_line_position_once"),
            CheckConstraint(
                check="quantity > 0 AND unit_price >= 0 AND discount BETWEEN 0 AND 1 AND amount >= 0",
                name="quote_line_in_range",
            ),
        )


class Order(Record):
    """A customer's purchase of one moment, in one currency: what was promised, shipped and delivered."""

    prefix = "ord"
    guard = Guard(read=Permission.ORDERS_READ, write=Permission.ORDERS_WRITE, owner="owner_id")

    external_id = fields.CharField(
        max_length=120, null=True, unique=True, description="What another system calls this order; unique."
    )
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="orders", on_delete=fields.RESTRICT, description="Who bought."
    )
    customer_id: UUID
    quote: fields.ForeignKeyNullableRelation[Quote] = fields.OneToOneField(
        Quote, related_name="order", null=True, on_delete=fields.RESTRICT, description="The quote that was accepted."
    )
    quote_id: UUID | None
    opportunity: fields.ForeignKeyNullableRelation[Opportunity] = fields.ForeignKeyField(
        Opportunity, related_name="orders", null=True, on_delete=fields.RESTRICT, description="The deal it came from."
    )
    opportunity_id: UUID | None
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="orders", null=True, on_delete=fields.SET_NULL, description="Who sold it."
    )
    owner_id: UUID | None
    location: fields.ForeignKeyNullableRelation[Location] = fields.ForeignKeyField(
        Location, related_name="orders", null=True, on_delete=fields.RESTRICT, description="Where it ships from."
    )
    location_id: UUID | None
    status = fields.CharField(
        max_length=20, default="closed", description="How far it is; orders that were imported are history, and closed."
    )
    promised_on = fields.DateField(
        null=True, description="The day of delivery first promised; kept for ever, to be measured by."
    )
    expected_on = fields.DateField(null=True, description="The day of delivery now expected.")
    confirmed_at = fields.DatetimeField(null=True, description="When it was confirmed to the customer (UTC).")
    shipped_at = fields.DatetimeField(null=True, description="When the last of it was shipped (UTC).")
    delivered_at = fields.DatetimeField(null=True, description="When the last of it reached the customer (UTC).")
    cancelled_at = fields.DatetimeField(null=True, description="When it was called off (UTC).")
    cancel_reason = fields.CharField(max_length=300, null=True, description="Why it was called off.")
    ordered_at = fields.DatetimeField(description="When the customer ordered (UTC).")
    currency = fields.CharField(max_length=3, description="ISO 4217 code of every amount on the order.")
    total = fields.DecimalField(max_digits=18, decimal_places=3, description="The sum of its lines.")

    class Meta:
        table = "sales_order"
        indexes = (
            Index(fields=("customer_id", "ordered_at", "id")),
            Index(fields=("owner_id", "ordered_at", "id")),
            Index(fields=("ordered_at", "id")),
            Index(fields=("total", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("opportunity_id", "id")),
            Index(fields=("promised_on", "id")),
            Index(fields=("delivered_at", "id")),
        )
        constraints = (CheckConstraint(check="total >= 0", name="sales_order_total_not_negative"),)


class OrderLine(Record):
    """One product on an order, with quantity and what the whole line cost."""

    prefix = "lin"
    guard = Guard(read=Permission.ORDERS_READ, write=Permission.ORDERS_WRITE, whole=("order_id", Order))

    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        Order, related_name="lines", on_delete=fields.CASCADE, description="The order it stands on."
    )
    position = fields.IntField(description="Its place on the order, from 1.")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="lines", on_delete=fields.RESTRICT, description="What was bought."
    )
    product_id: UUID
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="How many units; above zero.")
    amount = fields.DecimalField(max_digits=18, decimal_places=3, description="What the whole line cost.")
    unit_cost = fields.DecimalField(
        max_digits=18, decimal_places=3, null=True, description="What one unit cost us when it was sold, if known."
    )
    shipped = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="Units that were shipped.")
    delivered = fields.DecimalField(
        max_digits=18, decimal_places=3, default=0, description="Units that reached the customer."
    )
    returned = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="Units that came back.")

    class Meta:
        table = "sales_order_line"
        indexes = (Index(fields=("product_id", "id")),)
        constraints = (
            UniqueConstraint(fields=("order_id", "position"), name="sales_order_line_position_once"),
            CheckConstraint(check="quantity > 0 AND amount >= 0", name="sales_order_line_not_negative"),
            CheckConstraint(
                check="shipped BETWEEN 0 AND quantity AND delivered BETWEEN 0 AND shipped "
                "AND returned BETWEEN 0 AND delivered",
                name="sales_order_line_delivered_in_range",
            ),
        )


class Shipment(Record):
    """Goods that left a location for a customer together, for one order."""

    prefix = "shp"
    guard = Guard(read=Permission.ORDERS_READ, write=Permission.ORDERS_WRITE, whole=("order_id", Order))

    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        Order, related_name="shipments", on_delete=fields.RESTRICT, description="The order it is for."
    )
    order_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        Location, related_name="shipments", on_delete=fields.RESTRICT, description="Where it left from."
    )
    location_id: UUID
    carrier = fields.CharField(max_length=100, null=True, description="Who carries it.")
    tracking_number = fields.CharField(max_length=100, null=True, description="What the carrier calls it.")
    shipped_at = fields.DatetimeField(description="When it left (UTC).")
    delivered_at = fields.DatetimeField(null=True, description="When it reached the customer (UTC).")

    class Meta:
        table = "shipment"
        indexes = (
            Index(fields=("order_id", "shipped_at", "id")),
            Index(fields=("shipped_at", "id")),
            Index(fields=("delivered_at", "id")),
        )


class ShipmentLine(Record):
    """How many units of a line of the order are in a shipment."""

    prefix = "shl"
    guard = Guard(read=Permission.ORDERS_READ, write=Permission.ORDERS_WRITE, whole=("shipment_id", Shipment))

    shipment: fields.ForeignKeyRelation[Shipment] = fields.ForeignKeyField(
        Shipment, related_name="lines", on_delete=fields.CASCADE, description="The shipment."
    )
    shipment_id: UUID
    order_line: fields.ForeignKeyRelation[OrderLine] = fields.ForeignKeyField(
        OrderLine, related_name="shipment_lines", on_delete=fields.RESTRICT, description="The line of the order."
    )
    order_line_id: UUID
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="How many units; above zero.")

    class Meta:
        table = "shipment_line"
        indexes = (Index(fields=("order_line_id", "id")),)
        constraints = (
            UniqueConstraint(fields=("shipment_id", "order_line_id"), name="shipment_line_once"),
            CheckConstraint(check="quantity > 0", name="shipment_line_quantity_positive"),
        )
