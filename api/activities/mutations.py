"""Mutations of activities."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.activities.types import Activity
from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from domain.activities import commands, models
from domain.activities.rules import ActivityKind
from domain.kernel.ids import read_id

ActivityID = Annotated[strawberry.ID, strawberry.argument(description="Which activity.")]
_NOW = "The activity as it now stands, beside STALE too; null where otherwise refused."
_MINUTES = "How long it is to take, or took: 1 minute to a week."


@strawberry.input(description="What may be known of an activity.")
class ActivityDetails:
    note: str | None = optional("What to prepare, or what was said, up to 10,000 characters.")
    duration_minutes: int | None = optional(_MINUTES)
    owner_id: strawberry.ID | None = optional("Who does it; a new one is for whoever plans it.")
    contact_id: strawberry.ID | None = optional("With whom: a contact of the customer.")
    opportunity_id: strawberry.ID | None = optional("About which deal of the customer.")


@strawberry.input(description="Something to do with a customer or a lead, or that was done.")
class ActivityCreateInput(ActivityDetails):
    kind: ActivityKind = strawberry.field(description="In what way.")
    subject: str = strawberry.field(description="What it is about, 1 to 300 characters.")
    due_at: datetime = strawberry.field(description="When it is to happen, or happened.")
    customer_id: strawberry.ID | None = optional("With which customer; that of the deal where left out.")
    lead_id: strawberry.ID | None = optional("With which lead, where it is not with a customer.")
    outcome: str | None = optional("What came of it, up to 300 characters.")
    done_at: datetime | None = optional("When it was done, for one that is noted afterwards; never in the future.")


@strawberry.input(description="What to change of what is planned: what is left out stays as it is, null empties.")
class ActivityUpdateInput(ActivityDetails):
    kind: ActivityKind | None = optional("In what way; not null.")
    subject: str | None = optional("What it is about, 1 to 300 characters; not null.")
    due_at: datetime | None = optional("When it is to happen; not null.")


@strawberry.input(description="What came of an activity that was done.")
class ActivityCompleteInput:
    outcome: str | None = optional("What came of it, up to 300 characters.")
    duration_minutes: int | None = optional(_MINUTES)
    done_at: datetime | None = optional("When it was done; now where left out, never in the future.")


@strawberry.input(description="Why an activity did not take place.")
class ActivityCancelInput:
    outcome: str | None = optional("Why, up to 300 characters.")


@strawberry.input(description="What is known of an activity that the other side missed.")
class ActivityMissInput:
    outcome: str | None = optional("What is known, up to 300 characters.")


@strawberry.type(description="The new activity, or why there is none.")
class ActivityCreatePayload:
    activity: Activity | None = strawberry.field(description="The activity as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed activity, or why it was not changed.")
class ActivityUpdatePayload:
    activity: Activity | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The activity that was done, or why that was not noted.")
class ActivityCompletePayload:
    activity: Activity | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The activity that was called off, or why it still stands.")
class ActivityCancelPayload:
    activity: Activity | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The activity that was missed, or why that was not noted.")
class ActivityMissPayload:
    activity: Activity | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type
class ActivityMutations:
    @strawberry.mutation(description="Plans something to do with a customer or a lead, or notes what was done.")
    async def activity_create(
        self,
        info: Info,
        input: Annotated[ActivityCreateInput, strawberry.argument(description="What, with whom, when.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ActivityCreatePayload:
        values = keyed(given(input), commands.ABOUT)
        return await settle(
            info,
            lambda by, at: commands.create_activity(values, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes what is planned; with which customer or lead stays.")
    async def activity_update(
        self,
        info: Info,
        id: ActivityID,
        input: Annotated[ActivityUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> ActivityUpdatePayload:
        key, values = read_id(models.Activity.prefix, id), keyed(given(input), commands.ABOUT)
        return await settle(
            info,
            lambda by, at: commands.update_activity(key, values, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Notes that what was planned was done.")
    async def activity_complete(
        self,
        info: Info,
        id: ActivityID,
        input: Annotated[ActivityCompleteInput, strawberry.argument(description="What came of it.")],
        expected_version: ExpectedVersion = None,
    ) -> ActivityCompletePayload:
        key = read_id(models.Activity.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.complete_activity(
                key, given(input), expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Calls off what is planned.")
    async def activity_cancel(
        self,
        info: Info,
        id: ActivityID,
        input: Annotated[ActivityCancelInput, strawberry.argument(description="Why.")],
        expected_version: ExpectedVersion = None,
    ) -> ActivityCancelPayload:
        key, why = read_id(models.Activity.prefix, id), given(input).get("outcome")
        return await settle(
            info,
            lambda by, at: commands.cancel_activity(key, why, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Notes that the other side did not come.")
    async def activity_miss(
        self,
        info: Info,
        id: ActivityID,
        input: Annotated[ActivityMissInput, strawberry.argument(description="What is known.")],
        expected_version: ExpectedVersion = None,
    ) -> ActivityMissPayload:
        key, known = read_id(models.Activity.prefix, id), given(input).get("outcome")
        return await settle(
            info,
            lambda by, at: commands.miss_activity(key, known, expected_version=expected_version, by=by, at=at),
        )
