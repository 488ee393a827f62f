"""Verbs of orders: written, confirmed with a promise, their goods reserved, and called off."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from domain.access.ownership import hold_owner
from domain.customers.models import Customer
from domain.inventory.models import Location
from domain.inventory.reservations import Item, Origin, release, reserve
from domain.inventory.rules import OURS, check_place
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, raise_taken
from domain.kernel.money import check_currency
from domain.kernel.one_record import insert_record
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.storing import insert_parts
from domain.kernel.transactions import one_transaction
from domain.orders import rules, states
from domain.orders.models import Order, OrderLine
from domain.orders.states import OrderStatus
from domain.pipeline.lines import Line, check_lines, price_lines, total_of
from domain.pipeline.models import Opportunity

TOPIC = "orders.order"
OF_A_LINE = ("position", "product_id", "quantity", "amount")
"""What an order keeps of a line that was priced."""


class ExternalIdTaken(Conflict):
    """Another order has this external id."""

    def __init__(self) -> None:
        super().__init__("Another order has this external id.", "external_id")


class DealOfAnother(Invalid):
    """The deal does not belong to the customer."""

    def __init__(self) -> None:
        super().__init__("{field} is a deal of another customer; name one of this customer's.", "opportunity_id")


async def create_order(given: Mapping[str, Any], lines: Sequence[Line], *, by: Actor, at: datetime) -> Order:
    """This will write an order, a draft at first. Needs `customer_id`, `location_id` and `currency`.

    It belongs to whoever writes it unless `owner_id` says otherwise; `opportunity_id` names the deal it came from. A
    line has `product_id`, `quantity`, and, where they differ from the list price and none, `unit_price` and
    `discount`; what a unit costs us is kept with it. Raises Unauthenticated, Forbidden, Invalid, NotFound,
    ExternalIdTaken, DealOfAnother.
    """
    by.must(Permission.ORDERS_WRITE)
    currency = check_currency(given["currency"], "currency")
    external_id = given.get("external_id")
    name = None if external_id is None else rules.check_external_id(external_id, "external_id")
    checked = check_offered(lines)
    async with one_transaction():
        about = await _about(given, by=by) | {"owner_id": await owner_of(given, by=by)}
        parts = await price_lines(currency, checked)
        return await place_order({**about, "external_id": name, "currency": currency}, parts, by=by, at=at)


async def place_order(
    about: Mapping[str, Any], parts: Sequence[tuple[Mapping[str, Any], Decimal | None]], *, by: Actor, at: datetime
) -> Order:
    """This will write an order of lines that are priced, each with what a unit costs us. Raises Invalid,
    ExternalIdTaken."""
    total = total_of(values["amount"] for values, _ in parts)
    values = {**about, "status": OrderStatus.DRAFT.value, "ordered_at": at, "total": total}
    order = Order.born(values, at)
    try:
        await insert_record(order, values, f"{TOPIC}.created", by=by, at=at)
    except IntegrityError:
        raise_taken(ExternalIdTaken())
    lines = [
        {**{name: given[name] for name in OF_A_LINE}, "order_id": order.id, "unit_cost": cost} for given, cost in parts
    ]
    await insert_parts([OrderLine.born(line, at) for line in lines])
    return order


def check_offered(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """This will check the lines of a quote or an order, of which there is one at least. Raises Invalid."""
    if not lines:
        raise Invalid("{field} must have a line at least.", "lines")
    return check_lines(lines, most=rules.MOST_LINES)


async def owner_of(given: Mapping[str, Any], *, by: Actor) -> UUID | None:
    """This will say whose a quote or an order is to be: the actor's, unless `owner_id` says otherwise.

    Raises NotFound, Forbidden, OwnerHasLeft.
    """
    if "owner_id" not in given:
        return by.user_id
    await hold_owner(given["owner_id"], Permission.ORDERS_WRITE, by=by)
    owner: UUID | None = given["owner_id"]
    return owner


async def assign_order(
    key: UUID | None, owner: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Order:
    """This will give an order to another owner, or to nobody.

    Raises Unauthenticated, Forbidden, NotFound, Stale, OwnerHasLeft.
    """
    by.must(Permission.ORDERS_WRITE)
    async with one_transaction():
        order = await Order.locked(key, expected_version=expected_version, by=by)
        await hold_owner(owner, Permission.ORDERS_WRITE, by=by)
        await apply_changes(order, {"owner_id": owner}, f"{TOPIC}.assigned", by=by, at=at)
    return order


async def confirm_order(
    key: UUID | None, promised_on: date, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Order:
    """This will confirm an order for a day of delivery: the first promise is kept for ever, and measured by.

    Raises Unauthenticated, Invalid, NotFound, Stale, StatusNotReachable.
    """
    by.must(Permission.ORDERS_WRITE)
    day = states.check_promise(promised_on, at.date(), "promised_on")
    async with one_transaction():
        order = await Order.locked(key, expected_version=expected_version, by=by)
        status = states.check_next(order.status, OrderStatus.CONFIRMED)
        values = {"status": status.value, "promised_on": day, "expected_on": day, "confirmed_at": at}
        await apply_changes(order, values, f"{TOPIC}.confirmed", by=by, at=at)
    return order


async def allocate_order(key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime) -> Order:
    """This will reserve all goods of a confirmed order at its location, or none.

    Raises Unauthenticated, NotFound, Stale, StatusNotReachable, NotEnoughStock.
    """
    by.must(Permission.ORDERS_FULFIL)
    async with one_transaction():
        order = await Order.locked(key, expected_version=expected_version, by=by, to=Permission.ORDERS_FULFIL)
        status = states.check_next(order.status, OrderStatus.ALLOCATED)
        lines = await lines_of(order)
        items = [Item(line.product_id, order.location_id, line.quantity) for line in lines]
        await reserve(items, origin=origin_of(order), field="id", by=by, at=at)
        await apply_changes(order, {"status": status.value}, f"{TOPIC}.allocated", by=by, at=at)
    return order


async def postpone_order(
    key: UUID | None, expected_on: date, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Order:
    """This will move the day that delivery is expected on; the first promise stays.

    Raises Unauthenticated, Invalid, NotFound, Stale, NotUnderWay.
    """
    by.must(Permission.ORDERS_WRITE)
    day = states.check_promise(expected_on, at.date(), "expected_on")
    async with one_transaction():
        order = await Order.locked(key, expected_version=expected_version, by=by)
        if order.promised_on is None or order.delivered_at or order.cancelled_at:
            raise Conflict("{field} belongs to an order that is confirmed and not yet delivered.", "expected_on")
        await apply_changes(order, {"expected_on": day}, f"{TOPIC}.postponed", by=by, at=at)
    return order


async def cancel_order(
    key: UUID | None, reason: str, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Order:
    """This will call an order off before anything was shipped; what was reserved for it is given back.

    Raises Unauthenticated, Invalid, NotFound, Stale, StatusNotReachable.
    """
    by.must(Permission.ORDERS_WRITE)
    why = states.check_reason(reason, "reason")
    async with one_transaction():
        order = await Order.locked(key, expected_version=expected_version, by=by)
        status = states.check_next(order.status, OrderStatus.CANCELLED)
        await release(origin_of(order), by=by, at=at)
        values = {"status": status.value, "cancelled_at": at, "cancel_reason": why}
        await apply_changes(order, values, f"{TOPIC}.cancelled", by=by, at=at)
    return order


async def close_order(key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime) -> Order:
    """This will end an order that was delivered: nothing of it comes back any more.

    Raises Unauthenticated, NotFound, Stale, StatusNotReachable.
    """
    by.must(Permission.ORDERS_WRITE)
    async with one_transaction():
        order = await Order.locked(key, expected_version=expected_version, by=by)
        status = states.check_next(order.status, OrderStatus.CLOSED)
        await apply_changes(order, {"status": status.value}, f"{TOPIC}.closed", by=by, at=at)
    return order


def origin_of(order: Order) -> Origin:
    """This will name an order as the document that stock moves for."""
    return Origin(Order.prefix, order.id)


async def lines_of(order: Order) -> list[OrderLine]:
    """This will read the lines of an order in their sequence."""
    return await OrderLine.filter(order_id=order.id).order_by("position")


async def check_place_of_ours(key: UUID | None) -> None:
    """This will refuse a location that nothing of ours ships from. Raises NotFound, Invalid."""
    location = await Location.get_or_none(id=key)
    if location is None:
        raise Location._missing("location_id")
    check_place(location.kind, location.code, OURS, "location_id")


async def _about(given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Holds what the order points to. Raises NotFound, Invalid, DealOfAnother."""
    about = {name: given.get(name) for name in ("customer_id", "location_id", "opportunity_id")}
    await Customer.held([about["customer_id"]], "customer_id", by=by)
    await check_place_of_ours(about["location_id"])
    if about["opportunity_id"] is not None:
        await Opportunity.held([about["opportunity_id"]], "opportunity_id", by=by)
        if not await Opportunity.exists(id=about["opportunity_id"], customer_id=about["customer_id"]):
            raise DealOfAnother
    return about
