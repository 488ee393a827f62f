"""Verbs of the catalog: take in and change products."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.catalog import rules
from domain.catalog.models import Product
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.transactions import one_transaction
from domain.kernel.upserts import BulkMode, Outcome, Upsert, upsert

FILLED = ("sku", "name", "unit", "is_active")
PRICES = ("list_price", "unit_cost", "currency")


class SkuTaken(Conflict):
    """Another product has this stock-keeping unit."""

    def __init__(self) -> None:
        super().__init__("Another product has this SKU; update that one instead.", "sku")


async def create_product(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Product:
    """This will take a product into the catalog. Needs `sku` and `name`. Raises Unauthenticated, Invalid, SkuTaken."""
    by.must(Permission.CATALOG_WRITE)
    values = check_fields(given, rules.PRODUCT, required=FILLED)
    rules.check_prices(values)
    return await store_new(Product, values, "catalog.product.created", by=by, at=at, taken=SkuTaken())


async def update_product(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Product:
    """This will change the given fields. Raises Unauthenticated, Invalid, NotFound, Stale, SkuTaken."""
    by.must(Permission.CATALOG_WRITE)
    values = check_fields(given, rules.PRODUCT, required=FILLED)
    async with one_transaction():
        product = await Product.locked(key, expected_version=expected_version, by=by)
        rules.check_prices({name: getattr(product, name) for name in PRICES} | values)
        await apply_changes(product, values, "catalog.product.updated", by=by, at=at, taken=SkuTaken())
    return product


PRODUCTS = Upsert(
    model=Product,
    noun="product",
    key="sku",
    checks=rules.PRODUCT,
    needed=("name",),
    filled=("name", "unit", "is_active"),
    topic="catalog.product",
    check_whole=rules.check_prices,
)


async def upsert_products(
    given: Sequence[Mapping[str, Any]], *, on_error: BulkMode, by: Actor, at: datetime
) -> list[Outcome[Product]]:
    """This will create or change products, known by `sku`; new ones need `name`, and may be sold unless told otherwise.

    Raises Unauthenticated, Invalid, and Refusals unless rows at fault are to be skipped.
    """
    return await upsert(PRODUCTS, given, on_error=on_error, by=by, at=at)
