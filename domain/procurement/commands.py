"""Verbs of procurement about whom we buy from: take in suppliers, judge them, and write down what they offer."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.catalog.models import Product
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, change, check_fields, store_changes, store_new
from domain.kernel.money import Money
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.storing import update_told
from domain.kernel.transactions import one_transaction
from domain.procurement import rules
from domain.procurement.models import Supplier, SupplierItem


class ExternalIdTaken(Conflict):
    """Another supplier has this external id."""

    def __init__(self) -> None:
        super().__init__("Another supplier has this external id; update that one instead.", "external_id")


class OfferedAlready(Conflict):
    """The supplier's offer of the product is written down already."""

    def __init__(self) -> None:
        super().__init__("This supplier offers this product already; update that item instead.", "product_id")


async def create_supplier(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Supplier:
    """This will take in a supplier, prospective at first. Needs `name`. Raises Unauthenticated, Invalid,
    ExternalIdTaken."""
    by.must(Permission.PROCUREMENT_WRITE)
    values = check_fields(given, rules.SUPPLIER, required=("name",))
    return await store_new(Supplier, values, "procurement.supplier.created", by=by, at=at, taken=ExternalIdTaken())


async def update_supplier(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Supplier:
    """This will change the given fields. Raises Unauthenticated, Invalid, NotFound, Stale, ExternalIdTaken."""
    by.must(Permission.PROCUREMENT_WRITE)
    values = check_fields(given, rules.SUPPLIER, required=("name",))
    return await store_changes(
        Supplier, key, values, "procurement.supplier.updated",
        expected_version=expected_version, by=by, at=at, taken=ExternalIdTaken(),
    )  # fmt: skip


async def set_supplier_status(
    key: UUID | None,
    status: rules.SupplierStatus,
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Supplier:
    """This will trust a supplier more or less. Raises Unauthenticated, NotFound, Stale, StatusNotReachable."""
    by.must(Permission.PROCUREMENT_WRITE)
    async with one_transaction():
        supplier = await Supplier.locked(key, expected_version=expected_version, by=by)
        values = {"status": rules.check_next_of_supplier(supplier.status, status, "status").value}
        await apply_changes(supplier, values, "procurement.supplier.judged", by=by, at=at)
    return supplier


async def create_supplier_item(
    supplier_key: UUID | None, product_key: UUID | None, given: Mapping[str, Any], *, by: Actor, at: datetime
) -> SupplierItem:
    """This will write down that a supplier offers a product. Needs `unit_cost`, `currency` and `lead_time_days`.

    A preferred one takes the place of the product's former preferred one. Raises Unauthenticated, Invalid, NotFound,
    OfferedAlready.
    """
    by.must(Permission.PROCUREMENT_WRITE)
    values = check_fields(given, rules.SUPPLIER_ITEM, required=rules.SUPPLIER_ITEM)
    Money.read(values["unit_cost"], values["currency"], "unit_cost")
    async with one_transaction():
        await Supplier.held([supplier_key], "supplier_id", by=by)
        await Product.held([product_key], "product_id", by=by)
        values |= {"supplier_id": supplier_key, "product_id": product_key}
        if values.get("is_preferred"):
            await _make_room(product_key, by=by, at=at)
        return await store_new(
            SupplierItem, values, "procurement.supplier_item.created", by=by, at=at, taken=OfferedAlready()
        )


async def update_supplier_item(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> SupplierItem:
    """This will change the given fields; a preferred one takes the place of the product's former preferred one.

    Raises Unauthenticated, Invalid, NotFound, Stale.
    """
    by.must(Permission.PROCUREMENT_WRITE)
    values = check_fields(given, rules.SUPPLIER_ITEM, required=rules.SUPPLIER_ITEM)
    async with one_transaction():
        found = await SupplierItem.get_or_none(id=key)
        if found is None:
            raise SupplierItem._missing()
        if values.get("is_preferred"):
            await _make_room(found.product_id, kept=found.id, by=by, at=at)
        item = await SupplierItem.locked(key, expected_version=expected_version, by=by)
        Money.read(values.get("unit_cost", item.unit_cost), values.get("currency", item.currency), "unit_cost")
        await apply_changes(item, values, "procurement.supplier_item.updated", by=by, at=at)
    return item


async def _make_room(product: UUID | None, *, kept: UUID | None = None, by: Actor, at: datetime) -> None:
    """Takes the preference from the item that has it, one product at a time: whoever prefers another waits here."""
    await Product.locked(product, "product_id", by=by)
    former = [item for item in await SupplierItem.filter(product_id=product, is_preferred=True) if item.id != kept]
    for item in await SupplierItem.locked_by("id", [item.id for item in former], by=by) if former else ():
        facts = [(item, change(item, {"is_preferred": False}, at=at))]
        await update_told(facts, "procurement.supplier_item.updated", by=by, at=at)
