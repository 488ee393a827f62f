"""What came for a purchase order: accepted units go to stock, rejected ones back, and the order knows how far it is."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.inventory import stock
from domain.inventory.reservations import Item, Origin
from domain.inventory.rules import check_moment
from domain.kernel.actor import Actor
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid, NotFound
from domain.kernel.storing import as_json, insert_told
from domain.kernel.transactions import one_transaction
from domain.procurement import rules
from domain.procurement.models import PurchaseOrder, PurchaseOrderLine, Receipt
from domain.procurement.orders import TOPIC, store_whole
from domain.procurement.rules import PurchaseOrderStatus

_STORE_LINES = """
    UPDATE purchase_order_line l
    SET accepted = given.accepted, rejected = given.rejected, updated_at = $2::timestamptz, version = l.version + 1
    FROM json_to_recordset($1::json) AS given(id uuid, accepted numeric, rejected numeric) WHERE l.id = given.id"""


class MoreThanOrdered(Conflict):
    """More was accepted than is still to come."""

    def __init__(self, awaited: Decimal, *field: str) -> None:
        super().__init__(
            f"Only {awaited.normalize():f} of this line are still to come; reject what is too much, or order it.",
            *field,
        )


async def receive_purchase_order(
    key: UUID | None,
    came: Sequence[Mapping[str, Any]],
    received_at: datetime | None = None,
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> PurchaseOrder:
    """This will write down what came for lines of an order, each once: `line_id`, `accepted`, `rejected` with its
    `reject_reason`; now, unless told when. What was accepted is brought to the order's location.

    Raises Unauthenticated, Invalid, NotFound, Stale, StatusNotReachable, MoreThanOrdered, LocationTakesNothing.
    """
    by.must(Permission.PROCUREMENT_WRITE)
    checked = _checked(came)
    moment = check_moment(received_at, "received_at") or at
    if moment > at:
        raise Invalid("{field} lies in the future; write down what has come.", "received_at")
    async with one_transaction():
        order = await PurchaseOrder.locked(key, expected_version=expected_version, by=by)
        rules.check_next(order.status, PurchaseOrderStatus.RECEIVED, "id")
        if order.sent_at and moment < order.sent_at:
            raise Invalid("{field} lies before the order was sent.", "received_at")
        lines = await PurchaseOrderLine.filter(purchase_order_id=order.id).order_by("position")
        touched = _added({line.id: line for line in lines}, checked)
        await _note(touched, checked, moment, by=by, at=at)
        await _advance(order, lines, moment, by=by, at=at)
        items = [
            Item(line.product_id, order.location_id, each["accepted"])
            for line, each in zip(touched, checked, strict=True)
            if each["accepted"]
        ]
        if items:
            origin = Origin(PurchaseOrder.prefix, order.id)
            await stock.receive(items, origin=origin, moved_at=moment, by=by, at=at)
    return order


def _checked(came: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Checks each row by its rules, naming its place. Raises Invalid."""
    if not 1 <= len(came) <= rules.MOST_LINES:
        raise Invalid(f"{{field}} must have 1 to {rules.MOST_LINES:,} rows.", "lines")
    checked: list[dict[str, Any]] = []
    for place, row in enumerate(came):
        where = ("lines", str(place))
        values = {name: rules.RECEIPT[name](value, *where, name) for name, value in row.items()}
        values = {"rejected": Decimal(0), "reject_reason": None, **values}
        if not values["accepted"] + values["rejected"]:
            raise Invalid(
                "{field} and what was rejected are both zero; leave out what did not come.", *where, "accepted"
            )
        if bool(values["rejected"]) != bool(values["reject_reason"]):
            raise Invalid("{field} goes with rejected units: say what was wrong with them.", *where, "reject_reason")
        if any(values["line_id"] == before["line_id"] for before in checked):
            raise Invalid("{field} stands in a row before; give each line once.", *where, "line_id")
        checked.append(values)
    return checked


def _added(lines: Mapping[UUID, PurchaseOrderLine], checked: Sequence[Mapping[str, Any]]) -> list[PurchaseOrderLine]:
    """Adds what came to the lines of the order, and gives them in the order of the rows. Raises NotFound,
    MoreThanOrdered."""
    touched = []
    for place, row in enumerate(checked):
        line = lines.get(row["line_id"])
        if line is None:
            raise NotFound("This order has no such line.", "lines", str(place), "line_id")
        if row["accepted"] > line.quantity - line.accepted:
            raise MoreThanOrdered(line.quantity - line.accepted, "lines", str(place), "accepted")
        line.accepted += row["accepted"]
        line.rejected += row["rejected"]
        touched.append(line)
    return touched


async def _note(
    touched: Sequence[PurchaseOrderLine],
    checked: Sequence[Mapping[str, Any]],
    moment: datetime,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Stores the lines as they stand, and a receipt for each with what came."""
    rows = [{"id": line.id, "accepted": line.accepted, "rejected": line.rejected} for line in touched]
    await get_connection("default").execute_query(_STORE_LINES, [as_json(rows), at])
    values = [{name: value for name, value in row.items() if value is not None} for row in checked]
    facts = [(Receipt.born({**each, "received_at": moment}, at), {**each, "received_at": moment}) for each in values]
    await insert_told(facts, "procurement.receipt.recorded", by=by, at=at)


async def _advance(
    order: PurchaseOrder, lines: Sequence[PurchaseOrderLine], moment: datetime, *, by: Actor, at: datetime
) -> None:
    """Counts the order up, and says whether all of it has come by now."""
    whole = all(line.accepted == line.quantity for line in lines)
    status = PurchaseOrderStatus.RECEIVED if whole else PurchaseOrderStatus.PARTIALLY_RECEIVED
    told: dict[str, Any] = {"status": status.value}
    if whole:
        last = await Receipt.filter(line__purchase_order_id=order.id).order_by("-received_at").first()
        told["received_at"] = max(moment, last.received_at) if last else moment
    await store_whole(order, told, f"{TOPIC}.received", by=by, at=at)
