"""Orders through the graph: written, promised, allocated, shipped in parts and delivered; and how well in one statement."""

from datetime import timedelta
from typing import Any

import pytest

from domain.kernel.actor import SYSTEM
from domain.kernel.ids import public_id
from domain.orders import commands
from domain.orders.deliveries import deliver_shipment, ship_order
from tests.domain.inventory.house import books_balance
from tests.domain.orders.test_orders import PROMISED, Shop, shop
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
CREATE = """mutation ($input: OrderCreateInput!) { orderCreate(input: $input) {
  order { id status total { amount currency } lines { nodes { id quantity amount { amount } unitCost { amount } } } }
  userErrors { field message code } } }"""


def words(statements: list[str]) -> list[str]:
    return [statement.split()[0].rstrip(";") for statement in statements]


@pytest.fixture
async def made(rob: Graph) -> Shop:
    return await shop()


async def ordered(graph: Graph, made: Shop, *quantities: str) -> dict[str, Any]:
    lines = [{"productId": public_id("prd", made.goods.id), "quantity": each} for each in quantities]
    about = {"customerId": public_id("cus", made.customer.id), "locationId": public_id("loc", made.place.id)}
    answer = (await graph.ask(CREATE, input={**about, "currency": "EUR", "lines": lines}))["orderCreate"]
    assert answer["userErrors"] == []
    order: dict[str, Any] = answer["order"]
    return order


async def do(graph: Graph, verb: str, key: str, selected: str = "order { status }", **given: Any) -> Any:
    name = f"order{verb}"
    declared = f", $input: Order{verb}Input!" if given or verb == "Ship" else ""
    handed = ", input: $input" if declared else ""
    query = f"mutation ($id: ID!{declared}) {{ {name}(id: $id{handed}) {{ {selected} userErrors {{ field message code }} }} }}"
    variables: dict[str, Any] = {"id": key} | ({"input": given} if declared else {})
    return (await graph.ask(query, **variables))[name]


async def test_from_draft_to_delivery(rob: Graph, made: Shop) -> None:
    order = await ordered(rob, made, "6", "2")
    assert (order["status"], order["total"]) == ("DRAFT", {"amount": "76.00", "currency": "EUR"})
    assert order["lines"]["nodes"][0]["unitCost"] == {"amount": "4.00"}
    key = order["id"]
    confirmed = await do(rob, "Confirm", key, "order { status promisedOn expectedOn }", promisedOn="2124-06-30")
    assert confirmed["order"] == {"status": "CONFIRMED", "promisedOn": "2124-06-30", "expectedOn": "2124-06-30"}
    with rob.counting() as statements:
        assert (await do(rob, "Allocate", key))["order"] == {"status": "ALLOCATED"}
    assert len(statements) <= 11
    part = [{"lineId": order["lines"]["nodes"][0]["id"], "quantity": "4"}]
    shipped = await do(rob, "Ship", key, "order { status } shipment { id lines { nodes { quantity } } }", lines=part)
    assert shipped["order"] == {"status": "PARTIALLY_SHIPPED"}
    assert shipped["shipment"]["lines"]["nodes"] == [{"quantity": "4"}]
    rest = await do(rob, "Ship", key, "order { status } shipment { id }")
    assert rest["order"] == {"status": "SHIPPED"}
    deliver = """mutation ($id: ID!) { shipmentDeliver(shipmentId: $id, input: {}) { order { status
      lines { nodes { shipped delivered } } } userErrors { message } } }"""
    await rob.ask(deliver, id=shipped["shipment"]["id"])
    done = (await rob.ask(deliver, id=rest["shipment"]["id"]))["shipmentDeliver"]["order"]
    assert done["status"] == "DELIVERED"
    assert done["lines"]["nodes"] == [{"shipped": "6", "delivered": "6"}, {"shipped": "2", "delivered": "2"}]
    await books_balance()
    query = """{ orders(where: {status: {eq: DELIVERED}}) { nodes { id location { code } shipments { nodes { shippedAt
      lines { nodes { quantity orderLine { position } } } } } } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        (found,) = (await rob.ask(query))["orders"]["nodes"]
    assert words(statements) == ["SELECT"]
    assert (found["location"], len(found["shipments"]["nodes"])) == ({"code": "MAIN"}, 2)


async def test_too_little_stock_is_told_and_nothing_reserved(rob: Graph, made: Shop) -> None:
    key = (await ordered(rob, made, "11"))["id"]
    await do(rob, "Confirm", key, promisedOn="2124-06-30")
    (error,) = (await do(rob, "Allocate", key))["userErrors"]
    assert (error["field"], error["code"]) == (["id"], "CONFLICT")
    assert "10" in error["message"]
    cancelled = await do(rob, "Cancel", key, "order { status cancelReason }", reason="No stock.")
    assert cancelled["order"] == {"status": "CANCELLED", "cancelReason": "No stock."}


async def test_delivery_is_judged_by_the_first_promise_in_one_statement(rob: Graph, made: Shop) -> None:
    for days in (1, 9, None):
        order = await made.allocated(2)
        if days:
            at = NOW + timedelta(days=days)
            _, shipment = await ship_order(order.id, {}, by=SYSTEM, at=at)
            await deliver_shipment(shipment.id, by=SYSTEM, at=at)
        else:
            await commands.postpone_order(order.id, PROMISED + timedelta(days=90), by=SYSTEM, at=NOW)
    query = """{ deliveryPerformance(start: "2024-05-01", end: "2024-06-01") { dueOrderCount onTimeOrderCount
      onTimeInFullOrderCount onTimeInFullRate low high fillRate } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        found = (await rob.ask(query))["deliveryPerformance"]
    assert words(statements) == ["WITH"]
    assert (found["dueOrderCount"], found["onTimeOrderCount"], found["onTimeInFullOrderCount"]) == (3, 1, 1)
    assert found["onTimeInFullRate"] == pytest.approx(1 / 3)
    assert found["low"] < 1 / 3 < found["high"]
    assert found["fillRate"] == pytest.approx(2 / 6)
