"""Verbs of the catalog: take in and change products."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from domain.catalog import rules
from domain.catalog.models import Product
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.events import emit
from domain.kernel.refusals import Conflict


class SkuTaken(Conflict):
    """Another product has this stock-keeping unit."""

    def __init__(self) -> None:
        super().__init__("Another product has this SKU; update that one instead.", "sku")


async def create_product(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Product:
    """This will take a product into the catalog. Needs `sku` and `name`. Raises Unauthenticated, Invalid, SkuTaken."""
    by.must_be_known()
    values = check_fields(given, rules.PRODUCT, required=("sku", "name", "is_active"))
    rules.check_price_pair(values)
    async with in_transaction():
        product = await store_new(Product(**values), at=at, taken=SkuTaken())
        await emit("catalog.product.created", product.id, by=by, at=at, **values)
    return product


async def update_product(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Product:
    """This will change the given fields. Raises Unauthenticated, Invalid, NotFound, Stale, SkuTaken."""
    by.must_be_known()
    values = check_fields(given, rules.PRODUCT, required=("sku", "name", "is_active"))
    async with in_transaction():
        product = await Product.locked(key, expected_version=expected_version)
        rules.check_price_pair({"list_price": product.list_price, "currency": product.currency, **values})
        if changed := await apply_changes(product, values, at=at, taken=SkuTaken()):
            await emit("catalog.product.updated", product.id, by=by, at=at, **changed)
    return product
