"""Verbs of customers: take in and change customers and their contacts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from domain.customers import rules
from domain.customers.models import Contact, Customer
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.events import emit, emit_each
from domain.kernel.refusals import Conflict


class ExternalIdTaken(Conflict):
    """Another customer has this external id."""

    def __init__(self) -> None:
        super().__init__("Another customer has this external id; update that one instead.", "external_id")


async def create_customer(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Customer:
    """This will take in a customer. Needs `kind` and `name`. Raises Unauthenticated, Invalid, ExternalIdTaken."""
    by.must_be_known()
    values = check_fields(given, rules.CUSTOMER, required=("kind", "name"))
    async with in_transaction():
        customer = await store_new(Customer(**values), at=at, taken=ExternalIdTaken())
        await emit("customers.customer.created", customer.id, by=by, at=at, **values)
    return customer


async def update_customer(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Customer:
    """This will change the given fields. Raises Unauthenticated, Invalid, NotFound, Stale, ExternalIdTaken."""
    by.must_be_known()
    values = check_fields(given, rules.CUSTOMER, required=("kind", "name"))
    async with in_transaction():
        customer = await Customer.locked(key, expected_version=expected_version)
        if changed := await apply_changes(customer, values, at=at, taken=ExternalIdTaken()):
            await emit("customers.customer.updated", customer.id, by=by, at=at, **changed)
    return customer


async def create_contact(customer_key: UUID | None, given: Mapping[str, Any], *, by: Actor, at: datetime) -> Contact:
    """This will take in a contact of a customer. Needs `name`. Raises Unauthenticated, Invalid, NotFound."""
    by.must_be_known()
    values = check_fields(given, rules.CONTACT, required=("name",))
    async with in_transaction():
        await Customer.held([customer_key], "customer_id")
        contact = await store_new(Contact(customer_id=customer_key, **values), at=at)
        await emit("customers.contact.created", contact.id, by=by, at=at, customer_id=customer_key, **values)
    return contact


async def create_contacts(
    given: Sequence[tuple[UUID, Mapping[str, Any]]], *, by: Actor, at: datetime
) -> Sequence[Contact]:
    """This will take in contacts of many customers at once, all or none: whose, and the values with `name`.

    Raises Unauthenticated, Invalid, NotFound.
    """
    by.must_be_known()
    checked = [(key, check_fields(values, rules.CONTACT, required=("name",))) for key, values in given]
    contacts = [Contact(customer_id=key, created_at=at, updated_at=at, **values) for key, values in checked]
    async with in_transaction():
        await Customer.held({key for key, _ in given}, "customer_id")
        await Contact.bulk_create(contacts)
        facts = [
            (contact.id, {"customer_id": key, **values})
            for contact, (key, values) in zip(contacts, checked, strict=True)
        ]
        await emit_each("customers.contact.created", facts, by=by, at=at)
    return contacts


async def update_contact(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Contact:
    """This will change the given fields. Raises Unauthenticated, Invalid, NotFound, Stale."""
    by.must_be_known()
    values = check_fields(given, rules.CONTACT, required=("name",))
    async with in_transaction():
        contact = await Contact.locked(key, expected_version=expected_version)
        if changed := await apply_changes(contact, values, at=at):
            await emit("customers.contact.updated", contact.id, by=by, at=at, **changed)
    return contact
