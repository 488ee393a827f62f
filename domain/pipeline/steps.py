"""Stages as commands find them: those of a pipeline, held until the transaction ends."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.refusals import Conflict, NotFound
from domain.pipeline.models import Pipeline, Stage
from domain.pipeline.rules import ForecastCategory, OpportunityStatus, Step

_STAGES = """
    SELECT s.id, s.pipeline_id, s.position, s.name, s.kind, s.default_probability, s.forecast_category
    FROM pipeline_stage s WHERE s.pipeline_id = $1 ORDER BY s.position FOR KEY SHARE"""
_ENTRANCE = """
    SELECT id, name, is_active FROM pipeline p
    WHERE CASE WHEN $1::uuid IS NOT NULL THEN p.id = $1
        WHEN $2::uuid IS NOT NULL THEN p.id = (SELECT pipeline_id FROM pipeline_stage WHERE id = $2)
        ELSE p.is_default END FOR KEY SHARE"""


class NoDefaultPipeline(Conflict):
    """No pipeline was named, and none is the default."""

    def __init__(self) -> None:
        super().__init__("{field} is missing, and no pipeline is the default; name one, or make one.", "pipeline_id")


class PipelineRests(Conflict):
    """The pipeline takes no new opportunities."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} takes no new opportunities; make it active again, or choose another.", "pipeline_id")


class BeginsOpen(Conflict):
    """A new opportunity was to begin closed."""

    def __init__(self) -> None:
        super().__init__("{field} is no open stage; a deal begins open and is closed by a move.", "stage_id")


async def stages_of(pipeline_id: UUID) -> list[Step]:
    """This will read and hold the stages of a pipeline, by their position."""
    rows = await get_connection("default").execute_query_dict(_STAGES, [pipeline_id])
    return [_step(row) for row in rows]


async def entrance(pipeline_id: UUID | None, stage_id: UUID | None) -> Step:
    """This will find where a deal begins: at the stage named, else the first of the pipeline, named or the default.

    Raises NotFound, NoDefaultPipeline, PipelineRests, BeginsOpen.
    """
    rows = await get_connection("default").execute_query_dict(_ENTRANCE, [pipeline_id, stage_id])
    if not rows:
        raise _not_found(pipeline_id, stage_id)
    if not rows[0]["is_active"]:
        raise PipelineRests(rows[0]["name"])
    steps = await stages_of(rows[0]["id"])
    return _chosen(steps, stage_id)


def found(steps: Sequence[Step], stage_id: UUID | None) -> Step | None:
    """This will give the stage of that key among these, if it is one."""
    return next((step for step in steps if step.id == stage_id), None)


def _chosen(steps: Sequence[Step], stage_id: UUID | None) -> Step:
    if stage_id is None:
        return next(step for step in steps if step.kind == OpportunityStatus.OPEN)
    step = found(steps, stage_id)
    if step is None:
        raise Stage._missing("stage_id")
    if step.kind != OpportunityStatus.OPEN:
        raise BeginsOpen
    return step


def _not_found(pipeline_id: UUID | None, stage_id: UUID | None) -> NotFound | Conflict:
    if pipeline_id is not None:
        return Pipeline._missing("pipeline_id")
    return Stage._missing("stage_id") if stage_id is not None else NoDefaultPipeline()


def _step(row: Mapping[str, Any]) -> Step:
    kind, category = OpportunityStatus(row["kind"]), ForecastCategory(row["forecast_category"])
    return Step(**{**row, "kind": kind, "forecast_category": category})
