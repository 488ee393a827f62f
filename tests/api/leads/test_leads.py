"""Leads and activities through the graph: taken in, qualified, converted, and what was done with them."""

import pytest

from tests.domain.pipeline.deals import house
from tests.graph import Graph

pytestmark = pytest.mark.anyio
CREATE = """mutation ($input: LeadCreateInput!) { leadCreate(input: $input) {
  lead { id status owner { name } } userErrors { field message code } } }"""
STATUS = """mutation ($id: ID!, $input: LeadSetStatusInput!) { leadSetStatus(id: $id, input: $input) {
  lead { status disqualifyReason } userErrors { field message code } } }"""
CONVERT = """mutation ($id: ID!, $input: LeadConvertInput!, $once: String) {
  leadConvert(id: $id, input: $input, idempotencyKey: $once) {
    lead { status customer { name kind } contact { name } opportunity { name source amount { amount } stage { name } } }
    userErrors { field message code } } }"""
DEAL = {"name": "Chairs", "currency": "EUR", "closeDate": "2124-06-30", "amount": "900"}
PLAN = """mutation ($input: ActivityCreateInput!) { activityCreate(input: $input) {
  activity { id state lead { name } owner { name } } userErrors { field message code } } }"""


def words(statements: list[str]) -> list[str]:
    return [statement.split()[0].rstrip(";") for statement in statements]


async def taken(graph: Graph, name: str = "Kim") -> str:
    made = (await graph.ask(CREATE, input={"name": name, "source": "WEBSITE", "company": "Acme"}))["leadCreate"]
    assert (made["lead"]["status"], made["lead"]["owner"]) == ("NEW", {"name": "Rob"})
    key: str = made["lead"]["id"]
    return key


async def test_from_first_sign_to_a_deal(rob: Graph) -> None:
    await house()
    key = await taken(rob)
    (error,) = (await rob.ask(CONVERT, id=key, input={"opportunity": DEAL}))["leadConvert"]["userErrors"]
    assert (error["field"], error["code"]) == (["id"], "CONFLICT")
    assert error["message"] == "The lead is new; qualify it before you convert it."
    assert (await rob.ask(STATUS, id=key, input={"status": "QUALIFIED"}))["leadSetStatus"]["userErrors"] == []
    done = [await rob.ask(CONVERT, id=key, input={"opportunity": DEAL}, once="k") for _ in range(2)]
    assert done[0] == done[1]
    assert done[0]["leadConvert"]["lead"] == {
        "status": "CONVERTED",
        "customer": {"name": "Acme", "kind": "COMPANY"},
        "contact": {"name": "Kim"},
        "opportunity": {
            "name": "Chairs", "source": "WEBSITE", "amount": {"amount": "900.00"}, "stage": {"name": "Qualified"}
        },
    }  # fmt: skip
    bad = {**DEAL, "currency": "euro"}
    other = await taken(rob, "Lea")
    await rob.ask(STATUS, id=other, input={"status": "QUALIFIED"})
    (error,) = (await rob.ask(CONVERT, id=other, input={"opportunity": bad}))["leadConvert"]["userErrors"]
    assert error["field"] == ["input", "opportunity", "currency"]


async def test_leads_are_read_with_their_activities_and_counted(rob: Graph) -> None:
    await house()
    key = await taken(rob)
    plan = {"kind": "CALL", "subject": "Needs", "dueAt": "2124-05-02T09:00:00Z", "leadId": key}
    planned = (await rob.ask(PLAN, input=plan))["activityCreate"]["activity"]
    assert (planned["state"], planned["lead"], planned["owner"]) == ("PLANNED", {"name": "Kim"}, {"name": "Rob"})
    complete = """mutation ($id: ID!) { activityComplete(id: $id, input: {outcome: "Wants a quote.", durationMinutes: 15}) {
      activity { state outcome } userErrors { message } } }"""
    done = (await rob.ask(complete, id=planned["id"]))["activityComplete"]
    assert done["activity"] == {"state": "DONE", "outcome": "Wants a quote."}
    query = """{ leads(search: "kim", where: {status: {eq: NEW}}) { nodes { name activities { nodes { subject state } } } }
      leadsAggregate { groups(by: [{field: STATUS}, {field: SOURCE}]) { key { status source } count } }
      activitiesAggregate { count sum { durationMinutes } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        found = await rob.ask(query)
    assert words(statements) == ["SELECT"]
    assert found["leads"]["nodes"] == [
        {"name": "Kim", "activities": {"nodes": [{"subject": "Needs", "state": "DONE"}]}}
    ]
    assert found["leadsAggregate"]["groups"] == [{"key": {"status": "NEW", "source": "WEBSITE"}, "count": 1}]
    assert found["activitiesAggregate"] == {"count": 1, "sum": {"durationMinutes": "15"}}


async def test_a_cohort_is_one_statement(rob: Graph) -> None:
    await taken(rob)
    query = """{ leadConversion(start: "2020-01-01", end: "2100-01-01") {
      source leadCount qualifiedCount convertedCount rate low high } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        found = (await rob.ask(query))["leadConversion"]
    assert words(statements) == ["SELECT"]
    assert [(each["source"], each["leadCount"], each["rate"]) for each in found] == [("WEBSITE", 1, 0), (None, 1, 0)]
