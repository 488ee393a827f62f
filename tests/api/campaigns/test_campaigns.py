"""Segments and campaigns through the graph: saved, joined, touched, paid for, credited; a screen in one statement."""

import pytest

from domain.attribution.computing import credit_next
from domain.attribution.results import sum_up
from domain.customers.models import Customer
from domain.jobs.models import Job
from domain.kernel.ids import public_id
from domain.pipeline.moves import move_opportunity
from domain.segments.commands import refresh_segment
from domain.segments.models import Segment
from tests.domain.pipeline.deals import DO, STAMPS, house
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio


async def test_a_segment_is_saved_and_its_members_are_looked_for(rob: Graph) -> None:
    await Customer.create(kind="person", name="Ann", **STAMPS)
    await Customer.create(kind="company", name="Bo", **STAMPS)
    create = """mutation ($input: SegmentCreateInput!) { segmentCreate(input: $input) {
      segment { id predicate memberCount } userErrors { field message code } } }"""
    person = {"condition": {"field": "KIND", "operator": "IN", "values": ["person"]}}
    buys = {"condition": {"field": "ORDER_COUNT", "operator": "AT_LEAST", "values": ["1"], "withinDays": 30}}
    given = {"name": "People", "predicate": {"all": [person, {"not": buys}]}}
    made = (await rob.ask(create, input=given))["segmentCreate"]
    assert made["userErrors"] == []
    stored = {"field": "order_count", "operator": "at_least", "values": ["1"], "within_days": 30}
    assert made["segment"]["predicate"]["all"][1] == {"not": {"condition": stored}}
    segment = await Segment.get()
    (job,) = await Job.filter(kind="segments.refresh")
    assert job.payload == {"segment_id": str(segment.id)}
    await refresh_segment(segment.id, **DO)
    query = """{ segments { nodes { name memberCount refreshedAt members { nodes { customer { name } leftAt } } } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        (found,) = (await rob.ask(query))["segments"]["nodes"]
    assert [statement.split()[0] for statement in statements] == ["SELECT"]
    assert (found["memberCount"], found["members"]["nodes"]) == (1, [{"customer": {"name": "Ann"}, "leftAt": None}])
    wrong = {"name": "Wrong", "predicate": {"all": [{"condition": {**buys["condition"], "values": ["many"]}}]}}
    (error,) = (await rob.ask(create, input=wrong))["segmentCreate"]["userErrors"]
    assert error["field"] == ["input", "predicate", "all", "0", "condition", "values", "0"]


async def test_a_campaign_from_its_plan_to_its_return(rob: Graph) -> None:
    made = await house()
    deal = await made.deal(amount="100")
    buyer = public_id("cus", made.customer.id)
    create = """mutation { campaignCreate(input: {name: "Spring", kind: WEBINAR, startsOn: "2024-04-01",
      endsOn: "2024-05-31", currency: "EUR", budget: "80", holdoutShare: "0.1"}) {
        campaign { id state budget { amount } } userErrors { message } } }"""
    campaign = (await rob.ask(create))["campaignCreate"]["campaign"]
    assert campaign["budget"] == {"amount": "80.00"}
    state = """mutation ($id: ID!) { campaignSetState(id: $id, input: {state: ACTIVE}) { campaign { state } } }"""
    assert (await rob.ask(state, id=campaign["id"]))["campaignSetState"]["campaign"] == {"state": "ACTIVE"}
    enroll = """mutation ($id: ID!, $who: ID!) { campaignEnroll(id: $id, input: {customerIds: [$who]}) {
      campaign { members { nodes { customer { name } } } } userErrors { message } } }"""
    joined = (await rob.ask(enroll, id=campaign["id"], who=buyer))["campaignEnroll"]["campaign"]
    assert joined == {"members": {"nodes": [{"customer": {"name": "Acme"}}]}}
    cost = """mutation ($id: ID!) { campaignRecordCost(id: $id, input: {incurredOn: "2024-04-02", amount: "50",
      description: "Speaker"}, idempotencyKey: "c1") { campaign { cost { amount } } userErrors { message } } }"""
    for _ in range(2):
        assert (await rob.ask(cost, id=campaign["id"]))["campaignRecordCost"]["campaign"] == {
            "cost": {"amount": "50.00"}
        }
    touch = """mutation ($id: ID!, $who: ID!) { campaignRecordTouches(id: $id, input: {touches: [
      {externalId: "t1", kind: ATTENDED, occurredAt: "2024-04-20T09:00:00Z", customerId: $who}]}) {
        campaign { touchpointsAggregate { count } } userErrors { field message } } }"""
    for _ in range(2):
        touched = (await rob.ask(touch, id=campaign["id"], who=buyer))["campaignRecordTouches"]
        assert touched == {"campaign": {"touchpointsAggregate": {"count": 1}}, "userErrors": []}
    await move_opportunity(deal.id, made.stages["Won"].id, {"note": "N"}, **DO)
    await credit_next(NOW)
    await sum_up(NOW)
    query = """{ campaigns { nodes { name cost { amount } membersAggregate { count }
      touchpoints { nodes { kind customer { name } } } holdoutEffect { difference }
      results { nodes { model dealCount revenue { amount } returnOnMargin } } } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        (found,) = (await rob.ask(query))["campaigns"]["nodes"]
    assert [statement.split()[0] for statement in statements] == ["SELECT"]
    results = found["results"]["nodes"]
    assert sorted(row["model"] for row in results) == ["FIRST", "LAST", "LINEAR", "POSITION", "TIME_DECAY"]
    assert {row["revenue"]["amount"] for row in results} == {"100.00"}
    credited = """{ attributionCreditsAggregate(where: {model: {eq: LINEAR}}) { count groups(by: [{field: CAMPAIGN}]) {
      key { campaign { name } } sum { revenue { amount } } } } }"""
    (group,) = (await rob.ask(credited))["attributionCreditsAggregate"]["groups"]
    assert group["key"] == {"campaign": {"name": "Spring"}}
