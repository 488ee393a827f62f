"""What mutations of orders refuse."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.customers.models import Customer
from domain.inventory.models import Location
from domain.kernel.ids import public_id
from domain.orders import commands, quotes
from domain.orders.deliveries import deliver_shipment, ship_order
from domain.orders.offers import QuoteStatus
from domain.pipeline.models import Opportunity
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.domain.inventory.house import DO
from tests.domain.orders.test_orders import shop
from tests.domain.pipeline.deals import house
from tests.graph import NOW

LINE = {"productId": "GOODS", "quantity": "1", "unitPrice": "9.50"}
GOOD: dict[str, dict[str, Any]] = {
    "orderCreate": {
        "input": {"customerId": "BUYER", "locationId": "PLACE", "currency": "EUR", "lines": [LINE]},
    },
    "orderAssign": {"id": "DRAFT", "input": {"ownerId": None}},
    "orderConfirm": {"id": "DRAFT", "input": {"promisedOn": "2124-06-30"}},
    "orderAllocate": {"id": "CONFIRMED"},
    "orderPostpone": {"id": "CONFIRMED", "input": {"expectedOn": "2124-06-30"}},
    "orderShip": {"id": "ALLOCATED", "input": {"lines": [{"lineId": "LINE", "quantity": "1"}]}},
    "shipmentDeliver": {"shipmentId": "SHIPMENT", "input": {}},
    "orderCancel": {"id": "ALLOCATED", "input": {"reason": "No need."}},
    "orderReturn": {
        "id": "ARRIVED",
        "input": {"reason": "Broken.", "lines": [{"lineId": "ARRIVED LINE", "quantity": "1"}]},
    },
    "orderClose": {"id": "ARRIVED"},
    "quoteCreate": {
        "input": {"customerId": "BUYER", "currency": "EUR", "validUntil": "2124-06-30", "lines": [LINE]},
    },
    "quoteUpdate": {"id": "OFFER", "input": {"validUntil": "2124-06-30", "lines": [LINE]}},
    "quoteSetStatus": {"id": "SENT OFFER", "input": {"status": "REJECTED", "reason": "Too dear."}},
    "quoteAccept": {"id": "SENT OFFER", "input": {"locationId": "PLACE"}},
    "quoteRevise": {"id": "SENT OFFER", "input": {"validUntil": "2124-06-30"}},
}
OFFERED = {
    "input.validUntil": "2001-01-01",
    "input.lines.0.productId": "rubbish",
    "input.lines.0.quantity": "-1",
    "input.lines.0.unitPrice": "0.001",
    "input.lines.0.discount": "1.5",
}
BAD: dict[str, dict[str, Any]] = {
    "orderCreate": {
        "input.externalId": "O1",
        "input.customerId": "rubbish",
        "input.locationId": "CUSTOMERS",
        "input.opportunityId": "DEAL OF ANOTHER",
        "input.ownerId": "rubbish",
        "input.currency": "euro",
        "input.lines.0.productId": "rubbish",
        "input.lines.0.quantity": "0",
        "input.lines.0.unitPrice": "0.001",
        "input.lines.0.discount": "2",
        **ONCE,
    },
    "orderAssign": {"input.ownerId": "rubbish", **RECORD},
    "orderConfirm": {"input.promisedOn": "2001-01-01", **RECORD},
    "orderAllocate": {**RECORD, **ONCE},
    "orderPostpone": {"input.expectedOn": "2001-01-01", **RECORD},
    "orderShip": {
        "input.lines.0.lineId": "rubbish",
        "input.lines.0.quantity": "7",
        "input.carrier": "",
        "input.trackingNumber": "x" * 101,
        "input.shippedAt": "2999-01-01T00:00:00Z",
        **RECORD,
        **ONCE,
    },
    "shipmentDeliver": {"shipmentId": "rubbish", "input.deliveredAt": "2999-01-01T00:00:00Z"},
    "orderCancel": {"input.reason": " ", **RECORD},
    "orderReturn": {
        "input.reason": "",
        "input.lines.0.lineId": "LINE",
        "input.lines.0.quantity": "7",
        **RECORD,
        **ONCE,
    },
    "orderClose": RECORD,
    "quoteCreate": {
        "input.customerId": "rubbish",
        "input.opportunityId": "DEAL OF ANOTHER",
        "input.ownerId": "rubbish",
        "input.currency": "euro",
        **OFFERED,
        **ONCE,
    },
    "quoteUpdate": {"input.ownerId": "rubbish", **OFFERED, **RECORD},
    "quoteSetStatus": {"input.status": "ACCEPTED", "input.reason": "x" * 301, **RECORD},
    "quoteAccept": {"input.locationId": "CUSTOMERS", "input.externalId": "O1", **RECORD, **ONCE},
    "quoteRevise": {"input.validUntil": "2001-01-01", **RECORD, **ONCE},
}
NEVER: set[str] = set()


async def stored() -> dict[str, str]:
    """An order in each state that can be left, with a shipment, and a deal of another customer."""
    made, promised = await shop(), NOW.date() + timedelta(days=5)
    other = await Customer.create(kind="person", name="Other", **STAMPS)
    deal: Opportunity = await (await house()).deal(customer_id=other.id)
    draft = await made.order(1, external_id="O1")
    confirmed = await made.order(1)
    await commands.confirm_order(confirmed.id, promised, **DO)
    allocated, shipped = [await made.allocated(2) for _ in range(2)]
    (line,) = await commands.lines_of(allocated)
    (other_line,) = await commands.lines_of(shipped)
    rows = [{"line_id": other_line.id, "quantity": Decimal(1)}]
    _, shipment = await ship_order(shipped.id, {"lines": rows}, **DO)
    arrived = await made.allocated(1)
    _, last = await ship_order(arrived.id, {}, **DO)
    await deliver_shipment(last.id, **DO)
    (arrived_line,) = await commands.lines_of(arrived)
    offers = [await made.quote(1, valid_until=date(2199, 1, 1)) for _ in range(2)]
    for status in (QuoteStatus.IN_REVIEW, QuoteStatus.APPROVED, QuoteStatus.SENT):
        await quotes.set_quote_status(offers[1].id, status, **DO)
    records: dict[str, Any] = {
        "BUYER": made.customer, "PLACE": made.place, "GOODS": made.goods, "DRAFT": draft, "CONFIRMED": confirmed,
        "ALLOCATED": allocated, "LINE": line, "SHIPMENT": shipment, "DEAL OF ANOTHER": deal,
        "ARRIVED": arrived, "ARRIVED LINE": arrived_line, "OFFER": offers[0], "SENT OFFER": offers[1],
        "CUSTOMERS": await Location.get(kind="customer"),
    }  # fmt: skip
    return {word: public_id(record.prefix, record.id) for word, record in records.items()}
