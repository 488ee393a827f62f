"""Tables of the catalog: what is sold."""

from tortoise import fields
from tortoise.indexes import Index

from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class Product(Record):
    """Something that is sold, counted and delivered under one stock-keeping unit."""

    prefix = "prd"
    guard = Guard(read=Permission.CATALOG_READ, write=Permission.CATALOG_WRITE)

    sku = fields.CharField(max_length=64, unique=True, description="The stock-keeping unit, unique.")
    name = fields.CharField(max_length=300, description="What customers call it.")
    category = fields.CharField(max_length=100, null=True, description="The group it is sold under.")
    description = fields.TextField(null=True, description="What it is, for people.")
    list_price = fields.DecimalField(
        max_digits=18, decimal_places=3, null=True, description="Price for one unit before discounts."
    )
    unit_cost = fields.DecimalField(
        max_digits=18, decimal_places=3, null=True, description="What one unit costs us, in the same currency."
    )
    currency = fields.CharField(max_length=3, null=True, description="ISO 4217 code of the list price and the cost.")
    unit = fields.CharField(max_length=20, default="piece", description="What is counted: piece, kg, metre, hour.")
    is_active = fields.BooleanField(default=True, description="Whether it may still be sold.")

    class Meta:
        table = "product"
        indexes = (
            Index(fields=("name", "id")),
            Index(fields=("category", "id")),
            Index(fields=("created_at", "id")),
        )
