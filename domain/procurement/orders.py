"""Verbs of purchase orders: written, changed while a draft, sent, acknowledged, closed or cancelled."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.catalog.models import Product
from domain.inventory import rules as stock_rules
from domain.inventory.models import Location
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields
from domain.kernel.ids import new_id
from domain.kernel.money import LARGEST, check_currency, read_amount
from domain.kernel.one_record import insert_record
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.storing import insert_parts, update_told
from domain.kernel.transactions import one_transaction
from domain.procurement import rules
from domain.procurement.models import PurchaseOrder, PurchaseOrderLine, Supplier
from domain.procurement.queries import offered
from domain.procurement.rules import PurchaseOrderStatus

Line = Mapping[str, Any]
TOPIC = "procurement.purchase_order"


class SupplierNotTrusted(Conflict):
    """The supplier is not one that orders are sent to."""

    def __init__(self, name: str, status: str) -> None:
        super().__init__(
            f"{name} is {status}; orders go only to suppliers that are approved or on probation. Approve it first.",
            "id",
        )


class LinesAreSettled(Conflict):
    """The order has left the house with its lines."""

    def __init__(self) -> None:
        super().__init__("The lines change only while the order is a draft; cancel it and write another.", "lines")


class NothingMoreIsExpected(Conflict):
    """The order is over."""

    def __init__(self, status: str) -> None:
        super().__init__(f"This purchase order is {status}; nothing more is expected of it.", "expected_on")


async def create_purchase_order(
    given: Mapping[str, Any], lines: Sequence[Line], *, by: Actor, at: datetime
) -> PurchaseOrder:
    """This will write a purchase order, a draft at first, with lines of `product_id`, `quantity` and, where it differs
    from what the supplier offers or nothing is written down, `unit_cost`.

    `given` needs `supplier_id` and `location_id`; `currency` is that of the supplier's offers unless given. Raises
    Unauthenticated, Invalid, NotFound.
    """
    by.must(Permission.PROCUREMENT_WRITE)
    keys = {name: given[name] for name in ("supplier_id", "location_id")}
    values = check_fields({name: given[name] for name in given if name not in keys}, rules.PURCHASE_ORDER, required=())
    checked = _checked(lines)
    async with one_transaction():
        await Supplier.held([keys["supplier_id"]], "supplier_id", by=by)
        await _check_location(keys["location_id"])
        order_id = new_id()
        currency, parts = await _priced(order_id, keys["supplier_id"], values.get("currency"), checked, at)
        values |= {**keys, "number": await _number(), "currency": currency, "total": _total(parts)}
        order = PurchaseOrder.born({"id": order_id, **values}, at)
        told = {**values, "lines": _told(parts)}
        await insert_record(order, told, f"{TOPIC}.created", by=by, at=at)
        await insert_parts(parts)
    return order


async def update_purchase_order(
    key: UUID | None,
    given: Mapping[str, Any],
    lines: Sequence[Line] | None = None,
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> PurchaseOrder:
    """This will change the expected day while anything is awaited, and all lines while the order is a draft.

    Raises Unauthenticated, Invalid, NotFound, Stale, LinesAreSettled, NothingMoreIsExpected.
    """
    by.must(Permission.PROCUREMENT_WRITE)
    values = check_fields(given, {"expected_on": rules.PURCHASE_ORDER["expected_on"]}, required=())
    checked = None if lines is None else _checked(lines)
    async with one_transaction():
        order = await PurchaseOrder.locked(key, expected_version=expected_version, by=by)
        if values and order.status not in rules.AWAITED:
            raise NothingMoreIsExpected(order.status)
        if checked is not None:
            if order.status != PurchaseOrderStatus.DRAFT:
                raise LinesAreSettled
            _, parts = await _priced(order.id, order.supplier_id, order.currency, checked, at)
            await PurchaseOrderLine.filter(purchase_order_id=order.id).delete()
            await insert_parts(parts)
            await store_whole(order, {**values, "total": _total(parts)}, f"{TOPIC}.updated", by=by, at=at)
        else:
            await apply_changes(order, values, f"{TOPIC}.updated", by=by, at=at)
    return order


async def store_whole(order: PurchaseOrder, values: Mapping[str, Any], topic: str, *, by: Actor, at: datetime) -> None:
    """This will store values of a locked order whose lines have changed, and tell of it even if none of its own did."""
    for name, value in values.items():
        setattr(order, name, value)
    order.version, order.updated_at = order.version + 1, at
    await update_told([(order, values)], topic, by=by, at=at)


async def send_purchase_order(
    key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> PurchaseOrder:
    """This will note that the order went to its supplier.

    Raises Unauthenticated, NotFound, Stale, StatusNotReachable, SupplierNotTrusted.
    """
    by.must(Permission.PROCUREMENT_WRITE)
    async with one_transaction():
        order = await PurchaseOrder.locked(key, expected_version=expected_version, by=by)
        status = rules.check_next(order.status, PurchaseOrderStatus.SENT, "id")
        supplier = await Supplier.locked(order.supplier_id, by=by)
        if supplier.status not in rules.TRUSTED:
            raise SupplierNotTrusted(supplier.name, supplier.status)
        values = {"status": status.value, "sent_at": at}
        await apply_changes(order, values, f"{TOPIC}.sent", by=by, at=at)
    return order


async def acknowledge_purchase_order(
    key: UUID | None, promised_on: date, *, expected_version: int | None = None, by: Actor, at: datetime
) -> PurchaseOrder:
    """This will note the day that the supplier promises: it is kept for ever, while the expected day may move later.

    Raises Unauthenticated, Invalid, NotFound, Stale, StatusNotReachable.
    """
    by.must(Permission.PROCUREMENT_WRITE)
    async with one_transaction():
        order = await PurchaseOrder.locked(key, expected_version=expected_version, by=by)
        status = rules.check_next(order.status, PurchaseOrderStatus.ACKNOWLEDGED, "id")
        day = rules.check_promise(promised_on, order.sent_at or at, "promised_on")
        values = {"status": status.value, "promised_on": day, "expected_on": day}
        await apply_changes(order, values, f"{TOPIC}.acknowledged", by=by, at=at)
    return order


async def close_purchase_order(
    key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> PurchaseOrder:
    """This will end an order of which something came; what did not come is given up, and counts against the supplier.

    Raises Unauthenticated, NotFound, Stale, StatusNotReachable.
    """
    return await _end(key, PurchaseOrderStatus.CLOSED, expected_version, by=by, at=at)


async def cancel_purchase_order(
    key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> PurchaseOrder:
    """This will call off an order of which nothing came. Raises Unauthenticated, NotFound, Stale,
    StatusNotReachable."""
    return await _end(key, PurchaseOrderStatus.CANCELLED, expected_version, by=by, at=at)


async def _end(
    key: UUID | None, wanted: PurchaseOrderStatus, expected_version: int | None, *, by: Actor, at: datetime
) -> PurchaseOrder:
    by.must(Permission.PROCUREMENT_WRITE)
    async with one_transaction():
        order = await PurchaseOrder.locked(key, expected_version=expected_version, by=by)
        values = {"status": rules.check_next(order.status, wanted, "id").value, "closed_at": at}
        await apply_changes(order, values, f"{TOPIC}.{wanted}", by=by, at=at)
    return order


async def _check_location(key: UUID | None) -> None:
    location = await Location.get_or_none(id=key)
    if location is None:
        raise Location._missing("location_id")
    stock_rules.check_place(location.kind, location.code, stock_rules.OURS, "location_id")


def _checked(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Checks each line by its rules, naming its place. Raises Invalid."""
    if not 1 <= len(lines) <= rules.MOST_LINES:
        raise Invalid(f"{{field}} must have 1 to {rules.MOST_LINES:,} lines.", "lines")
    checked = []
    for place, line in enumerate(lines):
        path = {name: ("lines", str(place), name) for name in rules.LINE}
        checked.append({name: rules.LINE[name](value, *path[name]) for name, value in line.items()})
    return checked


async def _priced(
    order_id: UUID, supplier: UUID | None, currency: str | None, lines: Sequence[dict[str, Any]], at: datetime
) -> tuple[str, list[PurchaseOrderLine]]:
    """The lines with their costs and amounts, as the supplier offers or as they were given; and their currency."""
    products = [line["product_id"] for line in lines]
    offers = await offered(supplier, products)
    if len(offers) < len(set(products)):
        await _check_products(products)
    currency = currency or next((offer.currency for offer in offers.values()), None)
    if currency is None:
        raise Invalid("{field} is missing, and nothing that this supplier offers says it.", "currency")
    parts = []
    for place, line in enumerate(lines):
        quantity, cost, offer = line["quantity"], line.get("unit_cost"), offers.get(line["product_id"])
        where = ("lines", str(place))
        if offer:
            rules.check_lot(quantity, offer.minimum_quantity, offer.lot_size, *where, "quantity")
        if cost is None:
            if offer is None or offer.currency != currency:
                raise Invalid(f"{{field}} is missing, and the supplier offers none in {currency}.", *where, "unit_cost")
            cost = offer.unit_cost
        cost = read_amount(cost, check_currency(currency, "currency"), *where, "unit_cost")
        values = {
            "purchase_order_id": order_id, "position": place + 1, "product_id": line["product_id"],
            "quantity": quantity, "unit_cost": cost,
            "amount": rules.line_amount(quantity, cost, currency, *where, "quantity"),
        }  # fmt: skip
        parts.append(PurchaseOrderLine.born(values, at))
    return currency, parts


async def _check_products(products: Sequence[UUID | None]) -> None:
    """Refuses the first line whose product there is not. Raises NotFound."""
    known = {product.id for product in await Product.filter(id__in=[key for key in products if key]).only("id")}
    for place, key in enumerate(products):
        if key not in known:
            raise Product._missing("lines", str(place), "product_id")


def _total(parts: Sequence[PurchaseOrderLine]) -> Decimal:
    total = sum((part.amount for part in parts), Decimal(0))
    if total >= LARGEST:
        raise Invalid("{field} cost too much together to be written down; order less.", "lines")
    return total


def _told(parts: Sequence[PurchaseOrderLine]) -> list[dict[str, Any]]:
    return [{name: getattr(part, name) for name in ("product_id", "quantity", "unit_cost")} for part in parts]


async def _number() -> str:
    (row,) = await get_connection("default").execute_query_dict("SELECT nextval('purchase_order_number') AS number")
    return f"PO-{row['number']:06}"
