"""The one verb that moves a deal from stage to stage, and the only writer of its history after the first stay."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields
from domain.kernel.permissions import Permission
from domain.kernel.storing import insert_parts
from domain.kernel.transactions import one_transaction
from domain.pipeline import rules
from domain.pipeline.commands import TOPIC, stay_values
from domain.pipeline.models import CloseReason, Opportunity, Stage, StageHistory
from domain.pipeline.rules import OpportunityStatus, Step
from domain.pipeline.steps import found, stages_of

_LEAVE = """
    WITH gone AS (
        UPDATE opportunity_stage_history h
        SET left_at = coalesce(h.left_at, $2::timestamptz), updated_at = $2::timestamptz,
            advanced_at = coalesce(h.advanced_at, CASE WHEN s.position < $3::int THEN $2 END), version = h.version + 1
        FROM pipeline_stage s WHERE s.id = h.stage_id AND h.opportunity_id = $1
            AND (h.left_at IS NULL OR h.advanced_at IS NULL AND s.position < $3)
    )
    SELECT max(sequence) AS sequence, count(*) FILTER (WHERE stage_id = $4)::int AS visits
    FROM opportunity_stage_history WHERE opportunity_id = $1"""
NOWHERE = 0
"""The place in a pipeline that a lost deal comes to: it is behind no stage."""


async def move_opportunity(
    key: UUID | None,
    stage_id: UUID | None,
    given: Mapping[str, Any],
    *,
    close_reason_id: UUID | None = None,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Opportunity:
    """This will move a deal to another stage of its pipeline: onwards, back, to won or lost, or open again.

    `given` may have a `note`, which says how the exit criteria of skipped stages were met, and a `close_note`. What the
    deal is likely to bring follows the stage; closed, it closes today; opened again, its outcome is forgotten, but not
    its history. Raises Unauthenticated, Invalid, NotFound, Stale, AlreadyThere, StageOfAnotherPipeline, ReopenFirst,
    SkippingNeedsNote, LossNeedsReason, ReasonExplainsOther.
    """
    by.must(Permission.PIPELINE_WRITE)
    texts = check_fields(given, rules.MOVE, required=())
    async with one_transaction():
        deal = await Opportunity.locked(key, expected_version=expected_version, by=by)
        steps = await stages_of(deal.pipeline_id)
        now, to = found(steps, deal.stage_id), found(steps, stage_id)
        if to is None or now is None:
            await Stage.held([stage_id], "stage_id", by=by)
            raise rules.StageOfAnotherPipeline
        rules.check_move(now, to, steps, texts.get("note"))
        rules.check_reason(to.kind, await _outcome(close_reason_id, by=by))
        moment = max(at, deal.stage_entered_at)
        values = _standing(deal, to, moment) | {
            "close_reason_id": close_reason_id,
            "close_note": texts.get("close_note") if to.kind != OpportunityStatus.OPEN else None,
        }
        await apply_changes(deal, values, f"{TOPIC}.moved", by=by, at=at)
        await _enter(deal, now, to, texts.get("note"), moment, by=by)
    return deal


def _standing(deal: Opportunity, to: Step, at: datetime) -> dict[str, Any]:
    """How a deal stands that has just come to a stage."""
    closed, today = to.kind != OpportunityStatus.OPEN, at.date()
    return {
        "stage_id": to.id,
        "status": to.kind.value,
        "stage_entered_at": at,
        "probability": rules.PROBABILITY_OF_CLOSED.get(to.kind, to.default_probability),
        "probability_is_set": False,
        "forecast_category": rules.CATEGORY_OF_CLOSED.get(to.kind, to.forecast_category),
        "closed_at": at if closed else None,
        "close_date": today if closed else max(deal.close_date, today) if deal.closed_at else deal.close_date,
    }


async def _enter(deal: Opportunity, now: Step, to: Step, note: str | None, at: datetime, *, by: Actor) -> None:
    """Ends the stay under way and begins the next at the same moment: no gap, no overlap.

    Stays in stages before the one that is reached are told so, by which cohorts are judged.
    """
    reached = NOWHERE if to.kind == OpportunityStatus.LOST else to.position
    (row,) = await get_connection("default").execute_query_dict(_LEAVE, [deal.id, at, reached, to.id])
    stay = {
        "sequence": row["sequence"] + 1, "visit": row["visits"] + 1, "from_stage_id": now.id, "entered_at": at,
        "note": note,
    }  # fmt: skip
    await insert_parts([StageHistory.born({**stay, **stay_values(deal, to, by)}, at)])


async def _outcome(close_reason_id: UUID | None, *, by: Actor) -> str | None:
    """What the chosen reason explains. Raises NotFound."""
    if close_reason_id is None:
        return None
    await CloseReason.held([close_reason_id], "close_reason_id", by=by)
    return (await CloseReason.get(id=close_reason_id)).outcome
