"""The one verb that makes a customer, a contact and perhaps a deal of a lead, exactly once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.customers.commands import create_contact, create_customer
from domain.customers.models import Contact, Customer
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Refusal
from domain.kernel.transactions import one_transaction
from domain.leads import rules
from domain.leads.models import Lead
from domain.leads.rules import LeadStatus
from domain.pipeline.commands import create_opportunity

OF_CUSTOMER = ("email", "phone", "industry", "city", "country")
OF_CONTACT = ("name", "title", "email", "phone")


async def convert_lead(
    key: UUID | None,
    deal: Mapping[str, Any] | None,
    *,
    customer: Mapping[str, UUID | None],
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Lead:
    """This will convert a qualified lead: into a new customer, or the one that `customer_id` names, with a contact.

    `deal` begins an opportunity, with the lead's source and owner; None begins none. Of many who convert a lead at once
    one does, and the others are told so. Raises Unauthenticated, Invalid, NotFound, Stale, LeadIsConverted,
    QualifyFirst, and what beginning a deal raises.
    """
    by.must(Permission.LEADS_WRITE)
    async with one_transaction():
        lead = await Lead.locked(key, expected_version=expected_version, by=by)
        rules.check_convertible(lead.status)
        buyer = await _customer(lead, customer, by=by, at=at)
        contact = await _contact(lead, buyer, by=by, at=at)
        opportunity = None if deal is None else await _deal(lead, deal, buyer, contact, by=by, at=at)
        values = {
            "status": LeadStatus.CONVERTED.value, "status_changed_at": at, "converted_at": at, "customer_id": buyer,
            "contact_id": contact.id, "opportunity_id": opportunity,
        }  # fmt: skip
        await apply_changes(lead, values, "leads.lead.converted", by=by, at=at)
    return lead


async def _customer(lead: Lead, chosen: Mapping[str, UUID | None], *, by: Actor, at: datetime) -> UUID:
    if "customer_id" in chosen:
        await Customer.held([chosen["customer_id"]], "customer_id", by=by)
        key = chosen["customer_id"]
        assert key
        return key
    kind = "company" if lead.company else "person"
    known = {name: getattr(lead, name) for name in OF_CUSTOMER}
    owned = {} if lead.owner_id is None else {"owner_id": lead.owner_id}
    named = {"kind": kind, "name": lead.company or lead.name, **known, **owned}
    made = await create_customer(named, by=by, at=at)
    return made.id


async def _contact(lead: Lead, customer: UUID, *, by: Actor, at: datetime) -> Contact:
    return await create_contact(customer, {name: getattr(lead, name) for name in OF_CONTACT}, by=by, at=at)


async def _deal(
    lead: Lead, deal: Mapping[str, Any], customer: UUID, contact: Contact, *, by: Actor, at: datetime
) -> UUID:
    about = {"customer_id": customer, "contact_id": contact.id, "source": lead.source, "owner_id": lead.owner_id}
    try:
        return (await create_opportunity({**deal, **about}, by=by, at=at)).id
    except Refusal as refusal:
        if refusal.field and refusal.field[0] in deal:
            refusal.field = ("opportunity", *refusal.field)
        raise
