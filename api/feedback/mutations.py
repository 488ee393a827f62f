"""Mutations of feedback."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.feedback.types import FeedbackItem
from api.graph.payloads import IdempotencyKey, UserError, given, optional, settle, user_errors
from api.jobs.types import Job
from domain.feedback import commands
from domain.feedback.rules import FeedbackSource
from domain.jobs.commands import ask_for_job
from domain.kernel.ids import read_id
from domain.kernel.permissions import Permission


@strawberry.input(description="What a customer said.")
class FeedbackRecordInput:
    source: FeedbackSource = strawberry.field(description="The way by which it reached us.")
    text: str = strawberry.field(description="The customer's own words, 1 to 20,000 characters.")
    rating: int | None = optional("1 (worst) to 5 (best), where one was given.")
    language: str | None = optional("ISO 639 code of the text; found by reading where left out.")
    customer_id: strawberry.ID | None = optional("Who said it.")
    product_id: strawberry.ID | None = optional("The product it is about.")
    order_id: strawberry.ID | None = optional("The order it is about.")
    received_at: datetime | None = optional("When it was said; now where left out. Not in the future.")
    external_id: str | None = optional("What another system calls it; unique, up to 120 characters.")


@strawberry.type(description="The recorded feedback, or why it was not kept.")
class FeedbackRecordPayload:
    feedback_item: FeedbackItem | None = strawberry.field(description="The item as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that aggregates feedback, or why there is none.")
class FeedbackAggregatePayload:
    job: Job | None = strawberry.field(
        description="The job under way, one of yours that is still live included; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class FeedbackMutations:
    @strawberry.mutation(description="Keeps what a customer said; the next aggregation reads it.")
    async def feedback_record(
        self,
        info: Info,
        input: Annotated[FeedbackRecordInput, strawberry.argument(description="What was said, by whom, about what.")],
        idempotency_key: IdempotencyKey = None,
    ) -> FeedbackRecordPayload:
        values = {name: value for name, value in given(input).items() if value is not None}
        about = {
            name: read_id(model.prefix, values.pop(name)) for name, model in commands.ABOUT.items() if name in values
        }
        return await settle(
            info,
            lambda by, at: commands.record_feedback(values, about=about, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Starts reading what is new or changed and gathering it into themes and counts.")
    async def feedback_aggregate(self, info: Info, idempotency_key: IdempotencyKey = None) -> FeedbackAggregatePayload:
        return await settle(
            info,
            lambda by, at: ask_for_job(
                "feedback.aggregate",
                {},
                unique_key="feedback.aggregate",
                permission=Permission.FEEDBACK_WRITE,
                by=by,
                at=at,
            ),
            idempotency_key=idempotency_key,
        )
