"""Mutations of purchase orders."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.procurement.types import PurchaseOrder
from domain.catalog.models import Product
from domain.inventory.models import Location
from domain.kernel.ids import read_id
from domain.kernel.record import Record
from domain.procurement import models, orders, receipts

PurchaseOrderID = Annotated[strawberry.ID, strawberry.argument(description="Which purchase order.")]
ABOUT: Mapping[str, type[Record]] = {
    "supplier_id": models.Supplier,
    "location_id": Location,
    "product_id": Product,
    "line_id": models.PurchaseOrderLine,
}
_NOW = "The purchase order as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="One product to be bought.")
class PurchaseOrderLineInput:
    product_id: strawberry.ID = strawberry.field(description="What is bought.")
    quantity: Decimal = strawberry.field(
        description="How many units, above zero; in the lots of the supplier's offer, where there is one."
    )
    unit_cost: Decimal | None = optional("What one unit costs; that of the supplier's offer where left out.")


@strawberry.input(description="A new purchase order, a draft at first.")
class PurchaseOrderCreateInput:
    supplier_id: strawberry.ID = strawberry.field(description="Who is to deliver.")
    location_id: strawberry.ID = strawberry.field(description="Where to deliver: a location of ours.")
    currency: str | None = optional("ISO 4217 code of its costs; that of the supplier's offers where left out.")
    expected_on: date | None = optional("The day it is expected.")
    lines: list[PurchaseOrderLineInput] = strawberry.field(description="What is bought, in its sequence.")


@strawberry.input(description="What to change of a purchase order: what is left out stays as it is.")
class PurchaseOrderUpdateInput:
    expected_on: date | None = optional("The day it is now expected; null empties.")
    lines: list[PurchaseOrderLineInput] | None = optional("All lines anew, while it is a draft; null leaves them.")


@strawberry.input(description="What the supplier promises.")
class PurchaseOrderAcknowledgeInput:
    promised_on: date = strawberry.field(
        description="The day that it promises; kept for ever, to be measured by, while the expected day may move."
    )


@strawberry.input(description="Units that came for a line.")
class ReceiptInput:
    line_id: strawberry.ID = strawberry.field(description="The line of the purchase order.")
    accepted: Decimal = strawberry.field(description="Units in good order, zero or more, at most those still to come.")
    rejected: Decimal = strawberry.field(default=Decimal(0), description="Units sent back, zero or more.")
    reject_reason: str | None = optional("What was wrong with them; goes with rejected units.")


@strawberry.input(description="What came for a purchase order.")
class PurchaseOrderReceiveInput:
    lines: list[ReceiptInput] = strawberry.field(description="What came, line by line, each once.")
    received_at: datetime | None = optional("When it came; now where left out, never in the future.")


@strawberry.type(description="The new purchase order, or why there is none.")
class PurchaseOrderCreatePayload:
    purchase_order: PurchaseOrder | None = strawberry.field(description="The order as stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed purchase order, or why it was not changed.")
class PurchaseOrderUpdatePayload:
    purchase_order: PurchaseOrder | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The purchase order on its way to the supplier, or why it was not sent.")
class PurchaseOrderSendPayload:
    purchase_order: PurchaseOrder | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The purchase order with its promised day, or why that was not taken.")
class PurchaseOrderAcknowledgePayload:
    purchase_order: PurchaseOrder | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The purchase order with what came, or why that was not taken in.")
class PurchaseOrderReceivePayload:
    purchase_order: PurchaseOrder | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The closed purchase order, or why it is still open.")
class PurchaseOrderClosePayload:
    purchase_order: PurchaseOrder | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The cancelled purchase order, or why it still stands.")
class PurchaseOrderCancelPayload:
    purchase_order: PurchaseOrder | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


def _lines(lines: list[Any]) -> list[dict[str, Any]]:
    return [keyed(given(line), ABOUT) for line in lines]


@strawberry.type
class PurchaseOrderMutations:
    @strawberry.mutation(description="Writes a purchase order, a draft at first.")
    async def purchase_order_create(
        self,
        info: Info,
        input: Annotated[PurchaseOrderCreateInput, strawberry.argument(description="From whom, where to, what.")],
        idempotency_key: IdempotencyKey = None,
    ) -> PurchaseOrderCreatePayload:
        values = keyed(given(input), ABOUT)
        lines = _lines(values.pop("lines"))
        return await settle(
            info,
            lambda by, at: orders.create_purchase_order(values, lines, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes the expected day while anything is awaited, and the lines of a draft.")
    async def purchase_order_update(
        self,
        info: Info,
        id: PurchaseOrderID,
        input: Annotated[PurchaseOrderUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> PurchaseOrderUpdatePayload:
        key, values = read_id(models.PurchaseOrder.prefix, id), given(input)
        rows = values.pop("lines", None)
        lines = None if rows is None else _lines(rows)
        return await settle(
            info,
            lambda by, at: orders.update_purchase_order(
                key, values, lines, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Notes that an order went to its supplier, who must be trusted.")
    async def purchase_order_send(
        self,
        info: Info,
        id: PurchaseOrderID,
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> PurchaseOrderSendPayload:
        key = read_id(models.PurchaseOrder.prefix, id)
        return await settle(
            info,
            lambda by, at: orders.send_purchase_order(key, expected_version=expected_version, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Notes the day that the supplier promises; the first promise is kept for ever.")
    async def purchase_order_acknowledge(
        self,
        info: Info,
        id: PurchaseOrderID,
        input: Annotated[PurchaseOrderAcknowledgeInput, strawberry.argument(description="The promised day.")],
        expected_version: ExpectedVersion = None,
    ) -> PurchaseOrderAcknowledgePayload:
        key = read_id(models.PurchaseOrder.prefix, id)
        return await settle(
            info,
            lambda by, at: orders.acknowledge_purchase_order(
                key, input.promised_on, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Writes down what came; accepted units go to stock, rejected ones back.")
    async def purchase_order_receive(
        self,
        info: Info,
        id: PurchaseOrderID,
        input: Annotated[PurchaseOrderReceiveInput, strawberry.argument(description="What came, and when.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> PurchaseOrderReceivePayload:
        key, values = read_id(models.PurchaseOrder.prefix, id), given(input)
        lines, moment = _lines(values["lines"]), values.get("received_at")
        return await settle(
            info,
            lambda by, at: receipts.receive_purchase_order(
                key, lines, moment, expected_version=expected_version, by=by, at=at
            ),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Ends an order of which something came; what did not counts against the supplier.")
    async def purchase_order_close(
        self, info: Info, id: PurchaseOrderID, expected_version: ExpectedVersion = None
    ) -> PurchaseOrderClosePayload:
        key = read_id(models.PurchaseOrder.prefix, id)
        return await settle(
            info, lambda by, at: orders.close_purchase_order(key, expected_version=expected_version, by=by, at=at)
        )

    @strawberry.mutation(description="Calls off an order of which nothing came.")
    async def purchase_order_cancel(
        self, info: Info, id: PurchaseOrderID, expected_version: ExpectedVersion = None
    ) -> PurchaseOrderCancelPayload:
        key = read_id(models.PurchaseOrder.prefix, id)
        return await settle(
            info, lambda by, at: orders.cancel_purchase_order(key, expected_version=expected_version, by=by, at=at)
        )
