"""Mutations of orders and their shipments."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.orders.types import Order, Shipment
from domain.access.models import User
from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.inventory.models import Location
from domain.kernel.actor import Actor
from domain.kernel.ids import read_id
from domain.kernel.record import Record
from domain.orders import commands, deliveries, models
from domain.pipeline.models import Opportunity

OrderID = Annotated[strawberry.ID, strawberry.argument(description="Which order.")]
ABOUT: Mapping[str, type[Record]] = {
    "customer_id": Customer,
    "owner_id": User,
    "location_id": Location,
    "opportunity_id": Opportunity,
    "product_id": Product,
    "line_id": models.OrderLine,
}
_NOW = "The order as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="One product that is ordered.")
class OrderLineInput:
    product_id: strawberry.ID = strawberry.field(description="What is bought.")
    quantity: Decimal = strawberry.field(description="How many units, above zero, up to 3 digits behind the point.")
    unit_price: Decimal | None = optional("The price of one unit; the list price in the currency where left out.")
    discount: Decimal = strawberry.field(default=Decimal(0), description="The share that is taken off, 0 to 1.")


@strawberry.input(description="A new order, a draft at first.")
class OrderCreateInput:
    external_id: str | None = optional("What another system calls it; unique, up to 120 characters.")
    customer_id: strawberry.ID = strawberry.field(description="Who buys.")
    location_id: strawberry.ID = strawberry.field(description="Where it ships from: a location of ours.")
    opportunity_id: strawberry.ID | None = optional("The deal it came from, one of the customer's.")
    owner_id: strawberry.ID | None = optional("Who sold it; you where left out.")
    currency: str = strawberry.field(description="ISO 4217 code of every amount on it.")
    lines: list[OrderLineInput] = strawberry.field(description="What is bought, in its sequence.")


@strawberry.input(description="Whose an order is to be.")
class OrderAssignInput:
    owner_id: strawberry.ID | None = strawberry.field(
        description="The new owner, as far as your ORDERS_WRITE goes; null for nobody."
    )


@strawberry.input(description="What the customer is promised.")
class OrderConfirmInput:
    promised_on: date = strawberry.field(description="The day of delivery: kept for ever, and measured by.")


@strawberry.input(description="When the customer has it now.")
class OrderPostponeInput:
    expected_on: date = strawberry.field(description="The day of delivery now expected; the first promise stays.")


@strawberry.input(description="Units of a line that leave.")
class ShipmentLineInput:
    line_id: strawberry.ID = strawberry.field(description="The line of the order, each once.")
    quantity: Decimal = strawberry.field(description="How many units, at most those still to be shipped.")


@strawberry.input(description="What leaves of an order.")
class OrderShipInput:
    lines: list[ShipmentLineInput] | None = optional("What leaves; all that is left where left out or null.")
    carrier: str | None = optional("Who carries it, up to 100 characters.")
    tracking_number: str | None = optional("What the carrier calls it, up to 100 characters.")
    shipped_at: datetime | None = optional("When it left; now where left out, never in the future.")


@strawberry.input(description="Units of a line that come back.")
class OrderReturnLineInput:
    line_id: strawberry.ID = strawberry.field(description="The line of the order, each once.")
    quantity: Decimal = strawberry.field(description="How many units, at most those delivered and not come back yet.")


@strawberry.input(description="What comes back of an order.")
class OrderReturnInput:
    reason: str = strawberry.field(description="Why, 1 to 300 characters; it stands with the moves of the stock.")
    lines: list[OrderReturnLineInput] | None = optional("What comes back; all that was delivered where left out.")


@strawberry.input(description="When a shipment arrived.")
class ShipmentDeliverInput:
    delivered_at: datetime | None = optional("When it reached the customer; now where left out, never in the future.")


@strawberry.input(description="Why an order is called off.")
class OrderCancelInput:
    reason: str = strawberry.field(description="Why, 1 to 300 characters.")


@strawberry.type(description="The new order, or why there is none.")
class OrderCreatePayload:
    order: Order | None = strawberry.field(description="The order as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The order with its new owner, or why it keeps the old one.")
class OrderAssignPayload:
    order: Order | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The confirmed order, or why it was not confirmed.")
class OrderConfirmPayload:
    order: Order | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The order whose goods are reserved, or why they are not.")
class OrderAllocatePayload:
    order: Order | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The order with its new day, or why it keeps the old one.")
class OrderPostponePayload:
    order: Order | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The order with what has left, or why nothing has.")
class OrderShipPayload:
    order: Order | None = strawberry.field(description=_NOW)
    shipment: Shipment | None = strawberry.field(description="The new shipment; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The order whose shipment has arrived, or why that was not noted.")
class ShipmentDeliverPayload:
    order: Order | None = strawberry.field(description="The order as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The order that was called off, or why it still stands.")
class OrderCancelPayload:
    order: Order | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The order with what came back, or why nothing did.")
class OrderReturnPayload:
    order: Order | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The order that is over, or why it is not.")
class OrderClosePayload:
    order: Order | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type
class OrderMutations:
    @strawberry.mutation(description="Writes an order, a draft at first.")
    async def order_create(
        self,
        info: Info,
        input: Annotated[OrderCreateInput, strawberry.argument(description="Who buys what, and whence it ships.")],
        idempotency_key: IdempotencyKey = None,
    ) -> OrderCreatePayload:
        values = keyed(given(input), ABOUT)
        lines = [keyed(given(line), ABOUT) for line in values.pop("lines")]
        return await settle(
            info,
            lambda by, at: commands.create_order(values, lines, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Gives an order to another owner, who sees it and works on it from now on.")
    async def order_assign(
        self,
        info: Info,
        id: OrderID,
        input: Annotated[OrderAssignInput, strawberry.argument(description="The new owner.")],
        expected_version: ExpectedVersion = None,
    ) -> OrderAssignPayload:
        key = read_id(models.Order.prefix, id)
        owner = keyed({"owner_id": input.owner_id}, ABOUT)["owner_id"]
        return await settle(
            info,
            lambda by, at: commands.assign_order(key, owner, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Confirms an order for a day of delivery; the first promise is kept for ever.")
    async def order_confirm(
        self,
        info: Info,
        id: OrderID,
        input: Annotated[OrderConfirmInput, strawberry.argument(description="The promised day.")],
        expected_version: ExpectedVersion = None,
    ) -> OrderConfirmPayload:
        key = read_id(models.Order.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.confirm_order(
                key, input.promised_on, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Reserves all goods of a confirmed order, or none: nothing is ever oversold.")
    async def order_allocate(
        self, info: Info, id: OrderID, expected_version: ExpectedVersion = None, idempotency_key: IdempotencyKey = None
    ) -> OrderAllocatePayload:
        key = read_id(models.Order.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.allocate_order(key, expected_version=expected_version, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Moves the day that delivery is expected on; the first promise stays.")
    async def order_postpone(
        self,
        info: Info,
        id: OrderID,
        input: Annotated[OrderPostponeInput, strawberry.argument(description="The new day.")],
        expected_version: ExpectedVersion = None,
    ) -> OrderPostponePayload:
        key = read_id(models.Order.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.postpone_order(
                key, input.expected_on, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Ships what is left of an allocated order, or some of it; the stock follows.")
    async def order_ship(
        self,
        info: Info,
        id: OrderID,
        input: Annotated[OrderShipInput, strawberry.argument(description="What leaves, and by whom.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> OrderShipPayload:
        key, values = read_id(models.Order.prefix, id), _chosen(input)

        async def ship(by: Actor, at: datetime) -> dict[str, Any]:
            order, shipment = await deliveries.ship_order(key, values, expected_version=expected_version, by=by, at=at)
            return {"order": order, "shipment": shipment}

        return await settle(info, ship, idempotency_key=idempotency_key)

    @strawberry.mutation(
        description="Notes that a shipment reached the customer; with the last the order is delivered."
    )
    async def shipment_deliver(
        self,
        info: Info,
        shipment_id: Annotated[strawberry.ID, strawberry.argument(description="Which shipment.")],
        input: Annotated[ShipmentDeliverInput, strawberry.argument(description="When.")],
    ) -> ShipmentDeliverPayload:
        key, moment = read_id(models.Shipment.prefix, shipment_id), given(input).get("delivered_at")
        return await settle(info, lambda by, at: deliveries.deliver_shipment(key, moment, by=by, at=at))

    @strawberry.mutation(description="Calls an order off before anything has left; what was reserved is given back.")
    async def order_cancel(
        self,
        info: Info,
        id: OrderID,
        input: Annotated[OrderCancelInput, strawberry.argument(description="Why.")],
        expected_version: ExpectedVersion = None,
    ) -> OrderCancelPayload:
        key = read_id(models.Order.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.cancel_order(key, input.reason, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Takes goods back that reached the customer; they are in stock again.")
    async def order_return(
        self,
        info: Info,
        id: OrderID,
        input: Annotated[OrderReturnInput, strawberry.argument(description="What comes back, and why.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> OrderReturnPayload:
        key, values = read_id(models.Order.prefix, id), _chosen(input)
        return await settle(
            info,
            lambda by, at: deliveries.return_goods(key, values, expected_version=expected_version, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Ends an order that was delivered; nothing of it comes back any more.")
    async def order_close(self, info: Info, id: OrderID, expected_version: ExpectedVersion = None) -> OrderClosePayload:
        key = read_id(models.Order.prefix, id)
        return await settle(
            info, lambda by, at: commands.close_order(key, expected_version=expected_version, by=by, at=at)
        )


def _chosen(input: OrderShipInput | OrderReturnInput) -> dict[str, Any]:
    """What was given, its lines by the keys of the order's."""
    values = given(input)
    if values.get("lines") is not None:
        values["lines"] = [keyed(given(line), ABOUT) for line in values["lines"]]
    return values
