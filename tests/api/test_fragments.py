"""Fragments on interfaces and objects, in every combination: as the specification collects fields (6.3.2)."""

import json
from typing import Any

import pytest
from tortoise.connection import get_connection

from domain.customers.models import Contact, Customer
from domain.feedback.models import FeedbackTheme
from domain.jobs.models import Job
from domain.kernel.ids import public_id
from domain.orders.models import Order
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


@pytest.fixture
async def ids(ada: Graph) -> dict[str, str]:
    customer = await Customer.create(kind="person", name="N", **STAMPS)
    contact = await Contact.create(customer=customer, name="K", **STAMPS)
    order = await Order.create(customer=customer, ordered_at=NOW, currency="EUR", total=1, **STAMPS)
    return {
        "customer": public_id("cus", customer.id),
        "contact": public_id("con", contact.id),
        "order": public_id("ord", order.id),
    }


ID, NAME, KIND = "<customer>", {"name": "N"}, {"kind": "PERSON"}
COMBINED: dict[str, tuple[str, dict[str, Any]]] = {
    "on the interface": ("... on Node { id }", {"id": ID}),
    "on the type": ("... on Customer { name }", NAME),
    "on the type within the interface": ("... on Node { id ... on Customer { name } }", {"id": ID, **NAME}),
    "on the interface within the type": ("... on Customer { ... on Node { id } name }", {"id": ID, **NAME}),
    "without a condition": ("... { id ... { ... { __typename } } }", {"id": ID, "__typename": "Customer"}),
    "without a condition, skipped": ("id ... @skip(if: true) { __typename }", {"id": ID}),
    "by name": ("...N", {"id": ID, **NAME, **KIND, "__typename": "Customer"}),
    "twice by name": ("...C ...N ...C", {**NAME, **KIND, "id": ID, "__typename": "Customer"}),
    "skipped once, spread once": ("...C @skip(if: true) ...C", {**NAME, **KIND}),
    "left out by a variable": ("id ...C @include(if: $no)", {"id": ID}),
    "on another type": ("id ... on Node { ... on Product { sku } ...P }", {"id": ID}),
    "only on another type": ("... on Node { ... on Product { sku } }", {}),
    "the same field twice": ("id id ... on Node { id } ... on Customer { id }", {"id": ID}),
    "the same alias of the same field": ("x: id ... on Node { x: id } y: id", {"x": ID, "y": ID}),
    "the same alias of another field elsewhere": ("... on Node { ... on Customer { x: name } ... on Product { x: sku } }", {"x": "N"}),
    "parts of one record": (
        "... on Customer { contacts { nodes { customer { id } } } } ... on Customer { contacts { nodes { customer { name } name } } }",
        {"contacts": {"nodes": [{"customer": {"id": ID, **NAME}, "name": "K"}]}},
    ),
    "in lists and records": (
        "... on Customer { contacts { edges { node { __typename ... on Node { id } ...K } } nodes { customer { ...N } } } }",
        {"contacts": {"edges": [{"node": {"__typename": "Contact", "id": "<contact>", "customer": {"id": ID}}}], "nodes": [{"customer": {"id": ID, **NAME, **KIND, "__typename": "Customer"}}]}},
    ),
    "names everywhere": (
        "... on Customer { __typename contacts { __typename edges { __typename node { __typename } } pageInfo { __typename } totalCount { __typename } } orders { nodes { total { __typename } } } ordersAggregate { __typename sum { __typename total { __typename } } groups(by: {field: CURRENCY}, first: 2) { __typename key { __typename } max { t: __typename } } } }",
        {
            "__typename": "Customer",
            "contacts": {
                "__typename": "ContactConnection",
                "edges": [{"__typename": "ContactEdge", "node": {"__typename": "Contact"}}],
                "pageInfo": {"__typename": "PageInfo"},
                "totalCount": {"__typename": "TotalCount"},
            },
            "orders": {"nodes": [{"total": {"__typename": "Money"}}]},
            "ordersAggregate": {
                "__typename": "OrderAggregate",
                "sum": {"__typename": "OrderNumbers", "total": [{"__typename": "Money"}]},
                "groups": [{"__typename": "OrderGroup", "key": {"__typename": "OrderGroupKey"}, "max": {"t": "OrderBounds"}}],
            },
        },
    ),
}  # fmt: skip
"""By what they do: fragments on a Customer, and what comes of them."""


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(inner, ids) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, ids) for inner in value]
    return ids[value[1:-1]] if isinstance(value, str) and value.startswith("<") else value


def document(fields: str, root: str) -> str:
    """A document with those of the fragments that it uses, directly or not."""
    fragments = {
        "N": "fragment N on Node { id ...C __typename }",
        "C": "fragment C on Customer { name ...D }",
        "D": "fragment D on Node { ... on Customer { kind } }",
        "P": "fragment P on Product { sku name }",
        "K": "fragment K on Contact { customer { ... on Node { id } } }",
    }
    used: list[str] = []
    waiting = [fields]
    while waiting:
        text = waiting.pop()
        for name, fragment in fragments.items():
            if f"...{name}" in text and fragment not in used:
                used.append(fragment)
                waiting.append(fragment)
    return f"query ($customer: ID!, $no: Boolean = false) {{ found: {root} {{ {fields} }} left: viewer {{ name @include(if: $no) id }} }} {' '.join(used)}"


@pytest.mark.parametrize("root", ["node(id: $customer)", "nodes(ids: [$customer])"])
@pytest.mark.parametrize("name", COMBINED)
async def test_fragments_on_any_record(ada: Graph, ids: dict[str, str], name: str, root: str) -> None:
    fields, expected = COMBINED[name]
    for _ in range(2):
        found = (await ada.ask(document(fields, root), customer=ids["customer"]))["found"]
        (found,) = found if isinstance(found, list) else [found]
        assert found == filled(expected, ids)
        assert list(found) == list(expected)  # in the order of the document


WITHIN = {name: case for name, case in COMBINED.items() if "Product" not in case[0] and "...P" not in case[0]}


@pytest.mark.parametrize("name", WITHIN)
async def test_fragments_within_a_record(ada: Graph, ids: dict[str, str], name: str) -> None:
    fields, expected = COMBINED[name]
    query = document(fields, "customer(id: $customer)")
    assert (await ada.ask(query, customer=ids["customer"]))["found"] == filled(expected, ids)
    page = document(f"nodes {{ {fields} }} edges {{ node {{ {fields} }} }}", "customers(first: 2)")
    found = (await ada.ask(page.replace("$customer: ID!, ", "")))["found"]
    assert found == {"nodes": [filled(expected, ids)], "edges": [{"node": filled(expected, ids)}]}


async def test_each_record_takes_what_is_meant_for_its_type(ada: Graph, ids: dict[str, str]) -> None:
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) { __typename ... on Customer { it: name } ... on Contact { it: customer { name } }
      ... on Order { it: total { amount } } ... on Node { id } } }"""
    asked = [ids["order"], "rubbish", ids["contact"], ids["customer"], ids["order"]]
    order = {"__typename": "Order", "it": {"amount": "1.00"}, "id": ids["order"]}
    contact = {"__typename": "Contact", "it": {"name": "N"}, "id": ids["contact"]}
    customer = {"__typename": "Customer", "it": "N", "id": ids["customer"]}
    # on types that exclude each other, one key may stand for several fields, but not for several shapes (spec, 5.3.2)
    assert (await ada.answer(query, ids=asked))["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    query = query.replace("it: customer { name }", "who: customer { name }").replace(
        "it: total { amount }", "worth: total { amount }"
    )
    del contact["it"], order["it"]
    contact["who"], order["worth"] = {"name": "N"}, {"amount": "1.00"}
    data = await ada.ask(query, ids=asked)
    assert data["nodes"] == [order, None, contact, customer, order]


@pytest.mark.parametrize(
    "query",
    [
        "{ customers { nodes { ... on Product { sku } } } }",
        "{ customers { nodes { ...P } } } fragment P on Product { sku }",
        "{ customers { ... on Node { id } } }",
        '{ node(id: "x") { name } }',
        '{ node(id: "x") { ... on OrderNumbers { total { amount } } } }',
        "{ customers { nodes { x: name x: kind } } }",
    ],
)
async def test_what_can_never_match_is_refused(ada: Graph, query: str) -> None:
    assert await ada.code(query) == "GRAPHQL_VALIDATION_FAILED"


async def test_content_of_the_users_own_passes_untouched(ada: Graph) -> None:
    """JSON: nested, odd, too large for floats, NULL in the table, and null in the JSON."""
    contents = [
        '{"": [1, 2.50, null, {"a\\"b": "\\\\ 名"}], "big": 123456789012345678901234567890}',
        "null",
        "[]",
        '"x"',
        "0",
        None,
    ]
    for place, content in enumerate(contents):
        job = await Job.create(kind=f"{place}", payload={}, run_at=NOW, **STAMPS)
        sql = "UPDATE job SET payload = coalesce($1, '{}')::jsonb, result = $1::jsonb WHERE id = $2"
        await get_connection("default").execute_query(sql, [content, job.id])
    await FeedbackTheme.create(language="zh", label="x", phrases=["好", 'a"b'], **STAMPS)
    query = "{ jobs(orderBy: [{field: KIND}]) { nodes { payload result } } feedbackThemes { nodes { phrases } } }"
    data = await ada.ask(query)
    expected = [(json.loads(content or "{}"), json.loads(content or "null")) for content in contents]
    assert [(node["payload"], node["result"]) for node in data["jobs"]["nodes"]] == expected
    assert data["feedbackThemes"]["nodes"] == [{"phrases": ["好", 'a"b']}]
