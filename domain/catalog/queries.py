"""Reads of products by key, for contexts above."""

from collections.abc import Collection
from uuid import UUID

from domain.catalog.models import Product


async def products_by_id(keys: Collection[UUID]) -> dict[UUID, Product]:
    """This will read the products with these ids."""
    return {product.id: product for product in await Product.filter(id__in=keys)}
