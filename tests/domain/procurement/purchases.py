"""A supplier, what it offers, and orders to it, for tests."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from domain.catalog.models import Product
from domain.inventory.models import Location
from domain.kernel.actor import SYSTEM
from domain.procurement.models import PurchaseOrder, PurchaseOrderLine, Supplier, SupplierItem
from domain.procurement.orders import acknowledge_purchase_order, create_purchase_order, send_purchase_order
from domain.procurement.receipts import receive_purchase_order
from tests.domain.inventory.house import STAMPS
from tests.graph import NOW


async def supplier(name: str = "Bolts & Co", status: str = "approved") -> Supplier:
    return await Supplier.create(name=name, status=status, **STAMPS)


async def offer(supplier: Supplier, product: Product, cost: str = "2.50", **fields: Any) -> SupplierItem:
    values = {"unit_cost": Decimal(cost), "currency": "EUR", "lead_time_days": 10, **STAMPS, **fields}
    return await SupplierItem.create(supplier=supplier, product=product, **values)


def line(product: Product, quantity: float | str = 10, cost: str | None = None) -> dict[str, Any]:
    values = {"product_id": product.id, "quantity": Decimal(str(quantity))}
    return values | ({"unit_cost": Decimal(cost)} if cost else {})


async def draft(supplier: Supplier, location: Location, *lines: dict[str, Any], at: datetime = NOW) -> PurchaseOrder:
    given = {"supplier_id": supplier.id, "location_id": location.id, "currency": "EUR"}
    return await create_purchase_order(given, lines, by=SYSTEM, at=at)


async def sent(
    supplier: Supplier, location: Location, *lines: dict[str, Any], at: datetime = NOW, promised: Any = None
) -> PurchaseOrder:
    """An order that was sent, and acknowledged where a day was promised."""
    order = await draft(supplier, location, *lines, at=at)
    order = await send_purchase_order(order.id, by=SYSTEM, at=at)
    return await acknowledge_purchase_order(order.id, promised, by=SYSTEM, at=at) if promised else order


async def lines_of(order: PurchaseOrder) -> list[PurchaseOrderLine]:
    return await PurchaseOrderLine.filter(purchase_order_id=order.id).order_by("position")


def row(line: PurchaseOrderLine, accepted: float | str, rejected: float | str = 0) -> dict[str, Any]:
    """What came for a line."""
    values = {"line_id": line.id, "accepted": Decimal(str(accepted)), "rejected": Decimal(str(rejected))}
    return values | ({"reject_reason": "bent"} if rejected else {})


async def came(order: PurchaseOrder, at: datetime, accepted: float, rejected: float = 0) -> PurchaseOrder:
    """So much came for the first line of the order."""
    first, *_ = await lines_of(order)
    return await receive_purchase_order(order.id, [row(first, accepted, rejected)], by=SYSTEM, at=at)
