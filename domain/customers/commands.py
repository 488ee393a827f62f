"""Verbs of customers: take in and change customers and their contacts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access.ownership import hold_owner
from domain.customers import rules
from domain.customers.models import Contact, Customer
from domain.kernel.actor import Actor
from domain.kernel.changes import check_fields, store_changes, store_new
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.storing import insert_told
from domain.kernel.transactions import one_transaction
from domain.kernel.upserts import BulkMode, Outcome, Upsert, upsert

OWNER = ("owner_id",)


class ExternalIdTaken(Conflict):
    """Another customer has this external id."""

    def __init__(self) -> None:
        super().__init__("Another customer has this external id; update that one instead.", "external_id")


async def create_customer(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Customer:
    """This will take in a customer, whom the actor looks after unless `owner_id` says otherwise.

    Needs `kind` and `name`. Raises Unauthenticated, Forbidden, Invalid, NotFound, ExternalIdTaken, OwnerHasLeft.
    """
    by.must(Permission.CUSTOMERS_WRITE)
    owner = {name: given[name] for name in OWNER if name in given}
    values = check_fields(_described(given), rules.CUSTOMER, required=("kind", "name"))
    if owner:
        async with one_transaction():
            await hold_owner(owner["owner_id"], Permission.CUSTOMERS_WRITE, by=by)
            return await _taken_in(values | owner, by=by, at=at)
    own = {"owner_id": by.user_id} if by.user_id else {}
    return await _taken_in(values | own, by=by, at=at)


async def _taken_in(values: Mapping[str, Any], *, by: Actor, at: datetime) -> Customer:
    return await store_new(Customer, values, "customers.customer.created", by=by, at=at, taken=ExternalIdTaken())


async def update_customer(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Customer:
    """This will change the given fields, `owner_id` among them. Raises Unauthenticated, Forbidden, Invalid, NotFound,
    Stale, ExternalIdTaken, OwnerHasLeft."""
    by.must(Permission.CUSTOMERS_WRITE)
    owner = {name: given[name] for name in OWNER if name in given}
    values = check_fields(_described(given), rules.CUSTOMER, required=("kind", "name")) | owner
    if not owner:
        return await _changed(key, values, expected_version, by=by, at=at)
    async with one_transaction():
        await hold_owner(owner["owner_id"], Permission.CUSTOMERS_WRITE, by=by)
        return await _changed(key, values, expected_version, by=by, at=at)


async def _changed(
    key: UUID | None, values: Mapping[str, Any], expected_version: int | None, *, by: Actor, at: datetime
) -> Customer:
    return await store_changes(
        Customer, key, values, "customers.customer.updated",
        expected_version=expected_version, by=by, at=at, taken=ExternalIdTaken(),
    )  # fmt: skip


def _described(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is given but the owner, whom another rule judges."""
    return {name: value for name, value in given.items() if name not in OWNER}


CUSTOMERS = Upsert(
    model=Customer,
    noun="customer",
    key="external_id",
    checks=rules.CUSTOMER,
    needed=("kind", "name"),
    filled=("kind", "name"),
    topic="customers.customer",
)


async def upsert_customers(
    given: Sequence[Mapping[str, Any]], *, on_error: BulkMode, by: Actor, at: datetime
) -> list[Outcome[Customer]]:
    """This will create or change customers, known by `external_id`; new ones need `kind` and `name`.

    Raises Unauthenticated, Invalid, and Refusals unless rows at fault are to be skipped.
    """
    return await upsert(CUSTOMERS, given, on_error=on_error, by=by, at=at)


async def create_contact(customer_key: UUID | None, given: Mapping[str, Any], *, by: Actor, at: datetime) -> Contact:
    """This will take in a contact of a customer. Needs `name`. Raises Unauthenticated, Invalid, NotFound."""
    by.must(Permission.CUSTOMERS_WRITE)
    values = check_fields(given, rules.CONTACT, required=("name",))
    async with one_transaction():
        await Customer.held([customer_key], "customer_id", by=by, to=Permission.CUSTOMERS_WRITE)
        values["customer_id"] = customer_key
        return await store_new(Contact, values, "customers.contact.created", by=by, at=at)


async def create_contacts(
    given: Sequence[tuple[UUID, Mapping[str, Any]]], *, by: Actor, at: datetime
) -> Sequence[Contact]:
    """This will take in contacts of many customers at once, all or none: whose, and the values with `name`.

    Raises Unauthenticated, Invalid, NotFound.
    """
    by.must(Permission.CUSTOMERS_WRITE)
    checked = [(key, check_fields(values, rules.CONTACT, required=("name",))) for key, values in given]
    facts: list[tuple[Contact, Mapping[str, Any]]] = []
    for key, values in checked:
        whole = {"customer_id": key, **values}
        facts.append((Contact.born(whole, at), whole))
    async with one_transaction():
        await Customer.held({key for key, _ in given}, "customer_id", by=by, to=Permission.CUSTOMERS_WRITE)
        if facts:
            await insert_told(facts, "customers.contact.created", by=by, at=at)
    return [contact for contact, _ in facts]


async def update_contact(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Contact:
    """This will change the given fields. Raises Unauthenticated, Invalid, NotFound, Stale."""
    by.must(Permission.CUSTOMERS_WRITE)
    values = check_fields(given, rules.CONTACT, required=("name",))
    return await store_changes(
        Contact, key, values, "customers.contact.updated", expected_version=expected_version, by=by, at=at
    )
