"""Verbs of replenishment: set up policies, and settle what is proposed: order it, or dismiss it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.catalog.models import Product
from domain.inventory.models import Location
from domain.inventory.rules import OURS, check_place
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.transactions import one_transaction
from domain.replenishment import rules
from domain.replenishment.models import ReplenishmentPolicy, ReplenishmentProposal
from domain.replenishment.rules import POLICY, ProposalState


class PolicyTaken(Conflict):
    """The product has a policy at this location."""

    def __init__(self) -> None:
        super().__init__("This product has a policy at this location already; update that one instead.", "product_id")


async def create_policy(
    product_key: UUID | None, location_key: UUID | None, given: Mapping[str, Any], *, by: Actor, at: datetime
) -> ReplenishmentPolicy:
    """This will set up how a product is kept in stock at a location of ours.

    Needs `service_level`, `order_cost` and `holding_rate`. Raises Unauthenticated, Invalid, NotFound, PolicyTaken.
    """
    by.must(Permission.REPLENISHMENT_WRITE)
    values = check_fields(given, POLICY, required=tuple(POLICY))
    async with one_transaction():
        await Product.held([product_key], "product_id", by=by)
        location = await Location.locked(location_key, "location_id", by=by)
        check_place(location.kind, location.code, OURS, "location_id")
        values |= {"product_id": product_key, "location_id": location_key}
        topic = "replenishment.policy.created"
        return await store_new(ReplenishmentPolicy, values, topic, by=by, at=at, taken=PolicyTaken())


async def update_policy(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> ReplenishmentPolicy:
    """This will change the given fields; a policy that is put to rest takes its open proposal along.

    Raises Unauthenticated, Invalid, NotFound, Stale.
    """
    by.must(Permission.REPLENISHMENT_WRITE)
    values = check_fields(given, POLICY, required=tuple(POLICY))
    async with one_transaction():
        policy = await ReplenishmentPolicy.locked(key, expected_version=expected_version, by=by)
        await apply_changes(policy, values, "replenishment.policy.updated", by=by, at=at)
        if not policy.is_active:
            await _supersede_open(policy, by=by, at=at)
    return policy


async def dismiss_proposal(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> ReplenishmentProposal:
    """This will turn a proposal down, for the `reason` given; the policy rests until its next look, a day at least.

    Raises Unauthenticated, Invalid, NotFound, Stale, ProposalSettled.
    """
    by.must(Permission.REPLENISHMENT_WRITE)
    values = check_fields(given, {"reason": rules.check_reason}, required=("reason",))
    async with one_transaction():
        proposal = await ReplenishmentProposal.locked(key, expected_version=expected_version, by=by)
        state = rules.check_next(proposal.state, ProposalState.DISMISSED)
        settled = {"state": state, "decided_at": at, "dismiss_reason": values["reason"]}
        await apply_changes(proposal, settled, "replenishment.proposal.dismissed", by=by, at=at)
    return proposal


async def _supersede_open(policy: ReplenishmentPolicy, *, by: Actor, at: datetime) -> None:
    proposed = ReplenishmentProposal.filter(policy_id=policy.id, state=ProposalState.PROPOSED)
    for proposal in await proposed.select_for_update(no_key=True):
        settled = {"state": ProposalState.SUPERSEDED, "decided_at": at}
        await apply_changes(proposal, settled, "replenishment.proposal.superseded", by=by, at=at)
