"""Verbs of replenishment: what they do, and that what is refused leaves nothing behind."""

from collections.abc import Awaitable
from decimal import Decimal
from typing import Any

import pytest

from domain.inventory.models import Location
from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.events import Event
from domain.kernel.ids import new_id
from domain.kernel.refusals import Invalid, NotFound, Refusal, Stale, Unauthenticated
from domain.procurement.models import PurchaseOrder
from domain.replenishment.commands import PolicyTaken, create_policy, dismiss_proposal, update_policy
from domain.replenishment.models import ReplenishmentPolicy, ReplenishmentProposal
from domain.replenishment.rules import ProposalSettled
from tests.domain.replenishment.stocked import NOW, STAMPS, Company, daily, open_proposal, proposed

pytestmark = pytest.mark.anyio
GIVEN: dict[str, Any] = {"service_level": "0.95", "order_cost": "20", "holding_rate": "0.25"}


async def state() -> list[Any]:
    models = (ReplenishmentPolicy, ReplenishmentProposal, PurchaseOrder)
    return [sorted(await model.all().values_list("id", "version")) for model in models] + [await Event.all().count()]


async def refused(command: Awaitable[Any], kind: type[Refusal], *field: str) -> None:
    before = await state()
    with pytest.raises(kind) as refusal:
        await command
    assert refusal.value.field == field
    assert await state() == before


async def due(company: Company) -> tuple[ReplenishmentPolicy, ReplenishmentProposal]:
    """A policy and its open proposal."""
    product = await company.product()
    policy = await company.policy(product)
    await company.sold(product, *daily(*[5] * 14))
    await proposed()
    made = await open_proposal(policy)
    assert made
    return policy, made


async def test_a_policy_is_set_up(company: Company) -> None:
    product = await company.product()
    policy = await create_policy(product.id, company.main.id, GIVEN, by=SYSTEM, at=NOW)
    stored = await ReplenishmentPolicy.get(id=policy.id)
    assert (stored.product_id, stored.location_id) == (product.id, company.main.id)
    assert (stored.service_level, stored.order_cost, stored.holding_rate) == (Decimal("0.95"), 20, Decimal("0.25"))
    assert (stored.review_days, stored.demand_days, stored.is_active, stored.computed_at) == (0, 180, True, None)
    assert (await Event.get(subject_id=policy.id)).topic == "replenishment.policy.created"


async def test_what_a_policy_may_not_be(company: Company) -> None:
    product, beyond = await company.product(), await Location.create(code="OUT", name="A", kind="customer", **STAMPS)
    keys = product.id, company.main.id
    await refused(create_policy(*keys, GIVEN, by=NOBODY, at=NOW), Unauthenticated)
    for field, value in (("service_level", "1"), ("review_days", -1), ("demand_days", 3), ("order_cost", None)):
        await refused(create_policy(*keys, {**GIVEN, field: value}, by=SYSTEM, at=NOW), Invalid, field)
    await refused(create_policy(new_id(), keys[1], GIVEN, by=SYSTEM, at=NOW), NotFound, "product_id")
    await refused(create_policy(keys[0], None, GIVEN, by=SYSTEM, at=NOW), NotFound, "location_id")
    await refused(create_policy(keys[0], beyond.id, GIVEN, by=SYSTEM, at=NOW), Invalid, "location_id")
    await create_policy(*keys, GIVEN, by=SYSTEM, at=NOW)
    await refused(create_policy(*keys, GIVEN, by=SYSTEM, at=NOW), PolicyTaken, "product_id")


async def test_a_policy_changes_by_version(company: Company) -> None:
    policy = await company.policy(await company.product())
    changed = await update_policy(policy.id, {"service_level": "0.99"}, expected_version=1, by=SYSTEM, at=NOW)
    assert (changed.service_level, changed.version) == (Decimal("0.99"), 2)
    await refused(
        update_policy(policy.id, {"review_days": 3}, expected_version=1, by=SYSTEM, at=NOW), Stale, "expected_version"
    )
    await refused(update_policy(policy.id, {"holding_rate": "7"}, by=SYSTEM, at=NOW), Invalid, "holding_rate")
    await refused(update_policy(policy.id, {"holding_rate": None}, by=SYSTEM, at=NOW), Invalid, "holding_rate")
    await refused(update_policy(new_id(), {}, by=SYSTEM, at=NOW), NotFound, "id")
    await refused(update_policy(policy.id, {}, by=NOBODY, at=NOW), Unauthenticated)


async def test_a_policy_put_to_rest_takes_its_open_proposal_along(company: Company) -> None:
    policy, made = await due(company)
    await update_policy(policy.id, {"is_active": False}, by=SYSTEM, at=NOW)
    gone = await ReplenishmentProposal.get(id=made.id)
    assert (gone.state, gone.decided_at, gone.version) == ("superseded", NOW, 2)
    assert await Event.filter(subject_id=made.id, topic="replenishment.proposal.superseded").count() == 1


async def test_a_proposal_is_dismissed_for_a_reason(company: Company) -> None:
    _, made = await due(company)
    given = {"reason": " no room "}
    await refused(dismiss_proposal(made.id, given, by=NOBODY, at=NOW), Unauthenticated)
    await refused(dismiss_proposal(made.id, {"reason": " "}, by=SYSTEM, at=NOW), Invalid, "reason")
    await refused(dismiss_proposal(None, given, by=SYSTEM, at=NOW), NotFound, "id")
    await refused(dismiss_proposal(made.id, given, expected_version=2, by=SYSTEM, at=NOW), Stale, "expected_version")
    gone = await dismiss_proposal(made.id, given, expected_version=1, by=SYSTEM, at=NOW)
    assert (gone.state, gone.dismiss_reason, gone.decided_at) == ("dismissed", "no room", NOW)
    assert (await Event.filter(subject_id=made.id).order_by("-id").first()).topic == "replenishment.proposal.dismissed"  # type: ignore[union-attr]
    await refused(dismiss_proposal(made.id, given, by=SYSTEM, at=NOW), ProposalSettled, "id")
