"""What mutations of the inventory, of procurement and of replenishment refuse."""

from decimal import Decimal
from typing import Any

from domain.catalog.models import Product
from domain.inventory.models import Location
from domain.inventory.reservations import Item, reserve
from domain.inventory.stock import receive
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import public_id
from domain.procurement.models import PurchaseOrderLine, Supplier, SupplierItem
from domain.procurement.orders import create_purchase_order, send_purchase_order
from domain.procurement.receipts import receive_purchase_order
from domain.replenishment.models import ReplenishmentPolicy, ReplenishmentProposal
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.graph import NOW

ITEM = {"productId": "PRODUCT", "unitCost": "2.50", "currency": "EUR", "leadTimeDays": 10}
POLICY = {"productId": "OTHER", "locationId": "MAIN", "serviceLevel": "0.95", "orderCost": "10", "holdingRate": "0.2"}
LINE = {"productId": "PRODUCT", "quantity": "10"}
NUMBERS: dict[str, Any] = {
    "input.serviceLevel": "0.4",
    "input.reviewDays": -1,
    "input.orderCost": "-1",
    "input.holdingRate": "2000",
    "input.demandDays": 13,
}
GOOD: dict[str, dict[str, Any]] = {
    "locationCreate": {"input": {"code": "NEW", "name": "New"}},
    "locationUpdate": {"id": "MAIN", "input": {"name": "B"}},
    "stockTransfer": {
        "input": {"productId": "PRODUCT", "fromLocationId": "MAIN", "toLocationId": "EAST", "quantity": "1"}
    },
    "stockAdjust": {"input": {"productId": "PRODUCT", "locationId": "MAIN", "counted": "9"}},
    "stockReserve": {"input": {"productId": "PRODUCT", "locationId": "MAIN", "quantity": "1"}},
    "reservationRelease": {"id": "PROMISE"},
    "stockMoveReverse": {"id": "MOVE", "input": {}},
    "supplierCreate": {"input": {"name": "A"}},
    "supplierUpdate": {"id": "VENDOR", "input": {"name": "B"}},
    "supplierSetStatus": {"id": "VENDOR", "input": {"status": "PROBATION"}},
    "supplierItemCreate": {"supplierId": "STRANGER", "input": ITEM},
    "supplierItemUpdate": {"id": "OFFER", "input": {"leadTimeDays": 3}},
    "purchaseOrderCreate": {"input": {"supplierId": "VENDOR", "locationId": "MAIN", "lines": [LINE]}},
    "purchaseOrderUpdate": {"id": "DRAFT", "input": {"lines": [LINE]}},
    "purchaseOrderSend": {"id": "DRAFT"},
    "purchaseOrderAcknowledge": {"id": "SENT ORDER", "input": {"promisedOn": "2124-05-20"}},
    "purchaseOrderReceive": {
        "id": "SENT ORDER",
        "input": {"lines": [{"lineId": "SENT LINE", "accepted": "3", "rejected": "1", "rejectReason": "bent"}]},
    },
    "purchaseOrderClose": {"id": "PARTLY CAME"},
    "purchaseOrderCancel": {"id": "DRAFT"},
    "replenishmentPolicyCreate": {"input": POLICY},
    "replenishmentPolicyUpdate": {"id": "POLICY", "input": {"reviewDays": 7}},
    "replenishmentProposalOrder": {"id": "PROPOSAL", "input": {}},
    "replenishmentProposalDismiss": {"id": "PROPOSAL", "input": {"reason": "No room."}},
    "replenishmentPropose": {"input": {}},
}
SUPPLIER: dict[str, Any] = {
    "input.externalId": "V1",
    "input.name": "",
    "input.email": "nobody",
    "input.phone": "x" * 41,
    "input.country": "Germany",
    "input.note": "x" * 10_001,
}
OFFER: dict[str, Any] = {
    "input.unitCost": "-1",
    "input.currency": "euro",
    "input.leadTimeDays": -1,
    "input.minimumQuantity": "0",
    "input.lotSize": "-2",
}
LINES: dict[str, Any] = {
    "input.lines.0.productId": "rubbish",
    "input.lines.0.quantity": "0",
    "input.lines.0.unitCost": "-1",
}
BAD: dict[str, dict[str, Any]] = {
    "locationCreate": {"input.code": "HERE", "input.name": " ", "input.kind": "SUPPLIER", **ONCE},
    "locationUpdate": {"input.code": "THERE", "input.name": "x" * 201, "input.isActive": None, **RECORD},
    "stockTransfer": {
        "input.productId": "rubbish",
        "input.fromLocationId": "loc_" + "0" * 32,
        "input.toLocationId": "MAIN",
        "input.quantity": "1000",
        "input.note": "",
        **ONCE,
    },
    "stockAdjust": {
        "input.productId": "rubbish",
        "input.locationId": "rubbish",
        "input.counted": "1",
        "input.note": "x" * 301,
        **ONCE,
    },
    "stockReserve": {
        "input.productId": "rubbish",
        "input.locationId": "CUSTOMERS",
        "input.quantity": "10.5001",
        "input.expiresAt": "2020-01-01T00:00:00Z",
        **ONCE,
    },
    "reservationRelease": RECORD,
    "stockMoveReverse": {"id": "mov_" + "0" * 32, "input.note": "x" * 301, **ONCE},
    "supplierCreate": {**SUPPLIER, **ONCE},
    "supplierUpdate": {**SUPPLIER, "input.externalId": "V2", **RECORD},
    "supplierSetStatus": {"input.status": "PROSPECTIVE", **RECORD},
    "supplierItemCreate": {"supplierId": "rubbish", "input.productId": "rubbish", **OFFER, **ONCE},
    "supplierItemUpdate": {**OFFER, "input.isPreferred": None, **RECORD},
    "purchaseOrderCreate": {
        "input.supplierId": "rubbish",
        "input.locationId": "CUSTOMERS",
        "input.currency": "euro",
        **LINES,
        **ONCE,
    },
    "purchaseOrderUpdate": {**LINES, **RECORD},
    "purchaseOrderSend": {**RECORD, **ONCE},
    "purchaseOrderAcknowledge": {"input.promisedOn": "1999-01-01", **RECORD},
    "purchaseOrderReceive": {
        "input.receivedAt": "2999-01-01T00:00:00Z",
        "input.lines.0.lineId": "rubbish",
        "input.lines.0.accepted": "11",
        "input.lines.0.rejected": "-1",
        "input.lines.0.rejectReason": None,
        **RECORD,
        **ONCE,
    },
    "purchaseOrderClose": RECORD,
    "purchaseOrderCancel": RECORD,
    "replenishmentPolicyCreate": {
        "input.productId": "PRODUCT",
        "input.locationId": "CUSTOMERS",
        **NUMBERS,
        **ONCE,
    },
    "replenishmentPolicyUpdate": {**NUMBERS, "input.isActive": None, **RECORD},
    "replenishmentProposalOrder": {"input.quantity": "0", **RECORD, **ONCE},
    "replenishmentProposalDismiss": {"input.reason": " ", **RECORD},
    "replenishmentPropose": ONCE,
}
NEVER = {
    "supplierItemCreate.input.isPreferred",
    "purchaseOrderCreate.input.expectedOn",
    "purchaseOrderUpdate.input.expectedOn",
    "replenishmentPropose.input.everything",
}


async def stored() -> dict[str, str]:
    """A warehouse with a product and a promise, a supplier with an offer and orders, a policy and its proposal."""
    do: dict[str, Any] = {"by": SYSTEM, "at": NOW}
    product, other = [await Product.create(sku=sku, name=sku, **STAMPS) for sku in ("S1", "S2")]
    main, east = [await Location.create(code=c, name=c, kind="internal", **STAMPS) for c in ("HERE", "THERE")]
    (move,) = await receive([Item(product.id, main.id, Decimal(10))], origin=None, **do)
    (promise,) = await reserve([Item(product.id, main.id, Decimal(2))], origin=None, **do)
    supplier = await Supplier.create(name="V", status="approved", external_id="V1", **STAMPS)
    stranger = await Supplier.create(name="W", external_id="V2", **STAMPS)
    terms = {"unit_cost": 2, "currency": "EUR", "lead_time_days": 9}
    offer = await SupplierItem.create(supplier=supplier, product=product, **terms, **STAMPS)
    about = {"supplier_id": supplier.id, "location_id": main.id}
    lines = [{"product_id": product.id, "quantity": 10}]
    draft, sent, came = [await create_purchase_order(about, lines, **do) for _ in range(3)]
    for order in (sent, came):
        await send_purchase_order(order.id, **do)
    line, other_line = [await PurchaseOrderLine.get(purchase_order_id=order.id) for order in (sent, came)]
    await receive_purchase_order(came.id, [{"line_id": other_line.id, "accepted": Decimal(4)}], **do)
    numbers = {"service_level": Decimal("0.95"), "order_cost": 1, "holding_rate": Decimal("0.1")}
    policy = await ReplenishmentPolicy.create(product=product, location=main, **numbers, **STAMPS)
    figures = dict.fromkeys(
        ("demand_mean", "demand_sd", "pipeline_mean", "pipeline_variance", "lead_time_mean", "lead_time_sd",
         "lead_time_receipts", "safety_stock", "reorder_point", "on_hand", "reserved", "on_order"), 1,
    )  # fmt: skip
    proposal = await ReplenishmentProposal.create(
        policy=policy, product=product, location=main, supplier_item=offer, computed_at=NOW, quantity=5,
        explanation=[], **figures, **STAMPS,
    )  # fmt: skip
    records: dict[str, Any] = {
        "PRODUCT": product, "OTHER": other, "MAIN": main, "EAST": east, "MOVE": move, "PROMISE": promise,
        "VENDOR": supplier, "STRANGER": stranger, "OFFER": offer, "DRAFT": draft, "SENT ORDER": sent,
        "PARTLY CAME": came, "SENT LINE": line, "POLICY": policy, "PROPOSAL": proposal,
        "CUSTOMERS": await Location.get(kind="customer"),
    }  # fmt: skip
    return {word: public_id(record.prefix, record.id) for word, record in records.items()}
