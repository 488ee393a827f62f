"""A small warehouse for tests: products, locations, and what the books say of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any

from tortoise.connection import get_connection

from domain.catalog.models import Product
from domain.inventory.models import InventoryLevel, Location
from domain.inventory.reservations import Item, Origin
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.kernel.ids import new_id
from domain.kernel.record import Record
from tests.graph import NOW

STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
DO: dict[str, Any] = {"by": SYSTEM, "at": NOW}


async def product(sku: str = "S1") -> Product:
    return await Product.create(sku=sku, name=sku, **STAMPS)


async def location(code: str = "MAIN", **fields: Any) -> Location:
    return await Location.create(code=code, name=code, **{"kind": "internal", **STAMPS, **fields})


def item(product: Product, location: Location, quantity: float | str) -> Item:
    return Item(product.id, location.id, Decimal(str(quantity)))


def order() -> Origin:
    return Origin("ord", new_id())


async def level(product: Product, location: Location) -> tuple[Any, Any]:
    """What is on hand, and what is promised."""
    found = await InventoryLevel.get_or_none(product=product, location=location)
    return (found.on_hand, found.reserved) if found else (Decimal(0), Decimal(0))


async def books_balance() -> None:
    """The levels of each product come to nothing, each is the sum of its moves, and what is promised is reserved."""
    connection = get_connection("default")
    assert not await connection.execute_query_dict(
        "SELECT product_id FROM inventory_level GROUP BY product_id HAVING sum(on_hand) <> 0"
    )
    assert not await connection.execute_query_dict(
        """SELECT i.id, i.on_hand, sum(m.quantity) FROM inventory_level i LEFT JOIN (
            SELECT product_id, to_location_id AS location_id, quantity FROM stock_move
            UNION ALL SELECT product_id, from_location_id, -quantity FROM stock_move
        ) m USING (product_id, location_id) GROUP BY i.id HAVING i.on_hand <> coalesce(sum(m.quantity), 0)"""
    )
    assert not await connection.execute_query_dict(
        """SELECT i.id FROM inventory_level i LEFT JOIN stock_reservation r USING (product_id, location_id)
        GROUP BY i.id HAVING i.reserved <> coalesce(sum(r.remaining), 0)"""
    )
    assert not await InventoryLevel.filter(is_internal=True, on_hand__lt=0).exists()


async def state() -> list[Any]:
    """What is stored of everything: who has it, and in which version."""
    models = sorted(Record.__subclasses__(), key=lambda model: model.__name__)
    return [sorted(await model.all().values_list("id", "version")) for model in models] + [await Event.all().count()]


@asynccontextmanager
async def counting() -> AsyncIterator[list[str]]:
    """The SQL statements that were sent while the block ran, transaction control among them."""
    seen: list[str] = []
    pool: Any = get_connection("default")._pool
    connections = [holder._con for holder in pool._holders if holder._con is not None]
    for connection in connections:
        connection.add_query_logger(lambda record: seen.append(record.query))
    yield seen
    await asyncio.sleep(0)  # asyncpg tells what was sent a moment later
    for connection in connections:
        connection._query_loggers.clear()
