"""Verbs about why deals are won and lost: close reasons, competitors, and who of these is after which deal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.changes import check_fields, store_changes, store_new
from domain.kernel.events import emit
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, NotFound
from domain.kernel.transactions import one_transaction
from domain.pipeline import rules
from domain.pipeline.models import CloseReason, Competitor, Opportunity, OpportunityCompetitor


class ReasonTaken(Conflict):
    """The outcome has a reason of this name."""

    def __init__(self) -> None:
        super().__init__("This outcome has a reason of this name already; use or rename that one.", "name")


class CompetitorNameTaken(Conflict):
    """Another competitor has this name."""

    def __init__(self) -> None:
        super().__init__("Another competitor has this name; use or rename that one.", "name")


class AfterItAlready(Conflict):
    """The competitor is known to be after the deal."""

    def __init__(self) -> None:
        super().__init__(
            "This competitor is after the deal already; remove and add it to change the note.", "competitor_id"
        )


async def create_close_reason(given: Mapping[str, Any], *, by: Actor, at: datetime) -> CloseReason:
    """This will take in a reason. Needs `outcome` and `name`. Raises Unauthenticated, Invalid, ReasonTaken."""
    by.must(Permission.PIPELINE_ADMINISTER)
    values = check_fields(given, rules.REASON, required=tuple(rules.REASON))
    return await store_new(CloseReason, values, "pipeline.close_reason.created", by=by, at=at, taken=ReasonTaken())


async def update_close_reason(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> CloseReason:
    """This will change a reason's name, or whether it may be chosen.

    Raises Unauthenticated, Invalid, NotFound, Stale, ReasonTaken.
    """
    by.must(Permission.PIPELINE_ADMINISTER)
    values = check_fields(given, rules.REASON, required=("name", "is_active"))
    return await store_changes(
        CloseReason, key, values, "pipeline.close_reason.updated",
        expected_version=expected_version, by=by, at=at, taken=ReasonTaken(),
    )  # fmt: skip


async def create_competitor(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Competitor:
    """This will take in a competitor. Needs `name`. Raises Unauthenticated, Invalid, CompetitorNameTaken."""
    by.must(Permission.PIPELINE_WRITE)
    values = check_fields(given, rules.COMPETITOR, required=("name",))
    taken = CompetitorNameTaken()
    return await store_new(Competitor, values, "pipeline.competitor.created", by=by, at=at, taken=taken)


async def update_competitor(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Competitor:
    """This will change the given fields. Raises Unauthenticated, Invalid, NotFound, Stale, CompetitorNameTaken."""
    by.must(Permission.PIPELINE_WRITE)
    values = check_fields(given, rules.COMPETITOR, required=("name",))
    return await store_changes(
        Competitor, key, values, "pipeline.competitor.updated",
        expected_version=expected_version, by=by, at=at, taken=CompetitorNameTaken(),
    )  # fmt: skip


async def add_competitor(
    key: UUID | None, competitor_key: UUID | None, note: str | None = None, *, by: Actor, at: datetime
) -> Opportunity:
    """This will note that a competitor is after a deal, and perhaps what they offer.

    Raises Unauthenticated, Invalid, NotFound, AfterItAlready.
    """
    by.must(Permission.PIPELINE_WRITE)
    text = rules.check_sentence(note, "note")
    async with one_transaction():
        deal = await Opportunity.locked(key, by=by)
        await Competitor.held([competitor_key], "competitor_id", by=by)
        if await OpportunityCompetitor.exists(opportunity_id=deal.id, competitor_id=competitor_key):
            raise AfterItAlready
        values = {"opportunity_id": deal.id, "competitor_id": competitor_key, "note": text}
        await store_new(OpportunityCompetitor, values, "pipeline.opportunity.competitor_added", by=by, at=at)
    return deal


async def remove_competitor(key: UUID | None, competitor_key: UUID | None, *, by: Actor, at: datetime) -> Opportunity:
    """This will note that a competitor is no longer after a deal. Raises Unauthenticated, NotFound."""
    by.must(Permission.PIPELINE_WRITE)
    async with one_transaction():
        deal = await Opportunity.locked(key, by=by)
        gone = await OpportunityCompetitor.filter(opportunity_id=deal.id, competitor_id=competitor_key).delete()
        if not gone:
            raise NotFound("This competitor is not noted as being after the deal.", "competitor_id")
        await emit("pipeline.opportunity.competitor_removed", deal.id, by=by, at=at, competitor_id=competitor_key)
    return deal
