"""Reads of procurement: what a supplier offers."""

from collections.abc import Collection
from uuid import UUID

from tortoise.connection import get_connection

from domain.procurement.models import SupplierItem


async def offered(supplier: UUID | None, products: Collection[UUID | None]) -> dict[UUID, SupplierItem]:
    """This will find what a supplier offers of these products, by product."""
    columns = ", ".join(SupplierItem._meta.fields_db_projection.values())
    rows = await get_connection("default").execute_query_dict(
        f"SELECT {columns} FROM supplier_item WHERE supplier_id = $1 AND product_id = ANY($2::uuid[])",
        [supplier, list(products)],
    )
    return {row["product_id"]: SupplierItem._init_from_db(**row) for row in rows}
