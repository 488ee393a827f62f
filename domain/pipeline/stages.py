"""Verbs of pipelines and their stages: open ones in a row, at the end one for what is won and one for what is lost."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.storing import insert_parts
from domain.kernel.transactions import one_transaction
from domain.pipeline import rules
from domain.pipeline.models import Pipeline, Stage
from domain.pipeline.rules import OpportunityStatus

CLOSED = (
    {"name": "Won", "kind": "won", "default_probability": 1, "forecast_category": "closed"},
    {"name": "Lost", "kind": "lost", "default_probability": 0, "forecast_category": "omitted"},
)
"""The stages that every pipeline ends with."""

_ARRANGE = """
    UPDATE pipeline_stage s SET position = -given.place, version = s.version + 1, updated_at = $3::timestamptz
    FROM unnest($2::uuid[]) WITH ORDINALITY AS given(id, place) WHERE s.id = given.id AND s.pipeline_id = $1"""
_SETTLE = "UPDATE pipeline_stage SET position = -position WHERE pipeline_id = $1 AND position < 0"
_YIELD = """
    UPDATE pipeline SET is_default = false, updated_at = $1, version = version + 1
    WHERE is_default AND id IS DISTINCT FROM $2::uuid"""


class PipelineNameTaken(Conflict):
    """Another pipeline has this name."""

    def __init__(self) -> None:
        super().__init__("Another pipeline has this name; choose one that tells them apart.", "name")


class StageNameTaken(Conflict):
    """Another stage of the pipeline has this name."""

    def __init__(self) -> None:
        super().__init__("Another stage of this pipeline has this name; choose one that tells them apart.", "name")


class DefaultMustBeActive(Conflict):
    """The default pipeline was to take no more deals."""

    def __init__(self) -> None:
        super().__init__("The default pipeline takes new deals; make another the default first.", "is_active")


async def create_pipeline(
    given: Mapping[str, Any], stages: Sequence[Mapping[str, Any]], *, by: Actor, at: datetime
) -> Pipeline:
    """This will make a pipeline of these open stages, in their order, followed by one for won and one for lost deals.

    Needs `name`; each stage needs `name`, `default_probability` and `forecast_category`. The default pipeline before
    it is no longer the default where this one is to be. Raises Unauthenticated, Invalid, PipelineNameTaken.
    """
    by.must(Permission.PIPELINE_ADMINISTER)
    values = check_fields(given, rules.PIPELINE, required=("name",))
    rows = _checked(stages)
    async with one_transaction():
        if values.get("is_default"):
            await get_connection("default").execute_query(_YIELD, [at, None])
        pipeline = await store_new(
            Pipeline, values, "pipeline.pipeline.created", by=by, at=at, taken=PipelineNameTaken()
        )
        places = enumerate([*rows, *CLOSED], 1)
        await insert_parts([Stage.born({"position": n, "pipeline_id": pipeline.id, **row}, at) for n, row in places])
    return pipeline


async def update_pipeline(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Pipeline:
    """This will change the given fields; made the default, it takes the place of the one before.

    Raises Unauthenticated, Invalid, NotFound, Stale, PipelineNameTaken, DefaultMustBeActive.
    """
    by.must(Permission.PIPELINE_ADMINISTER)
    values = check_fields(given, rules.PIPELINE, required=tuple(rules.PIPELINE))
    async with one_transaction():
        pipeline = await Pipeline.locked(key, expected_version=expected_version, by=by)
        whole = {"is_default": pipeline.is_default, "is_active": pipeline.is_active, **values}
        if whole["is_default"] and not whole["is_active"]:
            raise DefaultMustBeActive
        if values.get("is_default"):
            await get_connection("default").execute_query(_YIELD, [at, pipeline.id])
        await apply_changes(pipeline, values, "pipeline.pipeline.updated", by=by, at=at, taken=PipelineNameTaken())
    return pipeline


async def create_stage(
    pipeline_key: UUID | None, given: Mapping[str, Any], position: int | None = None, *, by: Actor, at: datetime
) -> Stage:
    """This will put an open stage into a pipeline, at a position from 1, or behind its last open stage.

    Raises Unauthenticated, Invalid, NotFound, StageNameTaken.
    """
    by.must(Permission.PIPELINE_ADMINISTER)
    row = check_fields(given, rules.STAGE, required=tuple(rules.STAGE)[:3]) | {"kind": OpportunityStatus.OPEN.value}
    async with one_transaction():
        pipeline = await Pipeline.locked(pipeline_key, "pipeline_id", by=by)
        stages = await Stage.filter(pipeline_id=pipeline.id).order_by("position")
        open_stages = [stage.id for stage in stages if stage.kind == OpportunityStatus.OPEN]
        _check_room(len(open_stages), position)
        values = {**row, "pipeline_id": pipeline.id, "position": len(stages) + 1}
        made = await store_new(Stage, values, "pipeline.stage.created", by=by, at=at, taken=StageNameTaken())
        place = len(open_stages) if position is None else position - 1
        closed = [stage.id for stage in stages if stage.kind != OpportunityStatus.OPEN]
        await _arrange(pipeline.id, [*open_stages[:place], made.id, *open_stages[place:], *closed], at)
    return made


async def update_stage(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Stage:
    """This will change the given fields; deals that are in the stage keep what they took from it when they came.

    Raises Unauthenticated, Invalid, NotFound, Stale, StageNameTaken.
    """
    by.must(Permission.PIPELINE_ADMINISTER)
    values = check_fields(given, rules.STAGE, required=("name", "default_probability", "forecast_category"))
    async with one_transaction():
        stage = await Stage.locked(key, expected_version=expected_version, by=by)
        kind = OpportunityStatus(stage.kind)
        if "default_probability" in values:
            rules.check_stage_probability(kind, values["default_probability"], "default_probability")
        if kind != OpportunityStatus.OPEN and values.get("forecast_category", stage.forecast_category) != (
            stage.forecast_category
        ):
            raise Invalid(f"{{field}} of the stage for {kind} deals is fixed.", "forecast_category")
        await apply_changes(stage, values, "pipeline.stage.updated", by=by, at=at, taken=StageNameTaken())
    return stage


async def reorder_stages(
    pipeline_key: UUID | None, stage_keys: Sequence[UUID | None], *, by: Actor, at: datetime
) -> Pipeline:
    """This will put the open stages of a pipeline into another order; all of them have to be named, each once.

    Raises Unauthenticated, Invalid, NotFound.
    """
    by.must(Permission.PIPELINE_ADMINISTER)
    async with one_transaction():
        pipeline = await Pipeline.locked(pipeline_key, by=by)
        stages = await Stage.filter(pipeline_id=pipeline.id).order_by("position")
        open_stages = {stage.id for stage in stages if stage.kind == OpportunityStatus.OPEN}
        if len(stage_keys) != len(open_stages) or set(stage_keys) != open_stages:
            raise Invalid("{field} must name every open stage of the pipeline, each once.", "stage_ids")
        closed = [stage.id for stage in stages if stage.kind != OpportunityStatus.OPEN]
        await _arrange(pipeline.id, [*(key for key in stage_keys if key), *closed], at)
    return pipeline


async def _arrange(pipeline_id: UUID, order: Sequence[UUID], at: datetime) -> None:
    """Numbers the stages anew, by way of numbers that no stage has."""
    connection = get_connection("default")
    await connection.execute_query(_ARRANGE, [pipeline_id, list(order), at])
    await connection.execute_query(_SETTLE, [pipeline_id])


def _checked(stages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if not 1 <= len(stages) <= rules.MOST_STAGES:
        raise Invalid(f"{{field}} must name 1 to {rules.MOST_STAGES} open stages.", "stages")
    rows = [
        {name: rules.STAGE[name](value, "stages", str(place), name) for name, value in stage.items()}
        for place, stage in enumerate(stages)
    ]
    names = [row["name"] for row in rows]
    if len({*names, "Won", "Lost"}) < len(names) + 2:
        raise Invalid("{field} must have names that differ from each other, and from Won and Lost.", "stages")
    return [{**row, "kind": OpportunityStatus.OPEN.value} for row in rows]


def _check_room(open_stages: int, position: int | None) -> None:
    if open_stages >= rules.MOST_STAGES:
        raise Conflict(f"A pipeline has at most {rules.MOST_STAGES} open stages; change one instead.", "pipeline_id")
    if position is not None and not 1 <= position <= open_stages + 1:
        raise Invalid(f"{{field}} must be from 1 to {open_stages + 1}, before the closed stages.", "position")
