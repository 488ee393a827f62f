"""Mutations of KPIs."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.jobs.types import Job
from api.kpis.types import Kpi, KpiAnnotation, KpiTarget
from domain.access.models import User
from domain.jobs.commands import ask_for_job
from domain.kernel.ids import read_id
from domain.kernel.period import Grain
from domain.kernel.permissions import Permission
from domain.kpis import commands, models, registry

KpiID = Annotated[strawberry.ID, strawberry.argument(description="Which KPI.")]
_NOW = "as it now stands, beside STALE too; null where otherwise refused."
_GRAIN = "How long its periods are: WEEK, MONTH or QUARTER."
_CUTS = "What it is cut by besides the whole: some of its measure's dimensions, once each."


@strawberry.input(description="A new KPI over a named measure.")
class KpiCreateInput:
    key: str = strawberry.field(description="Its name for programs, such as win_rate; unique, up to 60 characters.")
    name: str = strawberry.field(description="What people call it, 1 to 200 characters.")
    description: str = strawberry.field(description="What it says, and what it does not say.")
    owner_id: strawberry.ID | None = optional("Who answers for it.")
    measure: str = strawberry.field(description="The measure that it is computed by, one of `kpiMeasures`.")
    grain: Grain = strawberry.field(description=_GRAIN)
    dimensions: list[str] = strawberry.field(default_factory=list, description=_CUTS)


@strawberry.input(description="What to change of a KPI: what is left out stays as it is.")
class KpiUpdateInput:
    name: str | None = optional("What people call it; not null.")
    description: str | None = optional("What it says, and what it does not say; not null.")
    owner_id: strawberry.ID | None = optional("Who answers for it; null: nobody.")
    is_active: bool | None = optional("Whether it is computed; not null.")
    grain: Grain | None = optional(f"{_GRAIN} Another one is a new version of the definition; not null.")
    dimensions: list[str] | None = optional(f"{_CUTS} Others are a new version of the definition; not null.")


@strawberry.input(description="What a KPI is to reach in a period.")
class KpiTargetCreateInput:
    period_start: date = strawberry.field(description="The first day of a period of the KPI's grain.")
    value: float = strawberry.field(description="What is to be reached, in the KPI's unit.")
    dimension: str = strawberry.field(default="", description="One of the KPI's dimensions; empty: the whole.")
    member: str = strawberry.field(default="", description="The part of the cut, such as a user's id for a quota.")
    currency: str = strawberry.field(default="", description="ISO 4217 code for a KPI of money; else empty.")


@strawberry.input(description="What to change of a target.")
class KpiTargetUpdateInput:
    value: float | None = optional("What is to be reached, in the KPI's unit; not null.")


@strawberry.input(description="A remark at a day of a KPI's chart.")
class KpiAnnotationCreateInput:
    day: date = strawberry.field(description="The day.")
    text: str = strawberry.field(description="What happened, 1 to 300 characters.")


@strawberry.input(description="How much is computed.")
class KpiComputeInput:
    everything: bool = strawberry.field(
        default=False, description="Whether all periods are computed, not only those that have changed."
    )


@strawberry.type(description="The new KPI, or why there is none.")
class KpiCreatePayload:
    kpi: Kpi | None = strawberry.field(description="The KPI as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed KPI, or why it was not changed.")
class KpiUpdatePayload:
    kpi: Kpi | None = strawberry.field(description=f"The KPI {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new target, or why there is none.")
class KpiTargetCreatePayload:
    kpi_target: KpiTarget | None = strawberry.field(description="The target as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed target, or why it was not changed.")
class KpiTargetUpdatePayload:
    kpi_target: KpiTarget | None = strawberry.field(description=f"The target {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The KPI without that target, or why it still has it.")
class KpiTargetRemovePayload:
    kpi: Kpi | None = strawberry.field(description="The KPI whose target it was; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The remark, or why it was not kept.")
class KpiAnnotationCreatePayload:
    kpi_annotation: KpiAnnotation | None = strawberry.field(description="The remark as stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that computes KPIs, or why there is none.")
class KpiComputePayload:
    job: Job | None = strawberry.field(
        description="The job under way, one of yours that is still live included; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class KpiMutations:
    @strawberry.mutation(description="Takes in a KPI; it has values after the next computation.")
    async def kpi_create(
        self,
        info: Info,
        input: Annotated[KpiCreateInput, strawberry.argument(description="What is measured, and how.")],
        idempotency_key: IdempotencyKey = None,
    ) -> KpiCreatePayload:
        values = keyed(given(input), {"owner_id": User})
        owner = values.pop("owner_id", None)
        return await settle(
            info,
            lambda by, at: registry.create_kpi(values, owner=owner, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a KPI; values that were computed before stay readable as of then.")
    async def kpi_update(
        self,
        info: Info,
        id: KpiID,
        input: Annotated[KpiUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> KpiUpdatePayload:
        key, values = read_id(models.Kpi.prefix, id), keyed(given(input), {"owner_id": User})
        owner = {"owner_id": values.pop("owner_id")} if "owner_id" in values else {}
        return await settle(
            info,
            lambda by, at: registry.update_kpi(
                key, values, owner=owner, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Says what a KPI is to reach in a period; on bookings by owner it is a quota.")
    async def kpi_target_create(
        self,
        info: Info,
        kpi_id: KpiID,
        input: Annotated[KpiTargetCreateInput, strawberry.argument(description="When, for what part, how much.")],
        idempotency_key: IdempotencyKey = None,
    ) -> KpiTargetCreatePayload:
        key, values = read_id(models.Kpi.prefix, kpi_id), given(input)
        cut = {name: values.pop(name) for name in ("dimension", "member", "currency")}
        return await settle(
            info,
            lambda by, at: registry.create_target(key, values, cut, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes what is to be reached.")
    async def kpi_target_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which target.")],
        input: Annotated[KpiTargetUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> KpiTargetUpdatePayload:
        key = read_id(models.KpiTarget.prefix, id)
        return await settle(
            info,
            lambda by, at: registry.update_target(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Takes a target back.")
    async def kpi_target_remove(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Which target.")]
    ) -> KpiTargetRemovePayload:
        key = read_id(models.KpiTarget.prefix, id)
        return await settle(info, lambda by, at: registry.remove_target(key, by=by, at=at))

    @strawberry.mutation(description="Keeps a remark at a day of a KPI's chart.")
    async def kpi_annotation_create(
        self,
        info: Info,
        kpi_id: KpiID,
        input: Annotated[KpiAnnotationCreateInput, strawberry.argument(description="When, and what happened.")],
        idempotency_key: IdempotencyKey = None,
    ) -> KpiAnnotationCreatePayload:
        key, values = read_id(models.Kpi.prefix, kpi_id), given(input)
        return await settle(
            info,
            lambda by, at: commands.annotate(key, values["day"], values["text"], by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Starts computing all KPIs for the periods that have changed.")
    async def kpi_compute(
        self,
        info: Info,
        input: Annotated[KpiComputeInput, strawberry.argument(description="How much.")],
        idempotency_key: IdempotencyKey = None,
    ) -> KpiComputePayload:
        kind = "kpis.compute"
        return await settle(
            info,
            lambda by, at: ask_for_job(
                kind, given(input), unique_key=kind, permission=Permission.KPIS_WRITE, by=by, at=at
            ),
            idempotency_key=idempotency_key,
        )
