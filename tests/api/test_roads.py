"""Both roads give the same answer: the plan of the whole operation, and the executor with Fragments."""

import re
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import orjson
import pytest

from api.graph.executor import execute
from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.feedback.models import FeedbackItem
from domain.jobs.models import Job
from domain.kernel.events import Event
from domain.kernel.idempotency import IdempotencyKey
from domain.kernel.ids import public_id
from domain.orders.models import Order, OrderLine
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
UNLIKE = re.compile(r"[a-z]{3}_[0-9a-f]{32}|\d{4}-\d\d-\d\dT[0-9:.]+(Z|\+00:00)|[0-9a-f]{32}")
"""What is different from one time to the next: ids, moments, the numbers of incidents."""
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


CREATE, UPDATE = "mutation M($input: CustomerCreateInput!)", "mutation M($id: ID!, $input: CustomerUpdateInput!)"
MUTATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "create": (CREATE + " { made: customerCreate(input: $input) { customer { id name kind version createdAt } userErrors { field message code __typename } __typename } }", {"input": {"kind": "PERSON", "name": "A"}}),
    "literals": ('mutation { customerCreate(input: {kind: COMPANY, name: "A", city: null}, idempotencyKey: null) { customer { kind city } } }', {}),
    "fragments": (CREATE + " { customerCreate(input: $input) { ...P } } fragment P on CustomerCreatePayload { customer { ...N on2: name } e: userErrors { c: code } ... on CustomerCreatePayload { t: __typename } } fragment N on Node { id }", {"input": {"kind": "PERSON", "name": "A"}}),
    "skipped": ("mutation M($input: CustomerCreateInput!, $no: Boolean!) { customerCreate(input: $input) { customer @include(if: $no) { name } userErrors @skip(if: $no) { code } } }", {"input": {"kind": "PERSON", "name": "A"}, "no": False}),
    "relations": (UPDATE + " { customerUpdate(id: $id, input: $input) { customer { name contacts { nodes { name } } orders(first: 1) { nodes { total { amount } } totalCount { value } } } } }", {"input": {"city": "Ulm"}}),
    "its own table": (UPDATE + " { customerUpdate(id: $id, input: $input) { customer { name orders { nodes { customer { city } } } } } }", {"input": {"city": "Ulm"}}),
    "twice": (UPDATE + " { customerUpdate(id: $id, input: $input) { a: customer { name } b: customer { city } } }", {"input": {"city": "Ulm"}}),
    "two fields": (UPDATE + " { a: customerUpdate(id: $id, input: $input) { customer { version } } b: customerUpdate(id: $id, input: $input) { customer { version } } }", {"input": {"city": "Ulm"}}),
    "unchanged": (UPDATE + " { customerUpdate(id: $id, input: $input) { customer { name version } userErrors { code } } }", {"input": {"kind": "PERSON"}}),
    "stale": ("mutation M($id: ID!, $input: CustomerUpdateInput!) { customerUpdate(id: $id, input: $input, expectedVersion: 7) { customer { version } userErrors { field code message } } }", {"input": {"city": "Ulm"}}),
    "with a key": ("mutation M($input: CustomerCreateInput!) { customerCreate(input: $input, idempotencyKey: \"x\") { customer { name } userErrors { code } } }", {"input": {"kind": "PERSON", "name": "A"}}),
    "a bad key": ("mutation M($input: CustomerCreateInput!) { customerCreate(input: $input, idempotencyKey: \" \") { customer { name } userErrors { field code message } } }", {"input": {"kind": "PERSON", "name": "A"}}),
    "many": ("mutation M($inputs: [CustomerUpsertInput!]!) { customersUpsert(inputs: $inputs) { results { outcome customer { name } } counts { changed } } }", {"inputs": [{"externalId": "C1", "name": "N1"}]}),
    "a job": ("mutation { feedbackAggregate { job { kind state } userErrors { code } } }", {}),
    "broken rule": (CREATE + " { customerCreate(input: $input) { customer { name } userErrors { field message code } } }", {"input": {"kind": "PERSON", "name": " ", "email": "x"}}),
    "taken": (CREATE + " { customerCreate(input: $input) { customer { name } userErrors { field message code } } }", {"input": {"kind": "PERSON", "name": "A", "externalId": "C1"}}),
    "not found": ('mutation { contactUpdate(id: "con_x", input: {name: "A"}) { contact { name } userErrors { field message code } } }', {}),
    "refused page": (CREATE + " { m: customerCreate(input: $input) { customer { orders(first: 0) { nodes { id } } } } }", {"input": {"kind": "PERSON", "name": "A"}}),
    "refused cursor": ("mutation M($input: CustomerCreateInput!, $c: String) { m: customerCreate(input: $input) { customer { orders(after: $c) { nodes { id } } } } }", {"input": {"kind": "PERSON", "name": "A"}, "c": "rubbish"}),
    "refused value": ("mutation M($input: CustomerCreateInput!, $n: String) { customerCreate(input: $input) { customer { contacts(where: {name: {eq: $n}}) { nodes { id } } } } }", {"input": {"kind": "PERSON", "name": "A"}, "n": "a\0"}),
    "rule before cursor": ("mutation M($input: CustomerCreateInput!, $c: String) { m: customerCreate(input: $input) { customer { orders(after: $c) { nodes { id } } } userErrors { code } } }", {"input": {"kind": "PERSON", "name": " "}, "c": "rubbish"}),
    "taken before value": ("mutation M($input: CustomerCreateInput!, $n: String) { customerCreate(input: $input) { customer { contacts(where: {name: {eq: $n}}) { nodes { id } } } userErrors { code } } }", {"input": {"kind": "PERSON", "name": "A", "externalId": "C1"}, "n": "a\0"}),
    "missing before value": ('mutation M($n: String) { customerUpdate(id: "cus_0190163d8694739b820155c4ba6b3d05", input: {name: "A"}) { customer { contacts(where: {name: {eq: $n}}) { nodes { id } } } userErrors { code } } }', {"n": "a\0"}),
    "refused flag": ("mutation M($input: CustomerCreateInput!, $x: Boolean = true) { customerCreate(input: $input) { customer @include(if: $x) { name } } }", {"input": {"kind": "PERSON", "name": "A"}, "x": None}),
    "refused later": ('mutation { a: customerCreate(input: {kind: PERSON, name: "A"}) { customer { name } } b: customerCreate(input: {kind: PERSON, name: "B"}) { customer { orders(first: 0) { nodes { id } } } } }', {}),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTATIONS)
async def test_both_roads_of_a_mutation_do_and_say_the_same(house: Graph, name: str) -> None:
    """Over one customer each, that are alike."""
    assert house.roads is not None
    document, variables = MUTATIONS[name]
    said, done = [], []
    for road in (house.roads.short, house.roads.long, house.roads.in_transactions):
        customer = await Customer.create(kind="person", name="N", **STAMPS)
        await Contact.create(customer=customer, name="Kim", **STAMPS)
        await Order.create(customer=customer, ordered_at=NOW, currency="JPY", total=7, **STAMPS)
        body = {"query": document, "variables": {**variables, "id": public_id("cus", customer.id)}}
        question = await house.roads.question(body, house.token)
        assert question is not None
        await IdempotencyKey.all().delete()
        await Job.all().delete()
        before = await Event.all().count()
        answers = [await road(question, read_only=False) for _ in range(2)]  # planned, and by the plan
        said += [UNLIKE.sub("#", orjson.dumps(answer).decode()) for answer in answers]
        events = await Event.all().order_by("id").offset(before)
        done.append([(event.topic, event.data) for event in events])
    assert said[:2] == said[2:4] == said[4:]
    assert done[0] == done[1] == done[2]
    assert ('"errors"' in said[0]) == name.startswith("refused")


async def test_the_executors_road_is_another(house: Graph) -> None:
    """Which the test above would not notice."""
    with patch("api.graph.engine.execute", wraps=execute) as executor:
        await house.ask("{ customers { nodes { id } } viewer { name } __typename }")
        assert not executor.called
        await house.ask('mutation { contactUpdate(id: "x", input: {}) { contact { id } userErrors { code } } }')
        assert not executor.called
        await house.ask("{ viewer { name } __schema { __typename } }")
        assert executor.called
