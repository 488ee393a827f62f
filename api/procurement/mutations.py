"""Mutations of suppliers and what they offer."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.procurement.types import Supplier, SupplierItem
from domain.catalog.models import Product
from domain.kernel.ids import read_id
from domain.kernel.record import Record
from domain.procurement import commands, models
from domain.procurement.rules import SupplierStatus

ABOUT: Mapping[str, type[Record]] = {"supplier_id": models.Supplier, "product_id": Product}
_NOW = "as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="What may be known of a supplier.")
class SupplierDetails:
    external_id: str | None = optional("What another system calls it; unique, up to 120 characters.")
    email: str | None = optional("Where orders are sent.")
    phone: str | None = optional("The telephone number, up to 40 characters.")
    country: str | None = optional("ISO 3166-1 alpha-2 code, such as DE.")
    note: str | None = optional("Whatever colleagues should know, up to 10,000 characters.")


@strawberry.input(description="A new supplier, prospective at first.")
class SupplierCreateInput(SupplierDetails):
    name: str = strawberry.field(description="The name it goes by, 1 to 300 characters.")


@strawberry.input(description="What to change of a supplier: what is left out stays as it is, null empties.")
class SupplierUpdateInput(SupplierDetails):
    name: str | None = optional("The name it goes by, 1 to 300 characters; not null.")


@strawberry.input(description="How far a supplier is trusted from now on.")
class SupplierSetStatusInput:
    status: SupplierStatus = strawberry.field(
        description="The new status: from SUSPENDED the way back leads over PROBATION; TERMINATED is for good."
    )


@strawberry.input(description="A product that a supplier offers.")
class SupplierItemCreateInput:
    product_id: strawberry.ID = strawberry.field(description="What is offered.")
    unit_cost: Decimal = strawberry.field(description="What one unit costs us, zero or more.")
    currency: str = strawberry.field(description="ISO 4217 code of the cost, such as EUR.")
    lead_time_days: int = strawberry.field(description="Days from order to delivery, as the supplier says.")
    minimum_quantity: Decimal = strawberry.field(default=Decimal(1), description="The least that can be ordered.")
    lot_size: Decimal = strawberry.field(default=Decimal(1), description="Orders are whole multiples of this.")
    is_preferred: bool = strawberry.field(
        default=False, description="Whether the product is bought here first; takes the place of the one before."
    )


@strawberry.input(description="What to change of an offer: what is left out stays as it is.")
class SupplierItemUpdateInput:
    unit_cost: Decimal | None = optional("What one unit costs us, zero or more; not null.")
    currency: str | None = optional("ISO 4217 code of the cost; not null.")
    lead_time_days: int | None = optional("Days from order to delivery, as the supplier says; not null.")
    minimum_quantity: Decimal | None = optional("The least that can be ordered; not null.")
    lot_size: Decimal | None = optional("Orders are whole multiples of this; not null.")
    is_preferred: bool | None = optional("Whether the product is bought here first; not null.")


@strawberry.type(description="The new supplier, or why there is none.")
class SupplierCreatePayload:
    supplier: Supplier | None = strawberry.field(description="The supplier as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed supplier, or why it was not changed.")
class SupplierUpdatePayload:
    supplier: Supplier | None = strawberry.field(description=f"The supplier {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The supplier with its new status, or why it keeps the old one.")
class SupplierSetStatusPayload:
    supplier: Supplier | None = strawberry.field(description=f"The supplier {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new offer, or why there is none.")
class SupplierItemCreatePayload:
    supplier_item: SupplierItem | None = strawberry.field(description="The offer as stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed offer, or why it was not changed.")
class SupplierItemUpdatePayload:
    supplier_item: SupplierItem | None = strawberry.field(description=f"The offer {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class SupplierMutations:
    @strawberry.mutation(description="Takes in a supplier, prospective at first.")
    async def supplier_create(
        self,
        info: Info,
        input: Annotated[SupplierCreateInput, strawberry.argument(description="What is known of it.")],
        idempotency_key: IdempotencyKey = None,
    ) -> SupplierCreatePayload:
        return await settle(
            info,
            lambda by, at: commands.create_supplier(given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes what is known of a supplier.")
    async def supplier_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which supplier.")],
        input: Annotated[SupplierUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> SupplierUpdatePayload:
        key = read_id(models.Supplier.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_supplier(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(
        description="Trusts a supplier more or less: orders go only to approved ones and on probation."
    )
    async def supplier_set_status(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which supplier.")],
        input: Annotated[SupplierSetStatusInput, strawberry.argument(description="The new status.")],
        expected_version: ExpectedVersion = None,
    ) -> SupplierSetStatusPayload:
        key = read_id(models.Supplier.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.set_supplier_status(
                key, input.status, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Writes down that a supplier offers a product, once for each.")
    async def supplier_item_create(
        self,
        info: Info,
        supplier_id: Annotated[strawberry.ID, strawberry.argument(description="Who offers it.")],
        input: Annotated[SupplierItemCreateInput, strawberry.argument(description="What is offered, and how.")],
        idempotency_key: IdempotencyKey = None,
    ) -> SupplierItemCreatePayload:
        key, values = read_id(models.Supplier.prefix, supplier_id), keyed(given(input), ABOUT)
        product = values.pop("product_id")
        return await settle(
            info,
            lambda by, at: commands.create_supplier_item(key, product, values, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes an offer; orders that are written already keep their costs.")
    async def supplier_item_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which offer.")],
        input: Annotated[SupplierItemUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> SupplierItemUpdatePayload:
        key = read_id(models.SupplierItem.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_supplier_item(
                key, given(input), expected_version=expected_version, by=by, at=at
            ),
        )
