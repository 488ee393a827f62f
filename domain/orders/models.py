"""Tables of orders: what was sold to whom, line by line. As yet orders are history; their life cycle comes later."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.kernel.record import Record


class Order(Record):
    """A customer's purchase of one moment, in one currency."""

    prefix = "ord"

    external_id = fields.CharField(
        max_length=120, null=True, unique=True, description="What another system calls this order; unique."
    )
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="orders", on_delete=fields.RESTRICT, description="Who bought."
    )
    ordered_at = fields.DatetimeField(description="When the customer ordered (UTC).")
    currency = fields.CharField(max_length=3, description="ISO 4217 code of every amount on the order.")
    total = fields.DecimalField(max_digits=18, decimal_places=3, description="The sum of its lines.")

    class Meta:
        table = "sales_order"
        indexes = (
            Index(fields=("customer_id", "ordered_at", "id")),
            Index(fields=("ordered_at", "id")),
            Index(fields=("total", "id")),
            Index(fields=("created_at", "id")),
        )
        constraints = (CheckConstraint(check="total >= 0", name="sales_order_total_not_negative"),)


class OrderLine(Record):
    """One product on an order, with quantity and what the whole line cost."""

    prefix = "lin"

    order: fields.ForeignKeyRelation[Order] = fields.ForeignKeyField(
        Order, related_name="lines", on_delete=fields.CASCADE, description="The order it stands on."
    )
    position = fields.IntField(description="Its place on the order, from 1.")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="lines", on_delete=fields.RESTRICT, description="What was bought."
    )
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="How many units; above zero.")
    amount = fields.DecimalField(max_digits=18, decimal_places=3, description="What the whole line cost.")

    class Meta:
        table = "sales_order_line"
        indexes = (Index(fields=("product_id", "id")),)
        constraints = (
            UniqueConstraint(fields=("order_id", "position"), name="sales_order_line_position_once"),
            CheckConstraint(check="quantity > 0 AND amount >= 0", name="sales_order_line_not_negative"),
        )
