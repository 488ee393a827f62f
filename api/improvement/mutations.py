"""Mutations of improvement cycles and practices."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.improvement.types import ImprovementCycle, Practice, PracticeAdoption
from api.jobs.types import Job
from domain.access.models import User
from domain.feedback.models import FeedbackTheme
from domain.improvement import commands, models, planning, practices
from domain.improvement.rules import Design
from domain.jobs.commands import ask_for_job
from domain.kernel.actor import Actor
from domain.kernel.ids import read_id
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.kpis.models import Kpi, KpiSignal

CycleID = Annotated[strawberry.ID, strawberry.argument(description="Which cycle.")]
ABOUT: Mapping[str, type[Record]] = {"owner_id": User, "theme_id": FeedbackTheme, "signal_id": KpiSignal}
_NOW = "The cycle as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="A piece of evidence.")
class CycleEvidenceInput:
    text: str = strawberry.field(description="What was seen, in words and numbers, 1 to 500 characters.")
    subject: strawberry.ID | None = optional("The id of the record that it was read from.")


@strawberry.input(description="Something that should become better.")
class ImprovementCycleProposeInput:
    title: str = strawberry.field(description="What is to become better, 1 to 200 characters.")
    problem: str = strawberry.field(description="What is wrong, and how we know, 1 to 10,000 characters.")
    owner_id: strawberry.ID | None = optional("Who leads it; whoever proposes it where left out.")
    theme_id: strawberry.ID | None = optional("The theme of feedback that it is about; not null.")
    signal_id: strawberry.ID | None = optional("The signal of a KPI that it is about; not null.")
    evidence: list[CycleEvidenceInput] = strawberry.field(
        default_factory=list, description="What speaks for it, up to 20 pieces."
    )


@strawberry.input(description="What is tried, by which KPI it is judged, and when.")
class ImprovementCyclePlanInput:
    hypothesis: str = strawberry.field(description="If we do this, that KPI will move so, because …")
    countermeasure: str = strawberry.field(description="What is done.")
    primary_kpi_id: strawberry.ID = strawberry.field(description="The KPI that it is judged by; frozen at the start.")
    guardrail_kpi_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The KPIs that must not suffer, up to 10."
    )
    dimension: str = strawberry.field(default="", description="A cut of the primary KPI; empty: the whole.")
    member: str = strawberry.field(default="", description="The part of the cut; goes with the dimension.")
    currency: str = strawberry.field(default="", description="ISO 4217 code where a KPI is money; else empty.")
    design: Design = strawberry.field(description="How the effect is to be told from chance.")
    minimum_effect: float = strawberry.field(description="The smallest change that would be worth it, above zero.")
    baseline_start: date = strawberry.field(description="The first day of the baseline.")
    starts_on: date = strawberry.field(description="The day on which the countermeasure begins.")
    ends_on: date = strawberry.field(description="The last day before it is checked.")
    owner_id: strawberry.ID | None = optional("Who leads it from now on; null: nobody.")


@strawberry.input(description="The practice that a cycle becomes.")
class ImprovementCycleStandardizeInput:
    title: str = strawberry.field(description="What to do, in a few words, 1 to 200 characters.")
    description: str = strawberry.field(description="How to do it, and why it works, 1 to 20,000 characters.")


@strawberry.input(description="Why a cycle is given up.")
class ImprovementCycleAbandonInput:
    reason: str = strawberry.field(description="Why, 1 to 300 characters.")


@strawberry.input(description="A team that works by a practice.")
class PracticeAdoptInput:
    team: str = strawberry.field(description="The name of the team, 1 to 100 characters; once a practice.")
    adopted_on: date | None = optional("Since when; today where left out; not null, not in the future.")
    note: str | None = optional("How they do it, up to 10,000 characters.")


@strawberry.type(description="The proposed cycle, or why there is none.")
class ImprovementCycleProposePayload:
    improvement_cycle: ImprovementCycle | None = strawberry.field(
        description="The cycle as stored; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The planned cycle, or why the plan was not taken.")
class ImprovementCyclePlanPayload:
    improvement_cycle: ImprovementCycle | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The cycle that has begun, or why it has not.")
class ImprovementCycleStartPayload:
    improvement_cycle: ImprovementCycle | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that estimates the effect of a cycle, or why there is none.")
class ImprovementCycleCheckPayload:
    job: Job | None = strawberry.field(
        description="The job under way, one that is still live included; null if refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The cycle whose effect is taken up, or why it is not.")
class ImprovementCycleActPayload:
    improvement_cycle: ImprovementCycle | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The cycle with the practice that it became, or why it became none.")
class ImprovementCycleStandardizePayload:
    improvement_cycle: ImprovementCycle | None = strawberry.field(description=_NOW)
    practice: Practice | None = strawberry.field(description="The practice as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The abandoned cycle, or why it still stands.")
class ImprovementCycleAbandonPayload:
    improvement_cycle: ImprovementCycle | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The next turn of a cycle, or why there is none.")
class ImprovementCycleRestartPayload:
    improvement_cycle: ImprovementCycle | None = strawberry.field(
        description="The new cycle, proposed with what was planned; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that reviews improvement, or why there is none.")
class ImprovementReviewPayload:
    job: Job | None = strawberry.field(
        description="The job under way, one that is still live included; null if refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The team's adoption of a practice, or why it was not noted.")
class PracticeAdoptPayload:
    practice_adoption: PracticeAdoption | None = strawberry.field(description="As it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The retired practice, or why it still holds.")
class PracticeRetirePayload:
    practice: Practice | None = strawberry.field(
        description="The practice as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class ImprovementMutations:
    @strawberry.mutation(description="Proposes that something should become better, with what speaks for it.")
    async def improvement_cycle_propose(
        self,
        info: Info,
        input: Annotated[ImprovementCycleProposeInput, strawberry.argument(description="What, why, and who leads.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ImprovementCycleProposePayload:
        values = keyed(given(input), ABOUT)
        evidence = [given(piece) for piece in values.pop("evidence")]
        about = {name: values.pop(name) for name in ABOUT if name in values}
        return await settle(
            info,
            lambda by, at: commands.propose_cycle(values, evidence, about=about, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Plans a cycle, or plans it anew, until it starts.")
    async def improvement_cycle_plan(
        self,
        info: Info,
        id: CycleID,
        input: Annotated[ImprovementCyclePlanInput, strawberry.argument(description="The whole plan.")],
        expected_version: ExpectedVersion = None,
    ) -> ImprovementCyclePlanPayload:
        key, values = read_id(models.ImprovementCycle.prefix, id), keyed(given(input), ABOUT)
        primary = read_id(Kpi.prefix, values.pop("primary_kpi_id"))
        guardrails = [read_id(Kpi.prefix, each) for each in values.pop("guardrail_kpi_ids")]
        owner = {"owner_id": values.pop("owner_id")} if "owner_id" in values else {}
        return await settle(
            info,
            lambda by, at: planning.plan_cycle(
                key, values, primary=primary, guardrails=guardrails, owner=owner,
                expected_version=expected_version, by=by, at=at,
            ),
        )  # fmt: skip

    @strawberry.mutation(description="Begins what was planned; from now on the primary KPI is frozen.")
    async def improvement_cycle_start(
        self, info: Info, id: CycleID, expected_version: ExpectedVersion = None, idempotency_key: IdempotencyKey = None
    ) -> ImprovementCycleStartPayload:
        key = read_id(models.ImprovementCycle.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.start_cycle(key, expected_version=expected_version, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Starts estimating what a cycle did to its KPIs, once its last day is over.")
    async def improvement_cycle_check(
        self, info: Info, id: CycleID, idempotency_key: IdempotencyKey = None
    ) -> ImprovementCycleCheckPayload:
        key = read_id(models.ImprovementCycle.prefix, id)

        async def check(by: Actor, at: datetime) -> Any:
            await commands.must_be_checkable(key, by=by, at=at)
            name = key.hex if key else ""
            return await ask_for_job(
                "improvement.check",
                {"cycle": name},
                unique_key=f"improvement.check:{name}",
                by=by,
                at=at,
            )

        return await settle(info, check, idempotency_key=idempotency_key)

    @strawberry.mutation(description="Takes up what was measured, to be made a practice or given up.")
    async def improvement_cycle_act(
        self, info: Info, id: CycleID, expected_version: ExpectedVersion = None
    ) -> ImprovementCycleActPayload:
        key = read_id(models.ImprovementCycle.prefix, id)
        return await settle(
            info, lambda by, at: commands.act_on_cycle(key, expected_version=expected_version, by=by, at=at)
        )

    @strawberry.mutation(description="Makes a practice of what has improved its KPI and worsened no guardrail.")
    async def improvement_cycle_standardize(
        self,
        info: Info,
        id: CycleID,
        input: Annotated[ImprovementCycleStandardizeInput, strawberry.argument(description="The practice.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> ImprovementCycleStandardizePayload:
        key = read_id(models.ImprovementCycle.prefix, id)

        async def standardize(by: Actor, at: datetime) -> dict[str, Any]:
            cycle, practice = await commands.standardize_cycle(
                key, given(input), expected_version=expected_version, by=by, at=at
            )
            return {"improvement_cycle": cycle, "practice": practice}

        return await settle(info, standardize, idempotency_key=idempotency_key)

    @strawberry.mutation(description="Gives up a cycle that is not over.")
    async def improvement_cycle_abandon(
        self,
        info: Info,
        id: CycleID,
        input: Annotated[ImprovementCycleAbandonInput, strawberry.argument(description="Why.")],
        expected_version: ExpectedVersion = None,
    ) -> ImprovementCycleAbandonPayload:
        key = read_id(models.ImprovementCycle.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.abandon_cycle(key, input.reason, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Proposes the next turn of a cycle that is over, with what was planned.")
    async def improvement_cycle_restart(
        self, info: Info, id: CycleID, idempotency_key: IdempotencyKey = None
    ) -> ImprovementCycleRestartPayload:
        key = read_id(models.ImprovementCycle.prefix, id)
        return await settle(
            info, lambda by, at: commands.restart_cycle(key, by=by, at=at), idempotency_key=idempotency_key
        )

    @strawberry.mutation(description="Starts checking the cycles that are due, and proposing what the rules find.")
    async def improvement_review(self, info: Info, idempotency_key: IdempotencyKey = None) -> ImprovementReviewPayload:
        kind = "improvement.review"
        return await settle(
            info,
            lambda by, at: ask_for_job(
                kind, {}, unique_key=kind, permission=Permission.IMPROVEMENT_WRITE, by=by, at=at
            ),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Notes that a team works by a practice.")
    async def practice_adopt(
        self,
        info: Info,
        practice_id: Annotated[strawberry.ID, strawberry.argument(description="Which practice.")],
        input: Annotated[PracticeAdoptInput, strawberry.argument(description="Which team, since when.")],
        idempotency_key: IdempotencyKey = None,
    ) -> PracticeAdoptPayload:
        key = read_id(models.Practice.prefix, practice_id)
        return await settle(
            info,
            lambda by, at: practices.adopt_practice(key, given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Marks a practice as no longer good; who adopted it is kept.")
    async def practice_retire(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which practice.")],
        expected_version: ExpectedVersion = None,
    ) -> PracticeRetirePayload:
        key = read_id(models.Practice.prefix, id)
        return await settle(
            info, lambda by, at: practices.retire_practice(key, expected_version=expected_version, by=by, at=at)
        )
