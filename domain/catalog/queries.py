"""Reads of the catalog, narrowed to the actor."""

from collections.abc import Collection
from uuid import UUID

from tortoise.expressions import Q

from domain.catalog.models import Product
from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow products to those the actor may see: all of them for whoever is signed in."""
    return Q() if actor.authenticated else Q(pk__isnull=True)


async def products_by_id(keys: Collection[UUID]) -> dict[UUID, Product]:
    """This will read the products with these ids."""
    return {product.id: product for product in await Product.filter(id__in=keys)}
