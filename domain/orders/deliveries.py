"""Verbs of what leaves the house and comes back: shipments of an order's lines, their arrival, and returns."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.inventory.reservations import Item
from domain.inventory.rules import check_moment
from domain.inventory.stock import ship, take_back
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid, NotFound
from domain.kernel.storing import as_json, insert_parts, update_told
from domain.kernel.transactions import one_transaction
from domain.orders import rules, states
from domain.orders.commands import TOPIC, lines_of, origin_of
from domain.orders.models import Order, OrderLine, Shipment, ShipmentLine
from domain.orders.states import OrderStatus

_STORE = """
    UPDATE sales_order_line l
    SET shipped = given.shipped, delivered = given.delivered, returned = given.returned,
        updated_at = $2::timestamptz, version = l.version + 1
    FROM json_to_recordset($1::json) AS given(id uuid, shipped numeric, delivered numeric, returned numeric)
    WHERE l.id = given.id"""


class ArrivedAlready(Conflict):
    """A shipment arrives once."""

    def __init__(self) -> None:
        super().__init__("This shipment has arrived already.", "shipment_id")


class OrderIsOver(Conflict):
    """Nothing comes back of an order that is closed or was called off."""

    def __init__(self, status: str) -> None:
        super().__init__(f"The order is {status}; nothing of it comes back any more.", "id")


async def ship_order(
    key: UUID | None,
    given: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> tuple[Order, Shipment]:
    """This will ship lines of an allocated order, each a `line_id` and a `quantity`; all that is left without `lines`.

    `given` may have `carrier`, `tracking_number` and `shipped_at`. The goods leave the stock in the same transaction.
    Raises Unauthenticated, Invalid, NotFound, Stale, StatusNotReachable, NothingToShip, NotEnoughStock.
    """
    by.must(Permission.ORDERS_FULFIL)
    carrier = states.check_words(given.get("carrier"), "carrier")
    tracking = states.check_words(given.get("tracking_number"), "tracking_number")
    moment = _moment(given.get("shipped_at"), at, "shipped_at")
    async with one_transaction():
        order = await Order.locked(key, expected_version=expected_version, by=by, to=Permission.ORDERS_FULFIL)
        states.check_next(order.status, OrderStatus.PARTIALLY_SHIPPED)
        lines = await lines_of(order)
        leaving = _chosen(lines, given.get("lines"), _to_ship, states.NothingToShip)
        items = [Item(line.product_id, order.location_id, quantity) for line, quantity in leaving]
        await ship(items, origin=origin_of(order), moved_at=moment, by=by, at=at)
        shipment = await _shipment(order, leaving, carrier, tracking, moment, at)
        for line, quantity in leaving:
            line.shipped += quantity
        await _store([line for line, _ in leaving], at)
        status = states.after_shipping(line.quantity - line.shipped for line in lines)
        values = {"status": status.value} | ({"shipped_at": moment} if status == OrderStatus.SHIPPED else {})
        await _tell(order, values, f"{TOPIC}.shipped", by=by, at=at)
    return order, shipment


async def deliver_shipment(
    shipment_key: UUID | None, delivered_at: datetime | None = None, *, by: Actor, at: datetime
) -> Order:
    """This will note that a shipment reached the customer; with the last of it the order is delivered.

    Raises Unauthenticated, Invalid, NotFound, ArrivedAlready.
    """
    by.must(Permission.ORDERS_FULFIL)
    moment = _moment(delivered_at, at, "delivered_at")
    async with one_transaction():
        found = await Shipment.get_or_none(id=shipment_key)
        if found is None:
            raise Shipment._missing("shipment_id")
        order = await Order.locked(found.order_id, by=by, to=Permission.ORDERS_FULFIL)
        shipment = await Shipment.locked(shipment_key, "shipment_id", by=by, to=Permission.ORDERS_FULFIL)
        if shipment.delivered_at:
            raise ArrivedAlready
        if moment < shipment.shipped_at:
            raise Invalid("{field} lies before the shipment left.", "delivered_at")
        await apply_changes(shipment, {"delivered_at": moment}, "orders.shipment.delivered", by=by, at=at)
        lines = await lines_of(order)
        await _arrive(shipment, {line.id: line for line in lines}, at)
        whole = order.status == OrderStatus.SHIPPED and all(line.delivered == line.shipped for line in lines)
        last = await Shipment.filter(order_id=order.id).order_by("-delivered_at").first() if whole else None
        arrived = last.delivered_at if last else None
        values = {"status": OrderStatus.DELIVERED.value, "delivered_at": arrived} if whole else {}
        await _tell(order, values, f"{TOPIC}.delivered", by=by, at=at)
    return order


async def return_goods(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Order:
    """This will take back goods of an order that reached the customer, to where they were shipped from.

    `given` has a `reason` and may have `lines`, each a `line_id` and a `quantity`; all that was delivered without. What
    comes back is in stock again; the order keeps what was sold. Raises Unauthenticated, Invalid, NotFound, Stale,
    NothingToReturn, OrderIsOver.
    """
    by.must(Permission.ORDERS_FULFIL)
    reason = states.check_reason(given["reason"], "reason")
    async with one_transaction():
        order = await Order.locked(key, expected_version=expected_version, by=by, to=Permission.ORDERS_FULFIL)
        if order.status in (OrderStatus.CLOSED, OrderStatus.CANCELLED):
            raise OrderIsOver(order.status)
        lines = await lines_of(order)
        back = _chosen(lines, given.get("lines"), _to_return, states.NothingToReturn)
        if not back:
            raise states.NothingToReturn(Decimal(0), "lines")
        items = [Item(line.product_id, order.location_id, quantity) for line, quantity in back]
        await take_back(items, origin=origin_of(order), note=reason, by=by, at=at)
        for line, quantity in back:
            line.returned += quantity
        await _store([line for line, _ in back], at)
        await _tell(order, {}, f"{TOPIC}.returned", by=by, at=at)
    return order


def _moment(given: datetime | None, at: datetime, field: str) -> datetime:
    moment = check_moment(given, field) or at
    if moment > at:
        raise Invalid("{field} lies in the future; note it when it has happened.", field)
    return moment


def _to_ship(line: OrderLine) -> Decimal:
    return line.quantity - line.shipped


def _to_return(line: OrderLine) -> Decimal:
    return line.delivered - line.returned


def _chosen(
    lines: Sequence[OrderLine],
    given: Sequence[Mapping[str, Any]] | None,
    left: Callable[[OrderLine], Decimal],
    refusal: type[states.NothingToShip | states.NothingToReturn],
) -> list[tuple[OrderLine, Decimal]]:
    """The lines named, or all of which something is left, each with how much. Raises Invalid, NotFound, `refusal`."""
    if given is None:
        return [(line, left(line)) for line in lines if left(line) > 0]
    if not given:
        raise Invalid("{field} must name a line at least; leave it out for all that is left.", "lines")
    known, chosen = {line.id: line for line in lines}, []
    for place, row in enumerate(given):
        where = ("lines", str(place))
        quantity = rules.check_quantity(row["quantity"], *where, "quantity")
        line = known.pop(row["line_id"], None)
        if line is None:
            raise NotFound("This order has no such line, or it stands in a row before.", *where, "line_id")
        if quantity > left(line):
            raise refusal(left(line), *where, "quantity")
        chosen.append((line, quantity))
    return chosen


async def _shipment(
    order: Order,
    leaving: Sequence[tuple[OrderLine, Decimal]],
    carrier: str | None,
    tracking: str | None,
    moment: datetime,
    at: datetime,
) -> Shipment:
    values = {
        "order_id": order.id, "location_id": order.location_id, "carrier": carrier, "tracking_number": tracking,
        "shipped_at": moment,
    }  # fmt: skip
    shipment = Shipment.born(values, at)
    await insert_parts([shipment])
    rows = [{"shipment_id": shipment.id, "order_line_id": line.id, "quantity": quantity} for line, quantity in leaving]
    await insert_parts([ShipmentLine.born(row, at) for row in rows])
    return shipment


async def _arrive(shipment: Shipment, lines: Mapping[UUID, OrderLine], at: datetime) -> None:
    parts = await ShipmentLine.filter(shipment_id=shipment.id)
    for part in parts:
        lines[part.order_line_id].delivered += part.quantity
    await _store([lines[part.order_line_id] for part in parts], at)


async def _store(lines: Sequence[OrderLine], at: datetime) -> None:
    rows = [
        {"id": line.id, "shipped": line.shipped, "delivered": line.delivered, "returned": line.returned}
        for line in lines
    ]
    await get_connection("default").execute_query(_STORE, [as_json(rows), at])


async def _tell(order: Order, values: Mapping[str, Any], topic: str, *, by: Actor, at: datetime) -> None:
    """Stores what of the order itself has changed, and tells of it even if only its lines did."""
    for name, value in values.items():
        setattr(order, name, value)
    order.version, order.updated_at = order.version + 1, at
    await update_told([(order, values)], topic, by=by, at=at)
