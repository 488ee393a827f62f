"""The pipeline through the graph: deals begun, moved and closed, and its board in one statement."""

from typing import Any

import pytest

from tests.domain.pipeline.deals import House, house, product
from tests.graph import Graph

pytestmark = pytest.mark.anyio
CREATE = """mutation ($input: OpportunityCreateInput!) { opportunityCreate(input: $input) { opportunity {
  id name status amount { amount currency } expectedRevenue { amount } probability forecastCategory stage { name }
  owner { name } lines { nodes { quantity unitPrice { amount } amount { amount } } } } userErrors { field message code } } }"""
MOVE = """mutation ($id: ID!, $input: OpportunityMoveStageInput!) { opportunityMoveStage(id: $id, input: $input) {
  opportunity { status probability stage { name } closeReason { name } version
    history { nodes { sequence stage { name } fromStage { name } leftAt movedBy { name } } } }
  userErrors { field message code } } }"""
BOARD = """query ($id: ID!) { pipeline(id: $id) { name stages { nodes { name kind
  opportunitiesAggregate { count sum { amount { amount currency } expectedRevenue { amount } } }
  opportunities(first: 20) { nodes { name amount { amount } closeDate owner { name } customer { name }
    competitors { nodes { competitor { name } note } } } } } } } }"""


def words(statements: list[str]) -> list[str]:
    return [statement.split()[0].rstrip(";") for statement in statements]


@pytest.fixture
async def made(rob: Graph) -> House:
    return await house()


def ids(made: House) -> dict[str, str]:
    return {name: f"stg_{stage.id.hex}" for name, stage in made.stages.items()}


async def begin(graph: Graph, made: House, **given: Any) -> dict[str, Any]:
    values = {
        "name": "A deal",
        "customerId": f"cus_{made.customer.id.hex}",
        "currency": "EUR",
        "closeDate": "2124-06-30",
    }
    answer = (await graph.ask(CREATE, input={**values, **given}))["opportunityCreate"]
    assert answer["userErrors"] == []
    found: dict[str, Any] = answer["opportunity"]
    return found


async def test_a_deal_with_lines(rob: Graph, made: House) -> None:
    line = {"productId": f"prd_{(await product()).id.hex}", "quantity": "3"}
    await begin(rob, made, lines=[line])
    with rob.counting() as statements:
        deal = await begin(rob, made, lines=[line])
    assert deal["amount"] == {"amount": "29.97", "currency": "EUR"}
    assert deal["expectedRevenue"] == {"amount": "3.00"}
    assert (deal["stage"], deal["owner"]) == ({"name": "Qualified"}, {"name": "Rob"})
    assert deal["lines"]["nodes"] == [{"quantity": "3", "unitPrice": {"amount": "9.99"}, "amount": {"amount": "29.97"}}]
    assert words(statements) == ["BEGIN", *["SELECT"] * 5, "WITH", "INSERT", "INSERT", "SELECT", "COMMIT"]


async def test_moves_are_a_handful_of_statements(rob: Graph, made: House) -> None:
    stages = ids(made)
    for _ in range(2):
        deal = await begin(rob, made)
        with rob.counting() as statements:
            moved = (await rob.ask(MOVE, id=deal["id"], input={"stageId": stages["Offered"]}))["opportunityMoveStage"]
    assert moved["userErrors"] == []
    assert moved["opportunity"]["stage"] == {"name": "Offered"}
    assert [(stay["stage"]["name"], stay["leftAt"] is None) for stay in moved["opportunity"]["history"]["nodes"]] == [
        ("Qualified", False),
        ("Offered", True),
    ]
    assert words(statements) == ["BEGIN", "SELECT", "SELECT", "WITH", "WITH", "INSERT", "SELECT", "COMMIT"]


async def test_skipping_and_losing_are_told_how(rob: Graph, made: House) -> None:
    deal, stages = await begin(rob, made), ids(made)
    (error,) = (await rob.ask(MOVE, id=deal["id"], input={"stageId": stages["Won"]}))["opportunityMoveStage"][
        "userErrors"
    ]
    assert (error["field"], error["code"]) == (["input", "note"], "INVALID")
    assert "skips Offered, Agreed" in error["message"]
    (error,) = (await rob.ask(MOVE, id=deal["id"], input={"stageId": stages["Lost"]}))["opportunityMoveStage"][
        "userErrors"
    ]
    assert (error["field"], error["code"]) == (["input", "closeReasonId"], "INVALID")
    given = {"stageId": stages["Lost"], "closeReasonId": f"rsn_{made.lost.id.hex}"}
    lost = (await rob.ask(MOVE, id=deal["id"], input=given))["opportunityMoveStage"]["opportunity"]
    assert (lost["status"], lost["closeReason"]) == ("LOST", {"name": "Price"})


async def test_the_board_is_one_statement(rob: Graph, made: House) -> None:
    key = f"pip_{made.pipeline.id.hex}"
    for amount in ("10", "20"):
        await begin(rob, made, amount=amount)
    await rob.ask(BOARD, id=key)
    with rob.counting() as statements:
        board = (await rob.ask(BOARD, id=key))["pipeline"]
    assert words(statements) == ["SELECT"]
    assert [stage["name"] for stage in board["stages"]["nodes"]] == ["Qualified", "Offered", "Agreed", "Won", "Lost"]
    first = board["stages"]["nodes"][0]
    assert first["opportunitiesAggregate"]["count"] == 2
    assert first["opportunitiesAggregate"]["sum"]["amount"] == [{"amount": "30.00", "currency": "EUR"}]
    assert first["opportunitiesAggregate"]["sum"]["expectedRevenue"] == [{"amount": "3.00"}]


async def test_what_deals_come_to_by_stage_and_owner(rob: Graph, made: House) -> None:
    await begin(rob, made, amount="10")
    query = """{ opportunitiesAggregate { count groups(by: [{field: STAGE}, {field: OWNER}, {field: CURRENCY}]) {
      key { stage { name } owner { name } currency } sum { amount { amount } } } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        (group,) = (await rob.ask(query))["opportunitiesAggregate"]["groups"]
    assert len(statements) == 1
    assert group["key"] == {"stage": {"name": "Qualified"}, "owner": {"name": "Rob"}, "currency": "EUR"}
