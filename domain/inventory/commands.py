"""Verbs of the inventory that people use: take in and change locations, and one product moved, counted or promised."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.inventory import rules, stock
from domain.inventory.models import InventoryLevel, Location, Reservation, StockMove
from domain.inventory.reservations import Item, reserve
from domain.kernel.actor import Actor
from domain.kernel.changes import check_fields, store_changes, store_new
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.transactions import one_transaction


class CodeTaken(Conflict):
    """Another location has this code."""

    def __init__(self) -> None:
        super().__init__("Another location has this code; update that one instead.", "code")


class LocationIsFixed(Conflict):
    """The location belongs to the books."""

    def __init__(self) -> None:
        super().__init__("The books of every house need this location as it is; make one of your own instead.", "id")


async def create_location(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Location:
    """This will take in a place of ours. Needs `code` and `name`. Raises Unauthenticated, Invalid, CodeTaken."""
    by.must(Permission.INVENTORY_WRITE)
    values = check_fields(given, rules.LOCATION, required=("code", "name", "kind", "is_active"))
    values.setdefault("kind", rules.LocationKind.INTERNAL)
    return await store_new(Location, values, "inventory.location.created", by=by, at=at, taken=CodeTaken())


async def update_location(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Location:
    """This will change the given fields; what kind of location it is stays.

    Raises Unauthenticated, Invalid, NotFound, Stale, LocationIsFixed, CodeTaken.
    """
    by.must(Permission.INVENTORY_WRITE)
    values = check_fields(given, rules.LOCATION, required=("code", "name", "is_active"))
    if key in rules.FIXED:
        raise LocationIsFixed
    return await store_changes(
        Location, key, values, "inventory.location.updated",
        expected_version=expected_version, by=by, at=at, taken=CodeTaken(),
    )  # fmt: skip


async def transfer_stock(
    product_key: UUID | None,
    from_key: UUID | None,
    to_key: UUID | None,
    given: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
) -> StockMove:
    """This will move units of one product. Needs `quantity`.

    Raises Unauthenticated, Invalid, NotFound, NotEnoughStock, LocationTakesNothing.
    """
    by.must(Permission.INVENTORY_WRITE)
    values = check_fields(given, rules.MOVE, required=("quantity",))
    item = Item(product_key, from_key, values["quantity"])
    (move,) = await stock.transfer([item], to_key, note=values.get("note"), by=by, at=at)
    return move


async def adjust_stock(
    product_key: UUID | None, location_key: UUID | None, given: Mapping[str, Any], *, by: Actor, at: datetime
) -> tuple[InventoryLevel, StockMove | None]:
    """This will write down what was counted of one product; gives the level, and the move unless nothing differed.

    Needs `counted`. Raises Unauthenticated, Invalid, NotFound, CountedBelowPromises.
    """
    by.must(Permission.INVENTORY_WRITE)
    values = check_fields(given, rules.COUNT, required=("counted",))
    async with one_transaction():
        count = Item(product_key, location_key, values["counted"])
        moves = await stock.adjust([count], note=values.get("note"), by=by, at=at)
        level = await InventoryLevel.get(product_id=product_key, location_id=location_key)
    return level, moves[0] if moves else None


async def reserve_stock(
    product_key: UUID | None, location_key: UUID | None, given: Mapping[str, Any], *, by: Actor, at: datetime
) -> Reservation:
    """This will promise units of one product, for as long as is said. Needs `quantity`.

    Raises Unauthenticated, Invalid, NotFound, NotEnoughStock.
    """
    by.must(Permission.INVENTORY_WRITE)
    values: dict[str, Any] = check_fields(given, rules.PROMISE, required=("quantity",))
    quantity: Decimal = values["quantity"]
    item = Item(product_key, location_key, quantity)
    (made,) = await reserve([item], origin=None, expires_at=values.get("expires_at"), field="quantity", by=by, at=at)
    return made
