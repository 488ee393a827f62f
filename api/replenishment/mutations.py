"""Mutations of replenishment."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.jobs.types import Job
from api.replenishment.types import ReplenishmentPolicy, ReplenishmentProposal
from domain.catalog.models import Product
from domain.inventory.models import Location
from domain.jobs.commands import ask_for_job
from domain.kernel.ids import read_id
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.replenishment import commands, models
from domain.replenishment.ordering import order_proposal

ABOUT: Mapping[str, type[Record]] = {"product_id": Product, "location_id": Location}
_SERVICE = "The share of order cycles that shall not run out, 0.5 to 0.9999, such as 0.95."
_REVIEW = "Days between two looks, up to 365; 0: the stock is always watched."
_COST = "What placing one order costs, in the currency of the product's cost; zero or more."
_HOLDING = "What holding a unit for a year costs, as a share of its cost, such as 0.25."
_DEMAND = "How many past days of orders tell the demand, 14 to 730."
_NOW = "as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="How a product is to be kept in stock at a location.")
class ReplenishmentPolicyCreateInput:
    product_id: strawberry.ID = strawberry.field(description="The product.")
    location_id: strawberry.ID = strawberry.field(description="Where it is kept: a location of ours.")
    service_level: Decimal = strawberry.field(description=_SERVICE)
    review_days: int = strawberry.field(default=0, description=_REVIEW)
    order_cost: Decimal = strawberry.field(description=_COST)
    holding_rate: Decimal = strawberry.field(description=_HOLDING)
    demand_days: int = strawberry.field(default=180, description=_DEMAND)


@strawberry.input(description="What to change of a policy: what is left out stays as it is.")
class ReplenishmentPolicyUpdateInput:
    service_level: Decimal | None = optional(f"{_SERVICE} Not null.")
    review_days: int | None = optional(f"{_REVIEW} Not null.")
    order_cost: Decimal | None = optional(f"{_COST} Not null.")
    holding_rate: Decimal | None = optional(f"{_HOLDING} Not null.")
    demand_days: int | None = optional(f"{_DEMAND} Not null.")
    is_active: bool | None = optional(
        "Whether proposals are made for it; put to rest, it drops its open one; not null."
    )


@strawberry.input(description="How much is ordered of what is proposed.")
class ReplenishmentProposalOrderInput:
    quantity: Decimal | None = optional("Units to order, in the supplier's lots; as proposed where left out; not null.")


@strawberry.input(description="Why a proposal is turned down.")
class ReplenishmentProposalDismissInput:
    reason: str = strawberry.field(description="Why, 1 to 300 characters.")


@strawberry.input(description="Which policies are looked at.")
class ReplenishmentProposeInput:
    everything: bool = strawberry.field(default=False, description="Whether those too whose next look is not due yet.")


@strawberry.type(description="The new policy, or why there is none.")
class ReplenishmentPolicyCreatePayload:
    replenishment_policy: ReplenishmentPolicy | None = strawberry.field(
        description="The policy as it was stored; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed policy, or why it was not changed.")
class ReplenishmentPolicyUpdatePayload:
    replenishment_policy: ReplenishmentPolicy | None = strawberry.field(description=f"The policy {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The proposal with its purchase order, or why none was written.")
class ReplenishmentProposalOrderPayload:
    replenishment_proposal: ReplenishmentProposal | None = strawberry.field(description=f"The proposal {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The dismissed proposal, or why it still stands.")
class ReplenishmentProposalDismissPayload:
    replenishment_proposal: ReplenishmentProposal | None = strawberry.field(description=f"The proposal {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that computes proposals, or why there is none.")
class ReplenishmentProposePayload:
    job: Job | None = strawberry.field(
        description="The job under way, one of yours that is still live included; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class ReplenishmentMutations:
    @strawberry.mutation(description="Sets up how a product is kept in stock at a location, once for each.")
    async def replenishment_policy_create(
        self,
        info: Info,
        input: Annotated[ReplenishmentPolicyCreateInput, strawberry.argument(description="What, where, how.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ReplenishmentPolicyCreatePayload:
        values = keyed(given(input), ABOUT)
        product, location = values.pop("product_id"), values.pop("location_id")
        return await settle(
            info,
            lambda by, at: commands.create_policy(product, location, values, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a policy; the next computation follows it.")
    async def replenishment_policy_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which policy.")],
        input: Annotated[ReplenishmentPolicyUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> ReplenishmentPolicyUpdatePayload:
        key = read_id(models.ReplenishmentPolicy.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_policy(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(
        description="Makes a purchase order, a draft, of what is proposed; a proposal becomes just one."
    )
    async def replenishment_proposal_order(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which proposal.")],
        input: Annotated[ReplenishmentProposalOrderInput, strawberry.argument(description="How much.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> ReplenishmentProposalOrderPayload:
        key = read_id(models.ReplenishmentProposal.prefix, id)
        return await settle(
            info,
            lambda by, at: order_proposal(key, given(input), expected_version=expected_version, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Turns a proposal down; its policy rests until its next look, a day at least.")
    async def replenishment_proposal_dismiss(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which proposal.")],
        input: Annotated[ReplenishmentProposalDismissInput, strawberry.argument(description="Why.")],
        expected_version: ExpectedVersion = None,
    ) -> ReplenishmentProposalDismissPayload:
        key = read_id(models.ReplenishmentProposal.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.dismiss_proposal(
                key, given(input), expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Starts looking at the stock of all policies, and proposing what to buy.")
    async def replenishment_propose(
        self,
        info: Info,
        input: Annotated[ReplenishmentProposeInput, strawberry.argument(description="Which policies.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ReplenishmentProposePayload:
        kind = "replenishment.propose"
        return await settle(
            info,
            lambda by, at: ask_for_job(
                kind, given(input), unique_key=kind, permission=Permission.REPLENISHMENT_WRITE, by=by, at=at
            ),
            idempotency_key=idempotency_key,
        )
