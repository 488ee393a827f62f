"""Mutations of leads."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.leads.types import Lead
from domain.access.models import User
from domain.customers.models import Customer
from domain.kernel.ids import read_id
from domain.leads import commands, models
from domain.leads.conversion import convert_lead
from domain.leads.rules import LeadStatus
from domain.pipeline.models import Pipeline
from domain.pipeline.rules import LeadSource

LeadID = Annotated[strawberry.ID, strawberry.argument(description="Which lead.")]
_NOW = "The lead as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="What may be known of a lead.")
class LeadDetails:
    external_id: str | None = optional("What another system calls it; unique, up to 120 characters.")
    company: str | None = optional("The company they speak for; left out: themselves.")
    title: str | None = optional("Their position, up to 100 characters.")
    email: str | None = optional("Their e-mail address.")
    phone: str | None = optional("Their telephone number, up to 40 characters.")
    industry: str | None = optional("What trade the company is in, up to 100 characters.")
    city: str | None = optional("The town, up to 100 characters.")
    country: str | None = optional("ISO 3166-1 alpha-2 code, such as DE.")
    note: str | None = optional("Whatever colleagues should know, up to 10,000 characters.")
    owner_id: strawberry.ID | None = optional("Who works on it; a new one belongs to whoever takes it in.")


@strawberry.input(description="A new lead.")
class LeadCreateInput(LeadDetails):
    name: str = strawberry.field(description="The person's name, 1 to 300 characters.")
    source: LeadSource = strawberry.field(description="The way by which they came to us.")


@strawberry.input(description="What to change of a lead: what is left out stays as it is, null empties.")
class LeadUpdateInput(LeadDetails):
    name: str | None = optional("The person's name, 1 to 300 characters; not null.")
    source: LeadSource | None = optional("The way by which they came to us; not null.")


@strawberry.input(description="How far a lead is.")
class LeadSetStatusInput:
    status: LeadStatus = strawberry.field(description="Any but CONVERTED, which `leadConvert` brings about.")
    reason: str | None = optional("Why it is given up, up to 300 characters; needed for DISQUALIFIED.")


@strawberry.input(description="The deal that a converted lead begins.")
class LeadOpportunityInput:
    name: str = strawberry.field(description="What people call the deal, 1 to 300 characters.")
    currency: str = strawberry.field(description="ISO 4217 code of every amount of the deal, such as USD.")
    close_date: date = strawberry.field(description="When it is expected to close.")
    amount: Decimal | None = optional("What it is worth, as far as one can tell.")
    pipeline_id: strawberry.ID | None = optional("The pipeline it runs through; the default one where left out.")


@strawberry.input(description="What becomes of a qualified lead.")
class LeadConvertInput:
    customer_id: strawberry.ID | None = optional(
        "The customer that it is, where we have it already; a new one where left out; not null."
    )
    opportunity: LeadOpportunityInput | None = strawberry.field(
        default=None, description="The deal that it begins; left out: none."
    )


@strawberry.type(description="The new lead, or why there is none.")
class LeadCreatePayload:
    lead: Lead | None = strawberry.field(description="The lead as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed lead, or why it was not changed.")
class LeadUpdatePayload:
    lead: Lead | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The lead with its new status, or why it keeps the old one.")
class LeadSetStatusPayload:
    lead: Lead | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The converted lead, with customer, contact and deal, or why it was not converted.")
class LeadConvertPayload:
    lead: Lead | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


def _owned(values: dict[str, Any]) -> dict[str, Any]:
    return {"owner_id": values.pop("owner_id")} if "owner_id" in values else {}


@strawberry.type
class LeadMutations:
    @strawberry.mutation(description="Takes in somebody who may become a customer.")
    async def lead_create(
        self,
        info: Info,
        input: Annotated[LeadCreateInput, strawberry.argument(description="What is known of them.")],
        idempotency_key: IdempotencyKey = None,
    ) -> LeadCreatePayload:
        values = keyed(given(input), {"owner_id": User})
        owner = _owned(values)
        return await settle(
            info,
            lambda by, at: commands.create_lead(values, owner=owner, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes what is known of a lead that has not been converted.")
    async def lead_update(
        self,
        info: Info,
        id: LeadID,
        input: Annotated[LeadUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> LeadUpdatePayload:
        key, values = read_id(models.Lead.prefix, id), keyed(given(input), {"owner_id": User})
        owner = _owned(values)
        return await settle(
            info,
            lambda by, at: commands.update_lead(
                key, values, owner=owner, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Says how far a lead is; who was given up is taken up again by WORKING.")
    async def lead_set_status(
        self,
        info: Info,
        id: LeadID,
        input: Annotated[LeadSetStatusInput, strawberry.argument(description="The new status.")],
        expected_version: ExpectedVersion = None,
    ) -> LeadSetStatusPayload:
        key, reason = read_id(models.Lead.prefix, id), given(input).get("reason")
        return await settle(
            info,
            lambda by, at: commands.set_lead_status(
                key, input.status, reason, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(
        description="Makes a customer with a contact, and perhaps a deal, of a qualified lead: exactly once, whoever "
        "asks at the same time."
    )
    async def lead_convert(
        self,
        info: Info,
        id: LeadID,
        input: Annotated[LeadConvertInput, strawberry.argument(description="What becomes of it.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> LeadConvertPayload:
        key, values = read_id(models.Lead.prefix, id), keyed(given(input), {"customer_id": Customer})
        about = {"customer_id": values["customer_id"]} if "customer_id" in values else {}
        deal = keyed(given(input.opportunity), {"pipeline_id": Pipeline}) if input.opportunity else None
        return await settle(
            info,
            lambda by, at: convert_lead(key, deal, customer=about, expected_version=expected_version, by=by, at=at),
            idempotency_key=idempotency_key,
        )
