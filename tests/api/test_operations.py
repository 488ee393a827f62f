"""A whole operation is one statement: one round trip, one snapshot, and a plan that is kept."""

import gc
import tracemalloc
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from api.graph.budget import Cost
from api.graph.documents import Documents
from api.graph.plans import Plan
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


def documents_of(graph: Graph) -> Documents:
    roads: Any = graph.roads
    documents: Documents = roads.engine.documents
    return documents


async def test_many_documents_leave_the_memory_bounded(ada: Graph) -> None:
    """Each document is another; what is kept of them stays within its bounds, plans as long as their documents."""
    documents = documents_of(ada)
    for number in range(700):
        await ada.ask(f"{{ a{number}: customers(first: 1) {{ nodes {{ id n{number}: name }} }} }}")
    plans = documents._plans
    assert 0 < plans._bytes == sum(weight for _, weight in plans._kept.values()) <= plans._most_bytes
    assert len(documents._kept) <= 500
    assert documents._characters <= 150_000
    numbers = {prepared.number for prepared in documents._kept.values()}
    assert {number for number, *_ in plans._kept} <= numbers


async def test_a_stream_of_refused_mutations_leaves_the_memory_bounded(ada: Graph) -> None:
    """These hold most for what they count as: many fields, no SQL."""
    fields = " ".join(f"a{number}: message" for number in range(230))
    login = 'mutation {{ m{}: login(input: {{email: "x", password: ""}}) {{ userErrors {{ {} }} }} }}'
    await ada.ask(login.format("", fields))
    tracemalloc.start()
    try:
        for number in range(150):
            await ada.answer(login.format(number, fields))
        ada.asked.clear()
        gc.collect()
        now, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < 30 * 1024 * 1024


async def test_many_shapes_of_one_document_leave_the_memory_bounded(ada: Graph) -> None:
    """A plan holds the values of its document, converted."""
    ids = ", ".join(f'"{public_id("cus", UUID(int=number))}"' for number in range(700))
    names = [f"b{number}" for number in range(8)]
    shapes = list(product((False, True), repeat=len(names)))
    variables = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: name @include(if: ${name})" for name in names)
    query = (
        f"query Q({variables}) {{ customers(first: 1, where: {{id: {{in: [{ids}]}}}}) {{ nodes {{ id {fields} }} }} }}"
    )
    await ada.ask(query, **dict.fromkeys(names, True))
    tracemalloc.start()
    try:
        for shape in shapes:
            await ada.ask(query, **dict(zip(names, shape, strict=True)))
        ada.asked.clear()
        gc.collect()
        now, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert now < 10 * 1024 * 1024


async def test_a_document_too_long_to_keep_leaves_no_plan(ada: Graph) -> None:
    documents = documents_of(ada)
    before = len(documents._plans._kept)
    for _ in range(2):
        await ada.ask("{ customers(first: 1) { nodes { id } } } #" + "x" * 40_000)
    assert len(documents._plans._kept) == before


async def test_a_document_that_made_room_while_in_use_finds_its_plans(ada: Graph) -> None:
    """Such is that of a subscription, which would compile for each event."""
    documents = documents_of(ada)
    prepared = documents.prepared("{ customers(first: 1) { nodes { id } } }")
    prepared.plans.keep((prepared.number, "x"), Plan("SELECT 1", (), Cost()), tokens=1)
    for number in range(501):
        documents.prepared(f"{{ a{number}: __typename }}")
    assert prepared.plans is not documents._plans
    assert prepared.plans.find((prepared.number, "x")) is None
    prepared.plans.keep((prepared.number, "x"), made := Plan("SELECT 1", (), Cost()), tokens=1)
    assert prepared.plans.find((prepared.number, "x")) is made
    assert documents._plans.find((prepared.number, "x")) is None
