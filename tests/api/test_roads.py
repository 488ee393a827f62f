"""Both roads give the same answer: the plan of the whole operation, and the executor with Fragments."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from api.graph.executor import execute
from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.feedback.models import FeedbackItem
from domain.orders.models import Order, OrderLine
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}

DOCUMENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "pages": ("{ customers(first: 2) { pageInfo { hasNextPage hasPreviousPage startCursor endCursor __typename } edges { cursor __typename node { id } } totalCount { value precision __typename } } }", {}),
    "backward": ("{ customers(last: 2, orderBy: [{field: COUNTRY, direction: DESC, nulls: FIRST}]) { nodes { name country } pageInfo { hasPreviousPage } } }", {}),
    "aliases": ("{ a: customers(first: 1) { nodes { x: name } } b: customers(last: 1) { nodes { x: externalId } again: nodes { name } } }", {}),
    "fragments": ("query Q($a: Boolean = false) { customers { ...C } } fragment C on CustomerConnection { nodes { ... on Node { id } ...N @include(if: $a) name } } fragment N on Customer { kind }", {"a": True}),
    "variables": ("query Q($where: CustomerWhere, $first: Int, $order: [CustomerOrderBy!]) { customers(where: $where, first: $first, orderBy: $order) { nodes { name } } }",
                  {"where": {"or": [{"name": {"in": ["N1", "N2"]}}, {"orders": {"some": {"totalAmount": {"gt": "1"}}}}]}, "first": 3, "order": [{"field": "NAME", "direction": "DESC"}]}),
    "absent variables": ("query Q($where: CustomerWhere, $first: Int) { customers(where: $where, first: $first) { nodes { name } } }", {}),
    "null variables": ("query Q($where: CustomerWhere, $first: Int) { customers(where: $where, first: $first) { nodes { name } } }", {"where": None, "first": None}),
    "relations": ("{ orders { nodes { total { amount currency __typename } customer { name contacts { nodes { name } } } lines { nodes { quantity amount { amount } product { sku listPrice { amount } } } } } } }", {}),
    "nulls": ("{ feedbackItems { nodes { rating sentiment language order { id } product { name } customer { name } } } }", {}),
    "nothing": ('{ customer(id: "cus_1") { name } viewer { name email } products(where: {sku: {eq: "none"}}) { nodes { id } edges { cursor } } }', {}),
    "nodes": ("query N($ids: [ID!]!, $id: ID!) { nodes(ids: $ids) { id __typename ... on Product { sku } ...C } node(id: $id) { ...C } }  fragment C on Customer { name orders { nodes { id } } }", {"ids": ["x", "cus_0190163d8694739b820155c4ba6b3d05"], "id": "prd_x"}),
    "several": ("{ a: customers(first: 1) { nodes { name } } b: customer(id: \"x\") { name } c: viewer { name } d: products { nodes { sku } } __typename }", {}),
    "refused among others": ("{ viewer { name } a: customer(id: \"x\") { orders(first: 0) { nodes { id } } } b: viewer { email } }", {}),
    "refused cursor among others": ("query Q($c: String!) { viewer { name } feedbackItem(id: \"x\") { id } node(id: \"x\") { ... on Customer { orders(after: $c) { nodes { id } } } } customers(after: $c) { nodes { id } } }", {"c": "rubbish"}),
    "refused page": ("{ customers(first: 0) { nodes { id } } }", {}),
    "refused cursor": ('{ customers(after: "x") { nodes { id } } }', {}),
    "refused filter": ("query Q($where: CustomerWhere) { customers(where: $where) { nodes { id } } }", {"where": {"name": {"eq": None}}}),
}  # fmt: skip


@pytest.fixture
async def house(ada: Graph) -> Graph:
    product = await Product.create(sku="P", name="P", list_price=3, currency="KWD", **STAMPS)
    for number in range(4):
        country = None if number % 2 else "DE"
        customer = await Customer.create(
            external_id=f"C{number}", kind="person", name=f"N{number}", country=country, **STAMPS
        )
        await Contact.create(customer=customer, name="Kim", **STAMPS)
        order = await Order.create(customer=customer, ordered_at=NOW, currency="JPY", total=number, **STAMPS)
        await OrderLine.create(order=order, product=product, position=1, quantity=1, amount=number, **STAMPS)
        moment = NOW - timedelta(days=number)
        await FeedbackItem.create(
            source="case", text="x", received_at=moment, customer=customer if number else None, **STAMPS
        )
    return ada


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_both_roads_say_the_same(house: Graph, name: str) -> None:
    """The `graph` fixture sends every query of every test down both roads; here stand documents made for it."""
    document, variables = DOCUMENTS[name]
    first = await house.answer(document, **variables)
    again = await house.answer(document, **variables)  # from the plan
    assert (first.get("data"), first.get("errors")) == (again.get("data"), again.get("errors"))
    assert ("errors" in first) == name.startswith("refused")


async def test_the_executors_road_is_another(house: Graph) -> None:
    """Which the test above would not notice."""
    with patch("api.graph.engine.execute", wraps=execute) as executor:
        await house.ask("{ customers { nodes { id } } viewer { name } __typename }")
        assert not executor.called
        await house.ask("{ viewer { name } __schema { __typename } }")
        assert executor.called
