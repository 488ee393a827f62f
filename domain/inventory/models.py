"""Tables of the inventory: places, a double-entry ledger of moves, what lies where, and what is promised."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.catalog.models import Product
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class Location(Record):
    """A place that stock is at: a warehouse of ours, or one of those beyond it that the other half of a move is at."""

    prefix = "loc"
    guard = Guard(read=Permission.INVENTORY_READ, write=Permission.INVENTORY_WRITE)

    code = fields.CharField(max_length=40, unique=True, description="Its short name, unique, e.g. MAIN.")
    name = fields.CharField(max_length=200, description="What people call it.")
    kind = fields.CharField(max_length=10, description="Internal, supplier, customer, loss or transit.")
    is_active = fields.BooleanField(default=True, description="Whether stock may still come here.")

    class Meta:
        table = "stock_location"
        indexes = (Index(fields=("created_at", "id")), Index(fields=("name", "id")))


class InventoryLevel(Record):
    """How much of a product is at a location: on hand, promised, and so available.

    It is the sum of the ledger, kept in the transaction of every move. Places of ours never fall below zero, nor below
    what is promised; those beyond may.
    """

    prefix = "inv"
    guard = Guard(read=Permission.INVENTORY_READ, write=Permission.INVENTORY_WRITE)

    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="levels", on_delete=fields.RESTRICT, description="What lies there."
    )
    product_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        Location, related_name="levels", on_delete=fields.RESTRICT, description="Where it lies."
    )
    location_id: UUID
    is_internal = fields.BooleanField(description="Whether the place is ours, and so never oversold.")
    on_hand = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="Units that are there.")
    reserved = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="Units that are promised.")

    class Meta:
        table = "inventory_level"
        indexes = (
            Index(fields=("location_id", "id")),
            Index(fields=("on_hand", "id")),
            Index(fields=("updated_at", "id")),
            Index(fields=("created_at", "id")),
        )
        constraints = (
            UniqueConstraint(fields=("product_id", "location_id"), name="inventory_level_once"),
            CheckConstraint(
                check="reserved >= 0 AND (NOT is_internal OR on_hand >= reserved)", name="inventory_level_not_oversold"
            ),
        )


class StockMove(Record):
    """Units of a product that went from one location to another: a line of the ledger, never changed, only reversed."""

    prefix = "mov"
    guard = Guard(read=Permission.INVENTORY_READ, write=Permission.INVENTORY_WRITE)

    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="moves", on_delete=fields.RESTRICT, description="What moved."
    )
    product_id: UUID
    from_location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        Location, related_name="moves_out", on_delete=fields.RESTRICT, description="Whence."
    )
    from_location_id: UUID
    to_location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        Location, related_name="moves_in", on_delete=fields.RESTRICT, description="Whither."
    )
    to_location_id: UUID
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="How many units; above zero.")
    kind = fields.CharField(max_length=10, description="Receipt, shipment, transfer, adjustment, return or reversal.")
    moved_at = fields.DatetimeField(description="When it moved (UTC).")
    origin_id = fields.UUIDField(null=True, description="The key of the document that caused it.")
    origin_prefix = fields.CharField(max_length=3, null=True, description="The prefix of that document's public id.")
    note = fields.CharField(max_length=300, null=True, description="Why, in words.")
    reverses: fields.ForeignKeyNullableRelation["StockMove"] = fields.OneToOneField(
        "salesloop.StockMove",
        related_name="reversal",
        null=True,
        on_delete=fields.RESTRICT,
        description="The move that it takes back; each is taken back at most once.",
    )
    reverses_id: UUID | None

    class Meta:
        table = "stock_move"
        indexes = (
            Index(fields=("moved_at", "id")),
            Index(fields=("product_id", "moved_at", "id")),
            Index(fields=("from_location_id", "moved_at", "id")),
            Index(fields=("to_location_id", "moved_at", "id")),
            Index(fields=("origin_id", "id")),
        )
        constraints = (
            CheckConstraint(check="quantity > 0", name="stock_move_quantity_positive"),
            CheckConstraint(check="from_location_id <> to_location_id", name="stock_move_goes_somewhere"),
        )


class Reservation(Record):
    """Units at a location that are promised to somebody and to nobody else."""

    prefix = "rsv"
    guard = Guard(read=Permission.INVENTORY_READ, write=Permission.INVENTORY_WRITE)

    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="reservations", on_delete=fields.RESTRICT, description="What is promised."
    )
    product_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        Location, related_name="reservations", on_delete=fields.RESTRICT, description="Where it lies."
    )
    location_id: UUID
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="How many units were promised.")
    remaining = fields.DecimalField(max_digits=18, decimal_places=3, description="How many of them are still held.")
    state = fields.CharField(max_length=10, default="active", description="Active, fulfilled, released or expired.")
    expires_at = fields.DatetimeField(null=True, description="When the promise ends by itself (UTC); empty: never.")
    origin_id = fields.UUIDField(null=True, description="The key of the document that it is for.")
    origin_prefix = fields.CharField(max_length=3, null=True, description="The prefix of that document's public id.")

    class Meta:
        table = "stock_reservation"
        indexes = (
            Index(fields=("product_id", "location_id", "id")),
            Index(fields=("origin_id", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("expires_at", "id")),
        )
        constraints = (
            CheckConstraint(
                check="quantity > 0 AND remaining BETWEEN 0 AND quantity AND (state = 'active') = (remaining > 0)",
                name="stock_reservation_adds_up",
            ),
        )
