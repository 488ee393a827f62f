"""What mutations of products refuse."""

from typing import Any

from domain.catalog.models import Product
from domain.kernel.ids import public_id
from tests.api.refused import ONCE, PRICE, RECORD, STAMPS, row

GOOD: dict[str, dict[str, Any]] = {
    "productCreate": {"input": {"sku": "S2", "name": "B", "listPrice": PRICE}},
    "productUpdate": {"id": "product", "input": {"name": "B", "listPrice": PRICE}, "expectedVersion": 1},
    "productsUpsert": {"inputs": [{"sku": "S2", "name": "B", "listPrice": PRICE}], "onError": "REJECT_ALL"},
}
PRODUCT = {
    "input.sku": "",
    "input.name": "x" * 301,
    "input.category": "",
    "input.description": "x" * 10_001,
    "input.listPrice.amount": "1.005",
    "input.listPrice.currency": "usd",
    "input.unitCost": "-1",
    "input.unit": "",
}
BAD: dict[str, dict[str, Any]] = {
    "productCreate": {**PRODUCT, **ONCE},
    "productUpdate": {**PRODUCT, **RECORD, "input.isActive": None},
    "productsUpsert": {**row(PRODUCT), "inputs.0.isActive": None, **ONCE},
}
NEVER = {"productCreate.input.isActive", "productsUpsert.onError"}


async def stored() -> dict[str, str]:
    product = await Product.create(sku="S1", name="A", **STAMPS)
    return {"product": public_id("prd", product.id)}
