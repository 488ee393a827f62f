"""Root fields over the inventory."""

import strawberry

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.inventory.types import (
    InventoryLevel,
    InventoryLevelAggregate,
    Location,
    Reservation,
    StockMove,
    StockMoveAggregate,
)


@strawberry.type
class InventoryQueries:
    locations: Connection[Location] = many(description="All locations, by name unless ordered otherwise.")
    location: Location | None = one(description="One location by id.")
    inventory_levels: Connection[InventoryLevel] = many(
        description="What lies where, what changed last first unless ordered otherwise."
    )
    inventory_level: InventoryLevel | None = one(description="One product at one location, by id.")
    inventory_levels_aggregate: InventoryLevelAggregate = aggregate(
        description="Units on hand, promised and available, the whole or by product and location."
    )
    stock_moves: Connection[StockMove] = many(description="The ledger of stock, the newest move first.")
    stock_move: StockMove | None = one(description="One move of the ledger by id.")
    stock_moves_aggregate: StockMoveAggregate = aggregate(
        description="What moved, the whole or by product, location, kind and period."
    )
    reservations: Connection[Reservation] = many(description="All promises of stock, the newest first.")
    reservation: Reservation | None = one(description="One promise of stock by id.")
