"""Mutations of the inventory."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.inventory.types import InventoryLevel, Location, Reservation, StockMove
from domain.catalog.models import Product
from domain.inventory import commands, models, reservations, stock
from domain.inventory.rules import LocationKind
from domain.kernel.ids import read_id
from domain.kernel.record import Record

ABOUT: Mapping[str, type[Record]] = {
    "product_id": Product,
    "location_id": models.Location,
    "from_location_id": models.Location,
    "to_location_id": models.Location,
}
_UNITS = "up to 3 digits behind the point"
_NOTE = "Why, up to 300 characters."


@strawberry.input(description="A new place of ours.")
class LocationCreateInput:
    code: str = strawberry.field(description="Its short name, such as MAIN; unique, 1 to 40 characters.")
    name: str = strawberry.field(description="What people call it, 1 to 200 characters.")
    kind: LocationKind = strawberry.field(
        default=LocationKind.INTERNAL, description="INTERNAL, or TRANSIT for what is on the way; the others are fixed."
    )


@strawberry.input(description="What to change of a location: what is left out stays as it is.")
class LocationUpdateInput:
    code: str | None = optional("Its short name; unique, 1 to 40 characters; not null.")
    name: str | None = optional("What people call it, 1 to 200 characters; not null.")
    is_active: bool | None = optional("Whether stock may still come here; not null.")


@strawberry.input(description="Units of a product to be moved between two places of ours.")
class StockTransferInput:
    product_id: strawberry.ID = strawberry.field(description="What is moved.")
    from_location_id: strawberry.ID = strawberry.field(description="Whence: a place of ours.")
    to_location_id: strawberry.ID = strawberry.field(description="Whither: another place of ours.")
    quantity: Decimal = strawberry.field(description=f"How many units, above zero, {_UNITS}.")
    note: str | None = optional(_NOTE)


@strawberry.input(description="What was counted of a product at a place of ours.")
class StockAdjustInput:
    product_id: strawberry.ID = strawberry.field(description="What was counted.")
    location_id: strawberry.ID = strawberry.field(description="Where.")
    counted: Decimal = strawberry.field(
        description=f"How many units are really there, zero or more, {_UNITS}; not fewer than are promised."
    )
    note: str | None = optional(_NOTE)


@strawberry.input(description="Units of a product to be held for somebody.")
class StockReserveInput:
    product_id: strawberry.ID = strawberry.field(description="What is promised.")
    location_id: strawberry.ID = strawberry.field(description="Where it lies.")
    quantity: Decimal = strawberry.field(description=f"How many units, above zero, {_UNITS}.")
    expires_at: datetime | None = optional("When the promise ends by itself; null: never.")


@strawberry.input(description="Why a move is taken back.")
class StockMoveReverseInput:
    note: str | None = optional(_NOTE)


@strawberry.type(description="The new location, or why there is none.")
class LocationCreatePayload:
    location: Location | None = strawberry.field(description="The location as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed location, or why it was not changed.")
class LocationUpdatePayload:
    location: Location | None = strawberry.field(
        description="The location as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The move between two places, or why nothing moved.")
class StockTransferPayload:
    stock_move: StockMove | None = strawberry.field(description="The move as the ledger has it; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The stock as counted, or why the count was not taken.")
class StockAdjustPayload:
    inventory_level: InventoryLevel | None = strawberry.field(
        description="What the books say now; null where refused, and where there was nothing and still is."
    )
    stock_move: StockMove | None = strawberry.field(
        description="The move that made up the difference; null where there was none, or it was refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The promise, or why none was made.")
class StockReservePayload:
    reservation: Reservation | None = strawberry.field(description="The promise as stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The promise that holds nothing any more, or why it still stands.")
class ReservationReleasePayload:
    reservation: Reservation | None = strawberry.field(
        description="The promise as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The move that takes the other back, or why that stands.")
class StockMoveReversePayload:
    stock_move: StockMove | None = strawberry.field(description="The new move; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class InventoryMutations:
    @strawberry.mutation(description="Takes in a place that stock can lie at.")
    async def location_create(
        self,
        info: Info,
        input: Annotated[LocationCreateInput, strawberry.argument(description="What is known of it.")],
        idempotency_key: IdempotencyKey = None,
    ) -> LocationCreatePayload:
        return await settle(
            info,
            lambda by, at: commands.create_location(given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a place of ours; those that the books need stay as they are.")
    async def location_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which location.")],
        input: Annotated[LocationUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> LocationUpdatePayload:
        key = read_id(models.Location.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_location(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Moves units between two places of ours; what is promised stays where it is.")
    async def stock_transfer(
        self,
        info: Info,
        input: Annotated[StockTransferInput, strawberry.argument(description="What, whence, whither.")],
        idempotency_key: IdempotencyKey = None,
    ) -> StockTransferPayload:
        values = keyed(given(input), ABOUT)
        product, source, target = (values.pop(name) for name in ("product_id", "from_location_id", "to_location_id"))
        return await settle(
            info,
            lambda by, at: commands.transfer_stock(product, source, target, values, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Writes down what was counted; what differs is moved from or to losses.")
    async def stock_adjust(
        self,
        info: Info,
        input: Annotated[StockAdjustInput, strawberry.argument(description="What was counted, and where.")],
        idempotency_key: IdempotencyKey = None,
    ) -> StockAdjustPayload:
        values = keyed(given(input), ABOUT)
        product, location = values.pop("product_id"), values.pop("location_id")

        async def counted(by: Any, at: datetime) -> dict[str, Any]:
            level, move = await commands.adjust_stock(product, location, values, by=by, at=at)
            return {"inventory_level": level} | ({"stock_move": move} if move else {})

        return await settle(info, counted, idempotency_key=idempotency_key)

    @strawberry.mutation(description="Holds units for somebody, so that nobody else is promised them.")
    async def stock_reserve(
        self,
        info: Info,
        input: Annotated[StockReserveInput, strawberry.argument(description="What, where, how long.")],
        idempotency_key: IdempotencyKey = None,
    ) -> StockReservePayload:
        values = keyed(given(input), ABOUT)
        product, location = values.pop("product_id"), values.pop("location_id")
        return await settle(
            info,
            lambda by, at: commands.reserve_stock(product, location, values, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Gives back what a promise still holds.")
    async def reservation_release(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which promise.")],
        expected_version: ExpectedVersion = None,
    ) -> ReservationReleasePayload:
        key = read_id(models.Reservation.prefix, id)
        return await settle(
            info,
            lambda by, at: reservations.release_reservation(key, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(
        description="Takes a move back by another the other way, once. What a document moved, its own verbs take back."
    )
    async def stock_move_reverse(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which move.")],
        input: Annotated[StockMoveReverseInput, strawberry.argument(description="Why.")],
        idempotency_key: IdempotencyKey = None,
    ) -> StockMoveReversePayload:
        key, note = read_id(models.StockMove.prefix, id), given(input).get("note")
        return await settle(
            info,
            lambda by, at: stock.reverse_move(key, note=note, by=by, at=at),
            idempotency_key=idempotency_key,
        )
