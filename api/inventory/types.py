"""Locations, stock levels, the ledger of moves, and reservations as the graph shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.catalog.types import Product
from api.graph.aggregates import aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, expression, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from domain.inventory import models
from domain.inventory.rules import LocationKind, ReservationState, StockMoveKind

_ORIGIN = (
    "CASE WHEN {t}.origin_id IS NOT NULL THEN {t}.origin_prefix || '_' || encode(uuid_send({t}.origin_id), 'hex') END"
)

word_enum(
    LocationKind,
    "LocationKind",
    "What a place is to us.",
    INTERNAL="A place of ours: never below zero, nor below what is promised there.",
    SUPPLIER="Beyond our gate: where receipts come from.",
    CUSTOMER="Beyond our gate: where shipments go to.",
    LOSS="Where what counting cannot find goes to, and what it finds comes from.",
    TRANSIT="Ours, but on the way between two places.",
)
word_enum(
    StockMoveKind,
    "StockMoveKind",
    "Why units went from one location to another.",
    RECEIPT="A supplier delivered them.",
    SHIPMENT="They were sent to a customer.",
    TRANSFER="They went from one place of ours to another.",
    ADJUSTMENT="Counting found more or fewer than the books had.",
    RETURN="A customer sent them back.",
    REVERSAL="An earlier move was taken back.",
)
word_enum(
    ReservationState,
    "ReservationState",
    "What became of a promise of stock.",
    ACTIVE="It still holds units that nobody else can have.",
    FULFILLED="Its units have been shipped.",
    RELEASED="Its units were given back.",
    EXPIRED="Its time ran out.",
)


@entity(models.Location, order=("name",))
class Location(Node):
    """A place that stock is at: a warehouse of ours, or one of those beyond it that the other half of a move is at."""

    id: strawberry.ID = identity()
    code: str = column(filter=True)
    name: str = column(filter=True, order=True)
    kind: LocationKind = column(filter=True)
    is_active: bool = column(filter=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    levels: Connection[Annotated["InventoryLevel", strawberry.lazy("api.inventory.types")]] = to_many(
        "location_id", filter=True, description="What lies there, product by product."
    )


@entity(models.InventoryLevel, order=("-updatedAt",))
class InventoryLevel(Node):
    """How much of a product is at a location: the sum of the ledger, kept in the transaction of every move."""

    id: strawberry.ID = identity()
    product: Product = to_one("product_id", filter=True, group=True, description="What lies there.")
    location: Location = to_one("location_id", filter=True, group=True, description="Where it lies.")
    is_internal: bool = column(filter=True)
    on_hand: Decimal = column(filter=True, order=True, measure=True)
    reserved: Decimal = column(filter=True, measure=True)
    available: Decimal = expression(
        "({t}.on_hand - {t}.reserved)",
        "DecimalField",
        filter=True,
        measure=True,
        description="Units that can still be promised: on hand less reserved.",
    )
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column(filter=True, order=True)
    version: int = column()


@entity(models.StockMove, order=("-movedAt",))
class StockMove(Node):
    """Units of a product that went from one location to another: a line of the ledger, never changed, only reversed."""

    id: strawberry.ID = identity()
    product: Product = to_one("product_id", filter=True, group=True, description="What moved.")
    from_location: Location = to_one("from_location_id", filter=True, group=True, description="Whence.")
    to_location: Location = to_one("to_location_id", filter=True, group=True, description="Whither.")
    quantity: Decimal = column(filter=True, measure=True)
    kind: StockMoveKind = column(filter=True, group=True)
    moved_at: datetime = column(filter=True, order=True, group=True)
    origin_id: str | None = expression(
        _ORIGIN,
        "CharField",
        nullable=True,
        description="The id of the document that caused it, such as an order; null where people moved it.",
    )
    note: str | None = column()
    reverses: Annotated["StockMove", strawberry.lazy("api.inventory.types")] | None = to_one(
        "reverses_id", nullable=True, description="The move that it takes back."
    )
    created_at: datetime = column(filter=True)


@entity(models.Reservation, order=("-createdAt",))
class Reservation(Node):
    """Units at a location that are promised to somebody and to nobody else."""

    id: strawberry.ID = identity()
    product: Product = to_one("product_id", filter=True, description="What is promised.")
    location: Location = to_one("location_id", filter=True, description="Where it lies.")
    quantity: Decimal = column(filter=True)
    remaining: Decimal = column(filter=True)
    state: ReservationState = column(filter=True)
    expires_at: datetime | None = column(filter=True, order=True)
    origin_id: str | None = expression(
        _ORIGIN,
        "CharField",
        nullable=True,
        description="The id of the document that it is for; null where people held it.",
    )
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()


LocationWhere = where_input("LocationWhere", Location)
LocationOrderBy = order_input("LocationOrderBy", Location)
InventoryLevelWhere = where_input("InventoryLevelWhere", InventoryLevel)
InventoryLevelOrderBy = order_input("InventoryLevelOrderBy", InventoryLevel)
StockMoveWhere = where_input("StockMoveWhere", StockMove)
StockMoveOrderBy = order_input("StockMoveOrderBy", StockMove)
ReservationWhere = where_input("ReservationWhere", Reservation)
ReservationOrderBy = order_input("ReservationOrderBy", Reservation)


@aggregate_of(
    InventoryLevel,
    numbers="InventoryLevelNumbers",
    bounds="InventoryLevelBounds",
    group="InventoryLevelGroup",
    key="InventoryLevelGroupKey",
    by="InventoryLevelGroupBy",
)
class InventoryLevelAggregate:
    """What stock comes to: units on hand, promised and available, the whole or by product and place."""


@aggregate_of(
    StockMove,
    numbers="StockMoveNumbers",
    bounds="StockMoveBounds",
    group="StockMoveGroup",
    key="StockMoveGroupKey",
    by="StockMoveGroupBy",
)
class StockMoveAggregate:
    """What moved: how often and how many units, the whole or by product, place, kind and period."""
