"""Mutations of segments."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.jobs.types import Job
from api.segments.types import Segment
from domain.jobs.commands import ask_for_job, start_job
from domain.kernel.actor import Actor
from domain.kernel.ids import read_id
from domain.kernel.permissions import Permission, Reach
from domain.kernel.transactions import one_transaction
from domain.segments import commands, models
from domain.segments.rules import SegmentField, SegmentOperator

REFRESH = "segments.refresh"


@strawberry.input(description="One thing that customers have in common.")
class SegmentConditionInput:
    field: SegmentField = strawberry.field(description="What of a customer it looks at.")
    operator: SegmentOperator = strawberry.field(description="How it compares.")
    values: list[str] = strawberry.field(
        default_factory=list,
        description="What it compares with: 1 to 100 words or numbers for IN and NOT_IN, one number for the others, "
        "nothing for IS_KNOWN and IS_UNKNOWN.",
    )
    within_days: int | None = optional("Count only the last so many days; of what is counted or summed up.")
    currency: str | None = optional("ISO 4217 code; needed for REVENUE, and for nothing else.")


@strawberry.input(description="What customers have in common: exactly one of these fields.")
class SegmentPredicateInput:
    all: list["SegmentPredicateInput"] | None = optional("Every one of these holds.")
    any: list["SegmentPredicateInput"] | None = optional("At least one of these holds.")
    not_: "SegmentPredicateInput | None" = strawberry.field(
        name="not", default=strawberry.UNSET, description="This does not hold."
    )
    condition: SegmentConditionInput | None = optional("This holds.")


@strawberry.input(description="A new segment.")
class SegmentCreateInput:
    name: str = strawberry.field(description="What people call it; unique, 1 to 100 characters.")
    description: str | None = optional("What it is for, up to 10,000 characters.")
    predicate: SegmentPredicateInput = strawberry.field(description="What its customers have in common.")


@strawberry.input(description="What to change of a segment: what is left out stays as it is.")
class SegmentUpdateInput:
    name: str | None = optional("What people call it; unique, 1 to 100 characters; not null.")
    description: str | None = optional("What it is for; null empties.")
    predicate: SegmentPredicateInput | None = optional("What its customers have in common; not null.")


@strawberry.input(description="Which segments to evaluate anew.")
class SegmentRefreshInput:
    segment_id: strawberry.ID | None = optional("The only one; all of them where left out.")


@strawberry.type(description="The new segment, or why there is none.")
class SegmentCreatePayload:
    segment: Segment | None = strawberry.field(
        description="The segment as it was stored; its members are found by the job that this started. Null where "
        "refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed segment, or why it was not changed.")
class SegmentUpdatePayload:
    segment: Segment | None = strawberry.field(
        description="The segment as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that evaluates segments, or why there is none.")
class SegmentRefreshPayload:
    job: Job | None = strawberry.field(description="The job, or the one under way already; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class SegmentMutations:
    @strawberry.mutation(description="Saves what customers have in common, and starts finding out who they are.")
    async def segment_create(
        self,
        info: Info,
        input: Annotated[SegmentCreateInput, strawberry.argument(description="What they have in common.")],
        idempotency_key: IdempotencyKey = None,
    ) -> SegmentCreatePayload:
        values = _values(input)

        async def create(by: Actor, at: datetime) -> models.Segment:
            async with one_transaction():
                segment = await commands.create_segment(values, by=by, at=at)
                await _refresh(segment, by, at)
            return segment

        return await settle(info, create, idempotency_key=idempotency_key)

    @strawberry.mutation(description="Changes a segment; where its predicate changes, its members are found anew.")
    async def segment_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which segment.")],
        input: Annotated[SegmentUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> SegmentUpdatePayload:
        key, values = read_id(models.Segment.prefix, id), _values(input)

        async def update(by: Actor, at: datetime) -> models.Segment:
            async with one_transaction():
                segment = await commands.update_segment(key, values, expected_version=expected_version, by=by, at=at)
                if "predicate" in values:
                    await _refresh(segment, by, at)
            return segment

        return await settle(info, update)

    @strawberry.mutation(description="Starts finding out who belongs to segments now.")
    async def segment_refresh(
        self,
        info: Info,
        input: Annotated[SegmentRefreshInput, strawberry.argument(description="Which segments.")],
        idempotency_key: IdempotencyKey = None,
    ) -> SegmentRefreshPayload:
        key = keyed(given(input), {"segment_id": models.Segment}).get("segment_id")

        async def start(by: Actor, at: datetime) -> Any:
            by.must(Permission.SEGMENTS_WRITE, Reach.ALL)
            if key is None:
                return await ask_for_job(REFRESH, {}, unique_key=REFRESH, by=by, at=at)
            await models.Segment.held([key], "segment_id", by=by)
            return await ask_for_job(
                REFRESH,
                {"segment_id": str(key)},
                unique_key=f"{REFRESH} {key}",
                permission=Permission.SEGMENTS_WRITE,
                by=by,
                at=at,
            )

        return await settle(info, start, idempotency_key=idempotency_key)


async def _refresh(segment: models.Segment, by: Actor, at: datetime) -> None:
    unique_key = f"{REFRESH} {segment.id} {segment.predicate_version}"
    await start_job(REFRESH, {"segment_id": str(segment.id)}, unique_key=unique_key, by=by, at=at)


def _values(input: SegmentCreateInput | SegmentUpdateInput) -> dict[str, Any]:
    values = given(input)
    if values.get("predicate") is not None:
        values["predicate"] = _plain(values["predicate"])
    return values


def _plain(predicate: SegmentPredicateInput) -> dict[str, Any]:
    """The predicate as the domain reads it."""
    parts = given(predicate)
    made: dict[str, Any] = {
        name: [_plain(each) for each in parts[name]] for name in ("all", "any") if parts.get(name) is not None
    }
    if parts.get("not_") is not None:
        made["not"] = _plain(parts["not_"])
    if parts.get("condition") is not None:
        made["condition"] = given(parts["condition"])
    return made
