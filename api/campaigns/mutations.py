"""Mutations of campaigns."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.campaigns.types import Campaign
from api.graph.payloads import (
    ExpectedVersion,
    IdempotencyKey,
    UserError,
    given,
    key_of,
    keyed,
    optional,
    settle,
    user_errors,
)
from api.jobs.types import Job
from domain.access.models import User
from domain.campaigns import commands, models, touches
from domain.campaigns.rules import CampaignKind, CampaignState, TouchKind
from domain.customers.models import Customer
from domain.jobs.commands import ask_for_job
from domain.kernel.ids import read_id
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.leads.models import Lead
from domain.segments.models import Segment

CampaignID = Annotated[strawberry.ID, strawberry.argument(description="Which campaign.")]
ABOUT: Mapping[str, type[Record]] = {
    "segment_id": Segment,
    "owner_id": User,
    "customer_id": Customer,
    "lead_id": Lead,
}
_NOW = "The campaign as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="What may be said of a campaign.")
class CampaignDetails:
    segment_id: strawberry.ID | None = optional("Whom it is meant for.")
    owner_id: strawberry.ID | None = optional("Who answers for it; whoever plans it where left out.")
    note: str | None = optional("Whatever colleagues should know, up to 10,000 characters.")


@strawberry.input(description="A new campaign, planned at first.")
class CampaignCreateInput(CampaignDetails):
    name: str = strawberry.field(description="What people call it; unique, 1 to 200 characters.")
    kind: CampaignKind = strawberry.field(description="By which means it reaches people.")
    starts_on: date = strawberry.field(description="The first day.")
    ends_on: date = strawberry.field(description="The last day.")
    currency: str = strawberry.field(description="ISO 4217 code of its budget and costs.")
    budget: Decimal = strawberry.field(default=Decimal(0), description="What it may cost.")
    holdout_share: Decimal = strawberry.field(
        default=Decimal(0), description="The share of members left alone to compare with, 0 to 0.5."
    )


@strawberry.input(description="What to change of a campaign: what is left out stays as it is, null empties.")
class CampaignUpdateInput(CampaignDetails):
    name: str | None = optional("What people call it; unique; not null.")
    kind: CampaignKind | None = optional("By which means it reaches people; not null.")
    starts_on: date | None = optional("The first day; not null.")
    ends_on: date | None = optional("The last day; not null.")
    currency: str | None = optional("ISO 4217 code, fixed once there are costs; not null.")
    budget: Decimal | None = optional("What it may cost; not null.")
    holdout_share: Decimal | None = optional("The share left alone, fixed once there are members; not null.")


@strawberry.input(description="How far a campaign is.")
class CampaignSetStateInput:
    state: CampaignState = strawberry.field(description="The new state; what is over stays over.")


@strawberry.input(description="Money that was spent.")
class CampaignRecordCostInput:
    incurred_on: date = strawberry.field(description="The day it was spent.")
    amount: Decimal = strawberry.field(description="How much, above zero, in the campaign's currency.")
    description: str = strawberry.field(description="What for, 1 to 300 characters.")


@strawberry.input(description="Who joins a campaign: those named, or else those who belong to its segment now.")
class CampaignEnrollInput:
    customer_ids: list[strawberry.ID] | None = optional("Customers who join, up to 1,000 with the leads.")
    lead_ids: list[strawberry.ID] | None = optional("Leads who join.")


@strawberry.input(description="One time that a campaign reached somebody: a customer or a lead.")
class TouchInput:
    external_id: str = strawberry.field(description="What the system that tells of it calls it; unique for ever.")
    kind: TouchKind = strawberry.field(description="How it reached them.")
    occurred_at: datetime = strawberry.field(description="When it happened, never in the future.")
    customer_id: strawberry.ID | None = optional("The customer who was reached; or a lead.")
    lead_id: strawberry.ID | None = optional("The lead who was reached; or a customer.")


@strawberry.input(description="Touches to record, all or none.")
class CampaignRecordTouchesInput:
    touches: list[TouchInput] = strawberry.field(description="1 to 1,000; those recorded before stay as they are.")


@strawberry.input(description="How much of attribution to compute.")
class AttributionComputeInput:
    everything: bool = strawberry.field(
        default=False, description="Whether to compute all won deals, not only those that something was written about."
    )


@strawberry.type(description="The new campaign, or why there is none.")
class CampaignCreatePayload:
    campaign: Campaign | None = strawberry.field(description="The campaign as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed campaign, or why it was not changed.")
class CampaignUpdatePayload:
    campaign: Campaign | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The campaign in its new state, or why it keeps the old one.")
class CampaignSetStatePayload:
    campaign: Campaign | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The campaign with the cost, or why it was not written down.")
class CampaignRecordCostPayload:
    campaign: Campaign | None = strawberry.field(description="The campaign as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The campaign with its members, or why nobody joined.")
class CampaignEnrollPayload:
    campaign: Campaign | None = strawberry.field(description="The campaign as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The campaign with its touches, or why none was recorded.")
class CampaignRecordTouchesPayload:
    campaign: Campaign | None = strawberry.field(description="The campaign as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that computes attribution, or why there is none.")
class AttributionComputePayload:
    job: Job | None = strawberry.field(description="The job, or the one under way already; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class CampaignMutations:
    @strawberry.mutation(description="Plans a campaign.")
    async def campaign_create(
        self,
        info: Info,
        input: Annotated[CampaignCreateInput, strawberry.argument(description="What is planned.")],
        idempotency_key: IdempotencyKey = None,
    ) -> CampaignCreatePayload:
        values = keyed(given(input), ABOUT)
        return await settle(
            info, lambda by, at: commands.create_campaign(values, by=by, at=at), idempotency_key=idempotency_key
        )

    @strawberry.mutation(description="Changes what is planned of a campaign.")
    async def campaign_update(
        self,
        info: Info,
        id: CampaignID,
        input: Annotated[CampaignUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> CampaignUpdatePayload:
        key, values = read_id(models.Campaign.prefix, id), keyed(given(input), ABOUT)
        return await settle(
            info,
            lambda by, at: commands.update_campaign(key, values, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Starts, pauses, ends or calls off a campaign.")
    async def campaign_set_state(
        self,
        info: Info,
        id: CampaignID,
        input: Annotated[CampaignSetStateInput, strawberry.argument(description="The new state.")],
        expected_version: ExpectedVersion = None,
    ) -> CampaignSetStatePayload:
        key = read_id(models.Campaign.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.set_campaign_state(
                key, input.state, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Writes down money that a campaign cost.")
    async def campaign_record_cost(
        self,
        info: Info,
        id: CampaignID,
        input: Annotated[CampaignRecordCostInput, strawberry.argument(description="When, how much, what for.")],
        idempotency_key: IdempotencyKey = None,
    ) -> CampaignRecordCostPayload:
        key = read_id(models.Campaign.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.record_cost(key, input.incurred_on, input.amount, input.description, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(
        description="Has customers and leads join a campaign; who joins again stays in the arm that was drawn."
    )
    async def campaign_enroll(
        self,
        info: Info,
        id: CampaignID,
        input: Annotated[CampaignEnrollInput, strawberry.argument(description="Who joins.")],
        idempotency_key: IdempotencyKey = None,
    ) -> CampaignEnrollPayload:
        key, values = read_id(models.Campaign.prefix, id), given(input)
        customers, leads = (
            None if values.get(name) is None else [key_of(model, each) for each in values[name]]
            for name, model in (("customer_ids", Customer), ("lead_ids", Lead))
        )
        return await settle(
            info,
            lambda by, at: commands.enroll_members(key, customers, leads, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Records whom a campaign reached when: each touch once, never changed.")
    async def campaign_record_touches(
        self,
        info: Info,
        id: CampaignID,
        input: Annotated[CampaignRecordTouchesInput, strawberry.argument(description="The touches.")],
        idempotency_key: IdempotencyKey = None,
    ) -> CampaignRecordTouchesPayload:
        key, rows = read_id(models.Campaign.prefix, id), [keyed(given(each), ABOUT) for each in input.touches]
        return await settle(
            info,
            lambda by, at: touches.record_touches(key, rows, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Starts crediting won revenue to campaigns.")
    async def attribution_compute(
        self,
        info: Info,
        input: Annotated[AttributionComputeInput, strawberry.argument(description="How much.")],
        idempotency_key: IdempotencyKey = None,
    ) -> AttributionComputePayload:
        kind = "attribution.compute"
        return await settle(
            info,
            lambda by, at: ask_for_job(
                kind, given(input), unique_key=kind, permission=Permission.ATTRIBUTION_WRITE, by=by, at=at
            ),
            idempotency_key=idempotency_key,
        )
