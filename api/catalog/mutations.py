"""Mutations of products."""

from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.catalog.types import Product
from api.graph.bulk import OnError, UpsertCounts, row_errors, row_index, row_outcome, row_record
from api.graph.money import MoneyInput
from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, optional, settle, user_errors
from domain.catalog import commands
from domain.catalog.models import Product as ProductRow
from domain.kernel.ids import read_id
from domain.kernel.upserts import BulkMode, Fate


@strawberry.input(description="What may be known of a product.")
class ProductDetails:
    category: str | None = optional("The group it is sold under, up to 100 characters.")
    description: str | None = optional("What it is, for people, up to 10,000 characters.")
    list_price: MoneyInput | None = optional(
        "The price for one unit before discounts.", amount="list_price", currency="currency"
    )
    unit_cost: Decimal | None = optional("What one unit costs us, in the currency of the list price.")


@strawberry.input(description="A new product.")
class ProductCreateInput(ProductDetails):
    sku: str = strawberry.field(description="The stock-keeping unit, unique, up to 64 characters.")
    name: str = strawberry.field(description="What customers call it, 1 to 300 characters.")
    unit: str = strawberry.field(default="piece", description="What is counted, such as kg, up to 20 characters.")
    is_active: bool = strawberry.field(default=True, description="Whether it may be sold.")


@strawberry.input(description="What to change of a product: what is left out stays as it is, null empties.")
class ProductUpdateInput(ProductDetails):
    sku: str | None = optional("The stock-keeping unit, unique; not null.")
    name: str | None = optional("What customers call it; not null.")
    unit: str | None = optional("What is counted, such as kg, up to 20 characters; not null.")
    is_active: bool | None = optional("Whether it may still be sold; not null.")


@strawberry.input(description="A product to create or to change, known by its stock-keeping unit.")
class ProductUpsertInput(ProductDetails):
    sku: str = strawberry.field(description="The stock-keeping unit, up to 64 characters.")
    name: str | None = optional("What customers call it, 1 to 300 characters; a new product needs it; not null.")
    unit: str | None = optional("What is counted, up to 20 characters; piece unless told otherwise; not null.")
    is_active: bool | None = optional("Whether it may be sold; a new product may unless told otherwise; not null.")


@strawberry.type(description="The new product, or why there is none.")
class ProductCreatePayload:
    product: Product | None = strawberry.field(description="The product as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed product, or why it was not changed.")
class ProductUpdatePayload:
    product: Product | None = strawberry.field(
        description="The product as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="What became of one product among many.")
class ProductUpsertResult:
    index: int = row_index()
    outcome: Fate = row_outcome()
    product: Product | None = row_record("The product as it now stands; null where refused.")
    user_errors: list[UserError] = row_errors()


@strawberry.type(description="What became of each product, or why nothing was done.")
class ProductsUpsertPayload:
    results: list[ProductUpsertResult] | None = strawberry.field(
        description="One for each row, in the order of `inputs`; null where nothing was done."
    )
    counts: UpsertCounts | None = strawberry.field(description="How many rows came to what; null likewise.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class CatalogMutations:
    @strawberry.mutation(description="Takes a product into the catalog.")
    async def product_create(
        self,
        info: Info,
        input: Annotated[ProductCreateInput, strawberry.argument(description="What is known of the product.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ProductCreatePayload:
        return await settle(
            info,
            lambda by, at: commands.create_product(given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a product; the fields left out stay as they are.")
    async def product_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which product.")],
        input: Annotated[ProductUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> ProductUpdatePayload:
        key = read_id(ProductRow.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_product(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(
        description="Creates or changes up to 1,000 products, each known by its stock-keeping unit; fields left out "
        "stay as they are, null empties."
    )
    async def products_upsert(
        self,
        info: Info,
        inputs: Annotated[list[ProductUpsertInput], strawberry.argument(description="The products, each once.")],
        on_error: OnError = BulkMode.REJECT_ALL,
        idempotency_key: IdempotencyKey = None,
    ) -> ProductsUpsertPayload:
        rows = [given(each) for each in inputs]
        return await settle(
            info,
            lambda by, at: commands.upsert_products(rows, on_error=on_error, by=by, at=at),
            idempotency_key=idempotency_key,
        )
