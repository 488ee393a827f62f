"""Mutations of surveys."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, optional, settle, user_errors
from api.surveys.types import Survey, SurveyResponse
from domain.customers.models import Customer as CustomerRow
from domain.kernel.ids import read_id
from domain.orders.models import Order as OrderRow
from domain.surveys import commands
from domain.surveys.models import Survey as SurveyRow
from domain.surveys.rules import SurveyKind

SurveyID = Annotated[strawberry.ID, strawberry.argument(description="Which survey.")]
ABOUT = {"customer_id": CustomerRow, "order_id": OrderRow}


@strawberry.input(description="A new survey.")
class SurveyCreateInput:
    name: str = strawberry.field(description="What colleagues call it, 1 to 200 characters; unique.")
    kind: SurveyKind = strawberry.field(description="What it measures, and so the scale of its answers.")
    question: str = strawberry.field(description="The question in the words that customers read, up to 500 characters.")


@strawberry.input(description="What to change of a survey: what is left out stays as it is.")
class SurveyUpdateInput:
    name: str | None = optional("What colleagues call it, 1 to 200 characters; unique; not null.")
    kind: SurveyKind | None = optional("What it measures; only in a draft; not null.")
    question: str | None = optional("The question in the words that customers read; only in a draft; not null.")


@strawberry.input(description="An answer to a survey.")
class SurveyRespondInput:
    score: int = strawberry.field(description="The answer on the scale of the survey: 0–10, 1–5 or 1–7.")
    customer_id: strawberry.ID | None = optional("Who answered; the buyer, where only the order is named.")
    order_id: strawberry.ID | None = optional("The order that was asked about.")
    text: str | None = optional("What was said with it, up to 20,000 characters; it becomes a feedback item.")
    responded_at: datetime | None = optional("When it was answered; now where left out. Not in the future.")


@strawberry.type(description="The new survey, or why there is none.")
class SurveyCreatePayload:
    survey: Survey | None = strawberry.field(description="The survey as it was stored, a draft; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed survey, or why it was not changed.")
class SurveyUpdatePayload:
    survey: Survey | None = strawberry.field(
        description="The survey as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The survey that is being asked now, or why it is not.")
class SurveyOpenPayload:
    survey: Survey | None = strawberry.field(
        description="The survey as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The survey that is closed now, or why it is not.")
class SurveyClosePayload:
    survey: Survey | None = strawberry.field(
        description="The survey as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The answer that was kept, or why it was not.")
class SurveyRespondPayload:
    survey_response: SurveyResponse | None = strawberry.field(
        description="The answer as it was stored; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class SurveyMutations:
    @strawberry.mutation(description="Writes a survey, as a draft; `surveyOpen` begins to take answers.")
    async def survey_create(
        self,
        info: Info,
        input: Annotated[SurveyCreateInput, strawberry.argument(description="What is asked, and on which scale.")],
        idempotency_key: IdempotencyKey = None,
    ) -> SurveyCreatePayload:
        return await settle(
            info,
            lambda by, at: commands.create_survey(given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a survey; once it has been opened, only its name.")
    async def survey_update(
        self,
        info: Info,
        id: SurveyID,
        input: Annotated[SurveyUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> SurveyUpdatePayload:
        key = read_id(SurveyRow.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_survey(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Begins to take answers to a draft; its kind and question are frozen from now on.")
    async def survey_open(
        self, info: Info, id: SurveyID, expected_version: ExpectedVersion = None
    ) -> SurveyOpenPayload:
        key = read_id(SurveyRow.prefix, id)
        return await settle(
            info, lambda by, at: commands.open_survey(key, expected_version=expected_version, by=by, at=at)
        )

    @strawberry.mutation(description="Ends a survey that is being asked; it takes no more answers.")
    async def survey_close(
        self, info: Info, id: SurveyID, expected_version: ExpectedVersion = None
    ) -> SurveyClosePayload:
        key = read_id(SurveyRow.prefix, id)
        return await settle(
            info, lambda by, at: commands.close_survey(key, expected_version=expected_version, by=by, at=at)
        )

    @strawberry.mutation(
        description="Keeps an answer to a survey that is being asked; words with it become a feedback item at once."
    )
    async def survey_respond(
        self,
        info: Info,
        survey_id: SurveyID,
        input: Annotated[SurveyRespondInput, strawberry.argument(description="What was answered, by whom.")],
        idempotency_key: IdempotencyKey = None,
    ) -> SurveyRespondPayload:
        key = read_id(SurveyRow.prefix, survey_id)
        values = {name: value for name, value in given(input).items() if value is not None}
        about = {name: read_id(model.prefix, values.pop(name)) for name, model in ABOUT.items() if name in values}
        return await settle(
            info,
            lambda by, at: commands.respond(key, values, about=about, by=by, at=at),
            idempotency_key=idempotency_key,
        )
