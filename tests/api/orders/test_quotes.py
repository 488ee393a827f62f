"""Quotes through the graph: written, sent, accepted as an order under one key, and read with all around them at once."""

import pytest

from domain.kernel.ids import public_id
from domain.orders.models import Order
from tests.domain.orders.test_orders import shop
from tests.graph import Graph

pytestmark = pytest.mark.anyio


async def test_a_quote_becomes_one_order_however_often_the_client_tries(rob: Graph) -> None:
    made = await shop()
    line = {"productId": public_id("prd", made.goods.id), "quantity": "3", "discount": "0.1"}
    given = {"customerId": public_id("cus", made.customer.id), "currency": "EUR", "validUntil": "2124-06-30"}
    create = """mutation ($input: QuoteCreateInput!) { quoteCreate(input: $input) { userErrors { message }
      quote { id number status total { amount } lines { nodes { unitPrice { amount } discount } } } } }"""
    quote = (await rob.ask(create, input={**given, "lines": [line]}))["quoteCreate"]["quote"]
    assert (quote["status"], quote["total"]) == ("DRAFT", {"amount": "25.65"})
    step = """mutation ($id: ID!, $status: QuoteStatus!) { quoteSetStatus(id: $id, input: {status: $status}) {
      quote { status } userErrors { field code message } } }"""
    for status in ("IN_REVIEW", "APPROVED", "SENT"):
        moved = (await rob.ask(step, id=quote["id"], status=status))["quoteSetStatus"]
        assert moved == {"quote": {"status": status}, "userErrors": []}
    (error,) = (await rob.ask(step, id=quote["id"], status="DRAFT"))["quoteSetStatus"]["userErrors"]
    assert (error["field"], error["code"]) == (["input", "status"], "CONFLICT")
    accept = """mutation ($id: ID!, $place: ID!) { quoteAccept(id: $id, input: {locationId: $place}, idempotencyKey: "q")
      { quote { status } order { id status total { amount } } userErrors { message } } }"""
    about = {"id": quote["id"], "place": public_id("loc", made.place.id)}
    first = (await rob.ask(accept, **about))["quoteAccept"]
    assert first["quote"] == {"status": "ACCEPTED"}
    assert (await rob.ask(accept, **about))["quoteAccept"] == first
    assert await Order.all().count() == 1
    query = """{ quotes { nodes { number customer { name quotes { nodes { number } } } order { id quote { number } }
      lines { nodes { product { sku } amount { amount } } } } } quotesAggregate { count sum { total { amount } } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        (found,) = (await rob.ask(query))["quotes"]["nodes"]
    assert [statement.split()[0] for statement in statements] == ["SELECT"]
    assert found["order"] == {"id": first["order"]["id"], "quote": {"number": quote["number"]}}
