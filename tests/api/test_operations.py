"""A whole operation is one statement: one round trip, one snapshot, and a plan that is kept."""

from typing import Any

import pytest

from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.kernel.ids import public_id
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


async def test_all_roots_are_one_statement(ada: Graph) -> None:
    customer = await Customer.create(kind="person", name="Kim", **STAMPS)
    key = public_id("cus", customer.id)
    query = "query Q($id: ID!) { viewer { name } a: customers { nodes { name } } b: customer(id: $id) { name } node(id: $id) { id } products { totalCount { value } nodes { id } } }"
    await ada.ask(query, id=key)
    with ada.counting() as statements:
        answer = await ada.ask(query, id=key)
    assert len(statements) == 1
    assert answer["a"]["nodes"] == [answer["b"]] == [{"name": "Kim"}]
    assert answer["node"] == {"id": key}


async def test_records_of_all_types_are_one_statement_in_the_order_of_their_ids(ada: Graph) -> None:
    kim = await Customer.create(kind="person", name="Kim", **STAMPS)
    chair = await Product.create(sku="CH", name="Chair", list_price=3, currency="EUR", **STAMPS)
    customer, product = public_id("cus", kim.id), public_id("prd", chair.id)
    forged, unknown = public_id("prd", kim.id), public_id("xyz", kim.id)
    query = (
        "query Q($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Customer { name } ... on Product { sku } } }"
    )
    ids = [product, "rubbish", customer, forged, unknown, product]
    await ada.ask(query, ids=ids)
    with ada.counting() as statements:
        answer = await ada.ask(query, ids=ids)
    assert len(statements) == 1
    a_product = {"__typename": "Product", "id": product, "sku": "CH"}
    assert answer["nodes"] == [
        a_product,
        None,
        {"__typename": "Customer", "id": customer, "name": "Kim"},
        None,
        None,
        a_product,
    ]
    assert await ada.ask(query, ids=[]) == {"nodes": []}
    assert await ada.code(query, ids=[customer] * 101) == "BAD_USER_INPUT"


async def test_a_plan_serves_ids_of_one_type_only(ada: Graph) -> None:
    kim = await Customer.create(kind="person", name="Kim", **STAMPS)
    chair = await Product.create(sku="CH", name="Chair", list_price=3, currency="EUR", **STAMPS)
    query = "query Q($id: ID!) { node(id: $id) { __typename } }"
    for record, name in ((kim, "Customer"), (chair, "Product"), (kim, "Customer")):
        assert await ada.ask(query, id=public_id(record.prefix, record.id)) == {"node": {"__typename": name}}


async def test_a_cursor_of_another_list_spoils_only_its_own_field(ada: Graph) -> None:
    await Customer.create(kind="person", name="Kim", **STAMPS)
    query = 'query Q($after: String) { viewer { name } customer(id: "x") { id } node(id: "x") { id } products(after: $after) { nodes { id } } }'
    answer = await ada.answer(query, after="rubbish")
    assert answer["data"] is None  # `products` may not be null
    assert [error["path"] for error in answer["errors"]] == [["products"]]
    assert answer["errors"][0]["extensions"]["code"] == "BAD_CURSOR"


async def test_a_value_that_postgresql_refuses_spoils_only_its_own_field(ada: Graph) -> None:
    kim = await Customer.create(kind="person", name="Kim", **STAMPS)
    query = "query Q($id: ID!, $text: String!) { viewer { name } customer(id: $id) { name orders(where: {externalId: {eq: $text}}) { nodes { id } } } }"
    answer = await ada.answer(query, id=public_id("cus", kim.id), text="a\0b")
    assert answer["data"] == {"viewer": {"name": "Ada"}, "customer": None}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["customer"], "BAD_USER_INPUT")


async def test_many_documents_leave_the_memory_bounded(ada: Graph) -> None:
    """Each document is another; what is kept of them stays within its bounds."""
    roads: Any = ada.roads
    engine = roads.engine
    for number in range(700):
        await ada.ask(f"{{ a{number}: customers(first: 1) {{ nodes {{ id n{number}: name }} }} }}")
    assert engine.plans._bytes <= engine.plans._most_bytes
    assert len(engine.documents._kept) <= 500
    assert engine.documents._characters <= 150_000
