"""Verbs of improvement cycles: propose, plan, start, act, standardize, abandon and restart.

Checking computes, so it has a file of its own (`checking.py`), which the API never imports.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.access.models import User
from domain.access.ownership import hold_owner
from domain.feedback.models import FeedbackTheme
from domain.improvement import rules
from domain.improvement.models import CycleEvidence, ImprovementCycle, Practice
from domain.improvement.plans import Plan, plan_of
from domain.improvement.queries import last_verdicts
from domain.improvement.rules import CycleOrigin, CycleState
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.kernel.refusals import Invalid
from domain.kernel.transactions import one_transaction
from domain.kpis.commands import annotate
from domain.kpis.models import KpiSignal
from domain.kpis.queries import series
from domain.kpis.steering import steering

ABOUT: Mapping[str, type[Record]] = {"theme_id": FeedbackTheme, "signal_id": KpiSignal, "owner_id": User}
"""What a cycle can be about, and whose it can be, by the field that names it."""
CARRIED = (
    "title", "problem", "origin", "owner_id", "theme_id", "signal_id", "hypothesis", "countermeasure", "primary_kpi_id",
    "dimension", "member", "currency", "design", "minimum_effect",
)  # fmt: skip
"""What a restarted cycle begins with."""


async def propose_cycle(
    given: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]],
    *,
    about: Mapping[str, UUID | None],
    by: Actor,
    at: datetime,
) -> ImprovementCycle:
    """This will propose a cycle: `title`, `problem`, and pieces of evidence, each a `text` and perhaps a `subject`.

    `about` names, by the keys of ABOUT, what it is about and who leads it: whoever proposes it, unless told otherwise.
    Raises Unauthenticated, Invalid, NotFound.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    values = check_fields(given, rules.PROPOSAL, required=("title", "problem"))
    if len(evidence) > rules.MOST_EVIDENCE:
        raise Invalid(f"{{field}} has {len(evidence)} pieces; at most {rules.MOST_EVIDENCE} are kept.", "evidence")
    pieces = [_piece(each, place) for place, each in enumerate(evidence)]
    values |= {"owner_id": by.user_id, **about, "origin": CycleOrigin.PERSON, "proposed_at": at}
    async with one_transaction():
        for field, key in about.items():
            if field == "owner_id":
                await hold_owner(key, Permission.IMPROVEMENT_WRITE, by=by)
            else:
                await ABOUT[field].held([key], field, by=by)
        cycle = await store_new(ImprovementCycle, values, "improvement.cycle.proposed", by=by, at=at)
        await keep_evidence([(cycle.id, text, subject) for text, subject in pieces], at)
    return cycle


async def start_cycle(
    key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> ImprovementCycle:
    """This will begin what was planned, on its first day or later, and say so on the KPI's chart.

    The primary KPI is frozen from now on. Raises Unauthenticated, NotFound, Stale, CycleNotReachable, TooEarly,
    BaselineTooShort.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    async with one_transaction():
        cycle = await ImprovementCycle.locked(key, expected_version=expected_version, by=by)
        rules.check_move(CycleState(cycle.state), CycleState.DO)
        plan = plan_of(cycle)
        rules.check_start(plan.starts_on, at.date())
        rules.check_baseline(await _baseline_values(plan), plan.design)
        began = {"state": CycleState.DO, "started_at": at}
        await apply_changes(cycle, began, "improvement.cycle.started", by=by, at=at)
        text = f"Started: {cycle.title}"
        await annotate(plan.primary_kpi_id, plan.starts_on, text, subject=(cycle.prefix, cycle.id), by=by, at=at)
    return cycle


async def must_be_checkable(key: UUID | None, *, by: Actor, at: datetime) -> None:
    """This will refuse a check that would be in vain.

    Raises Unauthenticated, NotFound, CycleNotReachable, TooEarly.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    async with one_transaction():
        await ImprovementCycle.held([key], by=by, to=Permission.IMPROVEMENT_WRITE)
        cycle = await ImprovementCycle.get(id=key)
    rules.check_move(CycleState(cycle.state), CycleState.CHECK)
    rules.check_over(plan_of(cycle).ends_on, at.date())


async def act_on_cycle(
    key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> ImprovementCycle:
    """This will take up what was measured, to be made a standard or given up.

    Raises Unauthenticated, NotFound, Stale, CycleNotReachable, NoEffectStored.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    async with one_transaction():
        cycle = await ImprovementCycle.locked(key, expected_version=expected_version, by=by)
        rules.check_move(CycleState(cycle.state), CycleState.ACT)
        if (await last_verdicts(cycle.id)).primary is None:
            raise rules.NoEffectStored
        await apply_changes(cycle, {"state": CycleState.ACT}, "improvement.cycle.acted", by=by, at=at)
    return cycle


async def standardize_cycle(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> tuple[ImprovementCycle, Practice]:
    """This will make a practice of what has improved its KPI and worsened no guardrail: `title` and `description`.

    Raises Unauthenticated, Invalid, NotFound, Stale, CycleNotReachable, NotImproved, GuardrailWorsened.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    values = check_fields(given, rules.PRACTICE, required=("title", "description"))
    async with one_transaction():
        cycle = await ImprovementCycle.locked(key, expected_version=expected_version, by=by)
        rules.check_move(CycleState(cycle.state), CycleState.STANDARDIZED)
        rules.check_worth(*await last_verdicts(cycle.id))
        closed = {"state": CycleState.STANDARDIZED, "closed_at": at}
        await apply_changes(cycle, closed, "improvement.cycle.standardized", by=by, at=at)
        values["cycle_id"] = cycle.id
        practice = await store_new(Practice, values, "improvement.practice.created", by=by, at=at)
    return cycle, practice


async def abandon_cycle(
    key: UUID | None, reason: str, *, expected_version: int | None = None, by: Actor, at: datetime
) -> ImprovementCycle:
    """This will give up a cycle that is not over.

    Raises Unauthenticated, Invalid, NotFound, Stale, CycleNotReachable.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    why = rules.REASON(reason, "reason")
    async with one_transaction():
        cycle = await ImprovementCycle.locked(key, expected_version=expected_version, by=by)
        rules.check_move(CycleState(cycle.state), CycleState.ABANDONED)
        given_up = {"state": CycleState.ABANDONED, "closed_at": at, "abandon_reason": why}
        await apply_changes(cycle, given_up, "improvement.cycle.abandoned", by=by, at=at)
    return cycle


async def restart_cycle(key: UUID | None, *, by: Actor, at: datetime) -> ImprovementCycle:
    """This will propose the next turn of a cycle that is over, with what was planned, but for its days.

    Raises Unauthenticated, NotFound, StillOpen, RestartedBefore.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    async with one_transaction():
        before = await ImprovementCycle.locked(key, by=by)
        rules.check_restart(CycleState(before.state))
        values = {name: getattr(before, name) for name in CARRIED} | {"previous_id": before.id, "proposed_at": at}
        taken = rules.RestartedBefore()
        cycle = await store_new(ImprovementCycle, values, "improvement.cycle.proposed", by=by, at=at, taken=taken)
        await get_connection("default").execute_query(
            """INSERT INTO improvement_evidence (id, created_at, updated_at, version, cycle_id, text, subject_id,
                subject_prefix) SELECT uuidv7(), $3, $3, 1, $2, text, subject_id, subject_prefix
            FROM improvement_evidence WHERE cycle_id = $1 ORDER BY id""",
            [before.id, cycle.id, at],
        )
    return cycle


async def keep_evidence(pieces: Sequence[tuple[UUID, str, tuple[str, UUID] | None]], at: datetime) -> None:
    """This will keep pieces of evidence in their order: the cycle, the sentence, what it was read from."""
    stamps = {"created_at": at, "updated_at": at}
    rows = [
        CycleEvidence(
            cycle_id=cycle,
            text=text,
            subject_prefix=subject and subject[0],
            subject_id=subject and subject[1],
            **stamps,
        )
        for cycle, text, subject in pieces
    ]
    if rows:
        await CycleEvidence.bulk_create(rows)


def _piece(given: Mapping[str, Any], place: int) -> tuple[str, tuple[str, UUID] | None]:
    try:
        values = check_fields(given, rules.EVIDENCE, required=("text",))
    except Invalid as refusal:
        refusal.field = ("evidence", str(place), *refusal.field)
        raise
    return values["text"], values.get("subject")


async def _baseline_values(plan: Plan) -> int:
    primary = (await steering([plan.primary_kpi_id]))[plan.primary_kpi_id]
    points = await series(primary.id, **plan.cut(primary), start=plan.baseline_start, end=plan.starts_on)
    return sum(point.value is not None and point.period_end <= plan.starts_on for point in points)
