"""Reads of procurement, narrowed to the actor."""

from collections.abc import Collection
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q

from domain.kernel.actor import Actor
from domain.procurement.models import SupplierItem


def visible(actor: Actor) -> Q:
    """This will narrow all of procurement to what the actor may see: everything for whoever is signed in."""
    return Q() if actor.authenticated else Q(pk__isnull=True)


async def offered(supplier: UUID | None, products: Collection[UUID | None]) -> dict[UUID, SupplierItem]:
    """This will find what a supplier offers of these products, by product."""
    columns = ", ".join(SupplierItem._meta.fields_db_projection.values())
    rows = await get_connection("default").execute_query_dict(
        f"SELECT {columns} FROM supplier_item WHERE supplier_id = $1 AND product_id = ANY($2::uuid[])",
        [supplier, list(products)],
    )
    return {row["product_id"]: SupplierItem._init_from_db(**row) for row in rows}
