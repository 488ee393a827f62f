"""Campaigns: their states and costs, members drawn into arms for good, touches recorded once and never changed."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tortoise.connection import get_connection

from domain.campaigns import commands, rules
from domain.campaigns.models import Campaign, CampaignCost, CampaignMember, Touchpoint
from domain.campaigns.rules import CampaignState
from domain.campaigns.touches import record_touches
from domain.customers.models import Customer
from domain.kernel.events import Event
from domain.kernel.ids import new_id
from domain.kernel.refusals import Invalid, NotFound
from domain.leads.models import Lead
from domain.segments.commands import create_segment, refresh_segment
from tests.domain.pipeline.deals import DO, STAMPS
from tests.graph import NOW

GIVEN: dict[str, Any] = {
    "name": "Spring", "kind": "email", "starts_on": date(2024, 5, 1), "ends_on": date(2024, 5, 31), "currency": "EUR",
}  # fmt: skip
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def crowd(count: int) -> list[Customer]:
    rows = [Customer(kind="person", name=f"C{number}", **STAMPS) for number in range(count)]
    await Customer.bulk_create(rows)
    return rows


async def test_a_campaign_runs_and_is_paid_for() -> None:
    campaign = await commands.create_campaign({**GIVEN, "budget": Decimal(100)}, **DO)
    for state in ("active", "paused", "active", "completed"):
        campaign = await commands.set_campaign_state(campaign.id, CampaignState(state), **DO)
    with pytest.raises(rules.StateNotReachable, match="become no other"):
        await commands.set_campaign_state(campaign.id, CampaignState.ACTIVE, **DO)
    await commands.record_cost(campaign.id, date(2024, 5, 2), Decimal("70.50"), "Media", **DO)
    campaign = await commands.record_cost(campaign.id, date(2024, 5, 9), Decimal(40), "Agency", **DO)
    assert campaign.cost == Decimal("110.50")
    assert sum([cost.amount for cost in await CampaignCost.all()], Decimal(0)) == campaign.cost
    with pytest.raises(Invalid, match="more than 2 digits"):
        await commands.record_cost(campaign.id, date(2024, 5, 2), Decimal("0.001"), "Media", **DO)
    with pytest.raises(rules.AmountsStand):
        await commands.update_campaign(campaign.id, {"currency": "USD"}, **DO)
    with pytest.raises(Invalid, match="before the first day"):
        await commands.update_campaign(campaign.id, {"starts_on": date(2024, 6, 1)}, **DO)
    with pytest.raises(rules.NameTaken):
        await commands.create_campaign(GIVEN, **DO)


async def test_arms_are_drawn_once_by_campaign_and_member() -> None:
    people = await crowd(1_000)
    campaign = await commands.create_campaign({**GIVEN, "holdout_share": Decimal("0.2")}, **DO)
    keys = [person.id for person in people]
    await commands.enroll_members(campaign.id, keys[:600], **DO)
    before = {member.customer_id: member.arm for member in await CampaignMember.all()}
    await commands.enroll_members(campaign.id, keys, **DO)
    after = {member.customer_id: member.arm for member in await CampaignMember.all()}
    assert len(after) == 1_000
    assert before.items() <= after.items()
    held_out = sum(arm == "holdout" for arm in after.values())
    assert 150 < held_out < 250  # 200 expected, with a standard deviation of 12.6
    with pytest.raises(rules.ArmsAreDrawn):
        await commands.update_campaign(campaign.id, {"holdout_share": Decimal("0.3")}, **DO)
    again = await commands.create_campaign({**GIVEN, "name": "Autumn", "holdout_share": Decimal("0.2")}, **DO)
    await commands.enroll_members(again.id, keys, **DO)
    other = {member.customer_id: member.arm for member in await CampaignMember.filter(campaign_id=again.id)}
    assert other != after
    assert await Event.filter(topic="campaigns.campaign.enrolled").count() == 3


async def test_members_come_from_the_segment_or_are_named() -> None:
    people = await crowd(5)
    predicate = {"condition": {"field": "kind", "operator": "in", "values": ["person"]}}
    segment = await create_segment({"name": "People", "predicate": predicate}, **DO)
    await refresh_segment(segment.id, **DO)
    campaign = await commands.create_campaign({**GIVEN, "segment_id": segment.id}, **DO)
    await commands.enroll_members(campaign.id, **DO)
    assert await CampaignMember.filter(campaign_id=campaign.id).count() == 5
    lead = await Lead.create(name="L", source="website", status_changed_at=NOW, **STAMPS)
    other = await commands.create_campaign({**GIVEN, "name": "Other"}, **DO)
    with pytest.raises(Invalid, match="no segment"):
        await commands.enroll_members(other.id, **DO)
    await commands.enroll_members(other.id, [people[0].id], [lead.id], **DO)
    assert {member.lead_id for member in await CampaignMember.filter(campaign_id=other.id)} == {None, lead.id}
    with pytest.raises(NotFound):
        await commands.enroll_members(other.id, [new_id()], **DO)
    await Campaign.filter(id=other.id).update(state="completed")
    with pytest.raises(rules.CampaignIsOver):
        await commands.enroll_members(other.id, [people[1].id], **DO)


async def test_a_touch_is_recorded_once_and_never_changed() -> None:
    (person,) = await crowd(1)
    campaign = await commands.create_campaign(GIVEN, **DO)
    touch = {"external_id": "t1", "kind": "sent", "occurred_at": NOW, "customer_id": person.id}
    other = {**touch, "external_id": "t2", "kind": "opened"}
    await record_touches(campaign.id, [touch], **DO)
    await record_touches(campaign.id, [other, touch], **DO)
    assert await Touchpoint.all().count() == 2
    assert await Event.filter(topic="campaigns.touchpoint.recorded").count() == 2
    with pytest.raises(rules.AnotherTouch) as refusal:
        await record_touches(campaign.id, [{**touch, "external_id": "t3"}, {**touch, "kind": "opened"}], **DO)
    assert refusal.value.field == ("touches", "1", "external_id")
    assert await Touchpoint.all().count() == 2, "all or none"
    with pytest.raises(Exception, match="append-only"):
        await get_connection("default").execute_query("UPDATE touchpoint SET kind = 'sent'")


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"occurred_at": NOW + timedelta(seconds=1)}, "occurred_at"),
    ({"external_id": ""}, "external_id"),
    ({"customer_id": None}, "customer_id"),
    ({"customer_id": new_id()}, "customer_id"),
    ({"lead_id": new_id()}, "lead_id"),
]


@pytest.mark.parametrize(("change", "field"), WRONG, ids=range(len(WRONG)))
async def test_a_touch_at_fault_is_named_by_its_row(change: dict[str, Any], field: str) -> None:
    (person,) = await crowd(1)
    campaign = await commands.create_campaign(GIVEN, **DO)
    touch = {"external_id": "t1", "kind": "sent", "occurred_at": NOW, "customer_id": person.id}
    with pytest.raises((Invalid, NotFound)) as refusal:
        await record_touches(campaign.id, [touch, {**touch, "external_id": "t2", **change}], **DO)
    assert refusal.value.field == ("touches", "1", field)
    assert await Touchpoint.all().count() == 0
