"""Mutations of what the pipeline is made of: pipelines, stages, close reasons and competitors."""

from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, optional, settle, user_errors
from api.pipeline.types import CloseReason, Competitor, Pipeline, Stage
from domain.kernel.ids import read_id
from domain.pipeline import models, rivals, stages
from domain.pipeline.rules import CloseOutcome, ForecastCategory

PipelineID = Annotated[strawberry.ID, strawberry.argument(description="Which pipeline.")]
_NAME = "What people call it, 1 to 100 characters"
_NOW = "as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="An open stage of a pipeline.")
class StageInput:
    name: str = strawberry.field(description=f"{_NAME}; unique in its pipeline.")
    default_probability: Decimal = strawberry.field(description="How likely a win is from here, 0 to 1.")
    forecast_category: ForecastCategory = strawberry.field(
        description="Where the forecast counts its deals unless told otherwise; any but CLOSED."
    )
    exit_criteria: str | None = optional("What must be true before a deal moves on, up to 10,000 characters.")


@strawberry.input(description="A new open stage of a pipeline, and where it stands.")
class StageCreateInput(StageInput):
    position: int | None = optional("Its place, from 1; behind the last open stage where it is left out.")


@strawberry.input(description="The open stages of a pipeline in another order.")
class PipelineReorderStagesInput:
    stage_ids: list[strawberry.ID] = strawberry.field(description="All open stages of the pipeline, in the new order.")


@strawberry.input(description="A new pipeline: its open stages in their order; Won and Lost follow by themselves.")
class PipelineCreateInput:
    name: str = strawberry.field(description=f"{_NAME}; unique.")
    is_default: bool = strawberry.field(default=False, description="Whether new deals go here unless told otherwise.")
    stages: list[StageInput] = strawberry.field(description="1 to 30 open stages in their order.")


@strawberry.input(description="What to change of a pipeline: what is left out stays as it is.")
class PipelineUpdateInput:
    name: str | None = optional(f"{_NAME}; unique; not null.")
    is_default: bool | None = optional("Whether new deals go here unless told otherwise; not null.")
    is_active: bool | None = optional("Whether new deals may still enter it; not null.")


@strawberry.input(description="What to change of a stage: what is left out stays as it is, null empties.")
class StageUpdateInput:
    name: str | None = optional(f"{_NAME}; unique in its pipeline; not null.")
    default_probability: Decimal | None = optional(
        "How likely a win is from here, 0 to 1; fixed where deals are closed; not null."
    )
    forecast_category: ForecastCategory | None = optional(
        "Where the forecast counts its deals; fixed where deals are closed; not null."
    )
    exit_criteria: str | None = optional("What must be true before a deal moves on, up to 10,000 characters.")


@strawberry.input(description="A new reason why deals are won or lost.")
class CloseReasonCreateInput:
    outcome: CloseOutcome = strawberry.field(description="What it explains.")
    name: str = strawberry.field(description="The reason in a few words, up to 100 characters; unique for its outcome.")


@strawberry.input(description="What to change of a close reason: what is left out stays as it is.")
class CloseReasonUpdateInput:
    name: str | None = optional("The reason in a few words, up to 100 characters; unique for its outcome; not null.")
    is_active: bool | None = optional("Whether it may still be chosen; not null.")


@strawberry.input(description="A new competitor.")
class CompetitorCreateInput:
    name: str = strawberry.field(description="The name it goes by, 1 to 200 characters; unique.")
    website: str | None = optional("Where it shows itself, up to 300 characters.")


@strawberry.input(description="What to change of a competitor: what is left out stays as it is, null empties.")
class CompetitorUpdateInput:
    name: str | None = optional("The name it goes by, 1 to 200 characters; unique; not null.")
    website: str | None = optional("Where it shows itself, up to 300 characters.")


@strawberry.type(description="The new pipeline, or why there is none.")
class PipelineCreatePayload:
    pipeline: Pipeline | None = strawberry.field(description="The pipeline as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed pipeline, or why it was not changed.")
class PipelineUpdatePayload:
    pipeline: Pipeline | None = strawberry.field(description=f"The pipeline {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The pipeline with its stages in their new order, or why they were not moved.")
class PipelineReorderStagesPayload:
    pipeline: Pipeline | None = strawberry.field(description="The pipeline as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new stage, or why there is none.")
class StageCreatePayload:
    stage: Stage | None = strawberry.field(description="The stage as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed stage, or why it was not changed.")
class StageUpdatePayload:
    stage: Stage | None = strawberry.field(description=f"The stage {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new close reason, or why there is none.")
class CloseReasonCreatePayload:
    close_reason: CloseReason | None = strawberry.field(description="The reason as stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed close reason, or why it was not changed.")
class CloseReasonUpdatePayload:
    close_reason: CloseReason | None = strawberry.field(description=f"The reason {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new competitor, or why there is none.")
class CompetitorCreatePayload:
    competitor: Competitor | None = strawberry.field(description="The competitor as stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed competitor, or why it was not changed.")
class CompetitorUpdatePayload:
    competitor: Competitor | None = strawberry.field(description=f"The competitor {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class PipelineSetupMutations:
    @strawberry.mutation(description="Makes a pipeline of open stages, with one for won and one for lost deals.")
    async def pipeline_create(
        self,
        info: Info,
        input: Annotated[PipelineCreateInput, strawberry.argument(description="Its name and open stages.")],
        idempotency_key: IdempotencyKey = None,
    ) -> PipelineCreatePayload:
        values = given(input)
        rows = [given(stage) for stage in values.pop("stages")]
        return await settle(
            info,
            lambda by, at: stages.create_pipeline(values, rows, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a pipeline; made the default, it takes the place of the one before.")
    async def pipeline_update(
        self,
        info: Info,
        id: PipelineID,
        input: Annotated[PipelineUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> PipelineUpdatePayload:
        key = read_id(models.Pipeline.prefix, id)
        return await settle(
            info,
            lambda by, at: stages.update_pipeline(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(
        description="Puts the open stages of a pipeline into another order; deals stay where they are."
    )
    async def pipeline_reorder_stages(
        self,
        info: Info,
        id: PipelineID,
        input: Annotated[PipelineReorderStagesInput, strawberry.argument(description="The new order.")],
    ) -> PipelineReorderStagesPayload:
        key, order = (
            read_id(models.Pipeline.prefix, id),
            [read_id(models.Stage.prefix, each) for each in input.stage_ids],
        )
        return await settle(info, lambda by, at: stages.reorder_stages(key, order, by=by, at=at))

    @strawberry.mutation(description="Puts an open stage into a pipeline.")
    async def stage_create(
        self,
        info: Info,
        pipeline_id: PipelineID,
        input: Annotated[StageCreateInput, strawberry.argument(description="What it means, and where it stands.")],
        idempotency_key: IdempotencyKey = None,
    ) -> StageCreatePayload:
        key, values = read_id(models.Pipeline.prefix, pipeline_id), given(input)
        position = values.pop("position", None)
        return await settle(
            info,
            lambda by, at: stages.create_stage(key, values, position, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a stage; deals in it keep what they took from it when they came.")
    async def stage_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which stage.")],
        input: Annotated[StageUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> StageUpdatePayload:
        key = read_id(models.Stage.prefix, id)
        return await settle(
            info,
            lambda by, at: stages.update_stage(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Takes in a reason why deals are won or lost.")
    async def close_reason_create(
        self,
        info: Info,
        input: Annotated[CloseReasonCreateInput, strawberry.argument(description="What it explains, and how.")],
        idempotency_key: IdempotencyKey = None,
    ) -> CloseReasonCreatePayload:
        return await settle(
            info,
            lambda by, at: rivals.create_close_reason(given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Renames a close reason, or takes it out of use; deals that have it keep it.")
    async def close_reason_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which close reason.")],
        input: Annotated[CloseReasonUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> CloseReasonUpdatePayload:
        key = read_id(models.CloseReason.prefix, id)
        return await settle(
            info,
            lambda by, at: rivals.update_close_reason(
                key, given(input), expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Takes in a competitor.")
    async def competitor_create(
        self,
        info: Info,
        input: Annotated[CompetitorCreateInput, strawberry.argument(description="What is known of it.")],
        idempotency_key: IdempotencyKey = None,
    ) -> CompetitorCreatePayload:
        return await settle(
            info,
            lambda by, at: rivals.create_competitor(given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a competitor; the fields left out stay as they are.")
    async def competitor_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which competitor.")],
        input: Annotated[CompetitorUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> CompetitorUpdatePayload:
        key = read_id(models.Competitor.prefix, id)
        return await settle(
            info,
            lambda by, at: rivals.update_competitor(key, given(input), expected_version=expected_version, by=by, at=at),
        )
