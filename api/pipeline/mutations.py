"""Mutations of opportunities."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.pipeline.types import Opportunity
from domain.access.models import User
from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.kernel.ids import read_id
from domain.kernel.record import Record
from domain.pipeline import commands, moves, rivals
from domain.pipeline.models import CloseReason, Competitor, Pipeline, Stage
from domain.pipeline.models import Opportunity as OpportunityRow
from domain.pipeline.rules import ForecastCategory, LeadSource

OpportunityID = Annotated[strawberry.ID, strawberry.argument(description="Which deal.")]
ABOUT: Mapping[str, type[Record]] = {
    "customer_id": Customer,
    "contact_id": Contact,
    "owner_id": User,
    "pipeline_id": Pipeline,
    "stage_id": Stage,
    "close_reason_id": CloseReason,
}


@strawberry.input(description="One product that a deal is about.")
class OpportunityLineInput:
    product_id: strawberry.ID = strawberry.field(description="What would be bought.")
    quantity: Decimal = strawberry.field(description="How many units, above zero, up to 3 digits behind the point.")
    unit_price: Decimal | None = optional(
        "The price asked for one unit, in the deal's currency; the list price where it is left out."
    )
    discount: Decimal = strawberry.field(default=Decimal(0), description="The share that is taken off, 0 to 1.")


@strawberry.input(description="What may be known of a deal.")
class OpportunityDetails:
    contact_id: strawberry.ID | None = optional("Whom we deal with: a contact of the customer.")
    owner_id: strawberry.ID | None = optional("Whose deal it is; a new one belongs to whoever begins it.")
    amount: Decimal | None = optional("What it is worth, set by hand; null: the sum of its lines again.")
    probability: Decimal | None = optional(
        "How likely a win is, 0 to 1, until the next move; null: as the stage has it."
    )
    forecast_category: ForecastCategory | None = optional(
        "Where the forecast counts it until the next move, any but CLOSED; null: as the stage has it."
    )
    source: LeadSource | None = optional("The way by which it came to us.")
    next_step: str | None = optional("What is to be done next, up to 300 characters.")


@strawberry.input(description="A new deal.")
class OpportunityCreateInput(OpportunityDetails):
    external_id: str | None = optional("What another system calls it; unique, up to 120 characters.")
    name: str = strawberry.field(description="What people call the deal, 1 to 300 characters.")
    customer_id: strawberry.ID = strawberry.field(description="Who may buy.")
    currency: str = strawberry.field(description="ISO 4217 code of every amount of the deal, such as USD.")
    close_date: date = strawberry.field(description="When it is expected to close.")
    pipeline_id: strawberry.ID | None = optional("The pipeline it runs through; the default one where left out.")
    stage_id: strawberry.ID | None = optional("The open stage that it begins in; the first where left out.")
    lines: list[OpportunityLineInput] = strawberry.field(
        default_factory=list, description="What it is about, up to 200 lines in their order."
    )


@strawberry.input(description="What to change of a deal: what is left out stays as it is.")
class OpportunityUpdateInput(OpportunityDetails):
    external_id: str | None = optional("What another system calls it; unique, up to 120 characters; null empties.")
    name: str | None = optional("What people call the deal; not null.")
    customer_id: strawberry.ID | None = optional("Who may buy; not null.")
    currency: str | None = optional("ISO 4217 code, while there are no lines; not null.")
    close_date: date | None = optional("When it is expected to close; one that is put off is counted; not null.")


@strawberry.input(description="All that a deal is about.")
class OpportunitySetLinesInput:
    lines: list[OpportunityLineInput] = strawberry.field(description="Up to 200 lines, in their order; none empties.")


@strawberry.input(description="A competitor that is after a deal.")
class OpportunityCompetitorAddInput:
    competitor_id: strawberry.ID = strawberry.field(description="Which competitor.")
    note: str | None = optional("What they offer, as far as we know, up to 300 characters.")


@strawberry.input(description="Where a deal goes, and why.")
class OpportunityMoveStageInput:
    stage_id: strawberry.ID = strawberry.field(description="A stage of the deal's own pipeline.")
    note: str | None = optional("How the exit criteria of stages that are skipped were met, up to 10,000 characters.")
    close_reason_id: strawberry.ID | None = optional("Why it was lost, which must be said, or won.")
    close_note: str | None = optional("What is to be learned from how it closed, up to 10,000 characters.")


@strawberry.type(description="The new deal, or why there is none.")
class OpportunityCreatePayload:
    opportunity: Opportunity | None = strawberry.field(description="The deal as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed deal, or why it was not changed.")
class OpportunityUpdatePayload:
    opportunity: Opportunity | None = strawberry.field(
        description="The deal as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The deal with its new lines, or why they were not taken.")
class OpportunitySetLinesPayload:
    opportunity: Opportunity | None = strawberry.field(
        description="The deal as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The moved deal, or why it was not moved.")
class OpportunityMoveStagePayload:
    opportunity: Opportunity | None = strawberry.field(
        description="The deal as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The deal with its new competitor, or why it was not noted.")
class OpportunityCompetitorAddPayload:
    opportunity: Opportunity | None = strawberry.field(description="The deal as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The deal without that competitor, or why it was not changed.")
class OpportunityCompetitorRemovePayload:
    opportunity: Opportunity | None = strawberry.field(description="The deal as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


def _lines(lines: list[OpportunityLineInput]) -> list[dict[str, Any]]:
    return [keyed(given(line), {"product_id": Product}) for line in lines]


@strawberry.type
class PipelineMutations:
    @strawberry.mutation(description="Begins a deal, with lines if it is known what it is about.")
    async def opportunity_create(
        self,
        info: Info,
        input: Annotated[OpportunityCreateInput, strawberry.argument(description="What is known of the deal.")],
        idempotency_key: IdempotencyKey = None,
    ) -> OpportunityCreatePayload:
        values = keyed(given(input), ABOUT)
        lines = _lines(values.pop("lines", []))
        return await settle(
            info,
            lambda by, at: commands.create_opportunity(values, lines, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(
        description="Changes what is known of a deal; its stage is changed by `opportunityMoveStage` alone. What a "
        "closed deal came to stays as it is."
    )
    async def opportunity_update(
        self,
        info: Info,
        id: OpportunityID,
        input: Annotated[OpportunityUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> OpportunityUpdatePayload:
        key, values = read_id(OpportunityRow.prefix, id), keyed(given(input), ABOUT)
        return await settle(
            info,
            lambda by, at: commands.update_opportunity(key, values, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Replaces all that an open deal is about; its amount follows unless set by hand.")
    async def opportunity_set_lines(
        self,
        info: Info,
        id: OpportunityID,
        input: Annotated[OpportunitySetLinesInput, strawberry.argument(description="The new lines.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> OpportunitySetLinesPayload:
        key, rows = read_id(OpportunityRow.prefix, id), _lines(input.lines)
        return await settle(
            info,
            lambda by, at: commands.set_lines(key, rows, expected_version=expected_version, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(
        description="Moves a deal to another stage: onwards, back, to won or lost, or open again. Each move is kept in "
        "its history; skipping open stages needs a note, losing a reason."
    )
    async def opportunity_move_stage(
        self,
        info: Info,
        id: OpportunityID,
        input: Annotated[OpportunityMoveStageInput, strawberry.argument(description="Where it goes, and why.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> OpportunityMoveStagePayload:
        key, values = read_id(OpportunityRow.prefix, id), keyed(given(input), ABOUT)
        stage, reason = values.pop("stage_id"), values.pop("close_reason_id", None)
        return await settle(
            info,
            lambda by, at: moves.move_opportunity(
                key, stage, values, close_reason_id=reason, expected_version=expected_version, by=by, at=at
            ),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Notes that a competitor is after a deal.")
    async def opportunity_competitor_add(
        self,
        info: Info,
        id: OpportunityID,
        input: Annotated[OpportunityCompetitorAddInput, strawberry.argument(description="Who, and with what.")],
        idempotency_key: IdempotencyKey = None,
    ) -> OpportunityCompetitorAddPayload:
        key, values = read_id(OpportunityRow.prefix, id), keyed(given(input), {"competitor_id": Competitor})
        rival, note = values["competitor_id"], values.get("note")
        return await settle(
            info,
            lambda by, at: rivals.add_competitor(key, rival, note, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Notes that a competitor is no longer after a deal.")
    async def opportunity_competitor_remove(
        self,
        info: Info,
        id: OpportunityID,
        competitor_id: Annotated[strawberry.ID, strawberry.argument(description="Which competitor.")],
    ) -> OpportunityCompetitorRemovePayload:
        key, rival = read_id(OpportunityRow.prefix, id), read_id(Competitor.prefix, competitor_id)
        return await settle(info, lambda by, at: rivals.remove_competitor(key, rival, by=by, at=at))
