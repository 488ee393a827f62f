"""Mutations of products."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from api.catalog.types import Product
from api.graph.money import MoneyInput
from api.graph.payloads import UserError, given, optional, settle, user_errors
from domain.catalog import commands
from domain.catalog.models import Product as ProductRow
from domain.kernel.ids import read_id


@strawberry.input(description="What may be known of a product.")
class ProductDetails:
    category: str | None = optional("The group it is sold under, up to 100 characters.")
    description: str | None = optional("What it is, for people, up to 10,000 characters.")
    list_price: MoneyInput | None = optional(
        "The price for one unit before discounts.", amount="list_price", currency="currency"
    )


@strawberry.input(description="A new product.")
class ProductCreateInput(ProductDetails):
    sku: str = strawberry.field(description="The stock-keeping unit, unique, up to 64 characters.")
    name: str = strawberry.field(description="What customers call it, 1 to 300 characters.")
    is_active: bool = strawberry.field(default=True, description="Whether it may be sold.")


@strawberry.input(description="What to change of a product: what is left out stays as it is, null empties.")
class ProductUpdateInput(ProductDetails):
    sku: str | None = optional("The stock-keeping unit, unique; not null.")
    name: str | None = optional("What customers call it; not null.")
    is_active: bool | None = optional("Whether it may still be sold; not null.")


@strawberry.type(description="The new product, or why there is none.")
class ProductCreatePayload:
    product: Product | None = strawberry.field(description="The product as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed product, or why it was not changed.")
class ProductUpdatePayload:
    product: Product | None = strawberry.field(description="The product as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class CatalogMutations:
    @strawberry.mutation(description="Takes a product into the catalog.")
    async def product_create(
        self,
        info: Info,
        input: Annotated[ProductCreateInput, strawberry.argument(description="What is known of the product.")],
    ) -> ProductCreatePayload:
        return await settle(info, lambda by, at: commands.create_product(given(input), by=by, at=at))

    @strawberry.mutation(description="Changes a product; the fields left out stay as they are.")
    async def product_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which product.")],
        input: Annotated[ProductUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: Annotated[
            int | None, strawberry.argument(description="The version you have read; where it has moved on, STALE.")
        ] = None,
    ) -> ProductUpdatePayload:
        key = read_id(ProductRow.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_product(key, given(input), expected_version=expected_version, by=by, at=at),
        )
