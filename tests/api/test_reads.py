"""Reading through the graph: one statement whatever the depth, visibility everywhere, ids that tell nothing."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.access.models import User
from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.feedback.models import FeedbackItem, FeedbackTheme, FeedbackThemeItem
from domain.jobs.models import Job
from domain.kernel.ids import public_id
from domain.orders.models import Order, OrderLine
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


@pytest.fixture
async def company(ada: Graph) -> Graph:
    """Three customers with two orders of two lines each, products that feedback is about."""
    products = [await Product.create(sku=f"P{n}", name=f"Product {n}", **STAMPS) for n in range(2)]
    for number in range(3):
        customer = await Customer.create(external_id=f"C{number}", kind="company", name=f"客户 {number}", **STAMPS)
        await Contact.create(customer=customer, name=f"Contact {number}", **STAMPS)
        for turn in range(2):
            moment = NOW + timedelta(days=turn)
            order = await Order.create(customer=customer, ordered_at=moment, currency="JPY", total=30, **STAMPS)
            for place, product in enumerate(products, 1):
                line = {"position": place, "quantity": Decimal("1.5"), "amount": Decimal(15)}
                await OrderLine.create(order=order, product=product, **line, **STAMPS)
    for number, product in enumerate(products):
        said = {"source": "review", "text": f'She said "{number}" \\ 好', "received_at": NOW, "sentiment": -500}
        await FeedbackItem.create(product=product, **said, **STAMPS)
    return ada


NESTED = """query {
  customers(first: 2) {
    nodes {
      id name kind
      orders(first: 5) {
        totalCount { value precision }
        edges { cursor node { placedAt total { amount currency } lines { nodes {
          position quantity amount { amount }
          product { sku feedback { nodes { text sentiment } } }
        } } } }
      }
    }
  }
}"""


async def test_a_nested_query_takes_one_statement(company: Graph) -> None:
    await company.ask(NESTED)
    with company.counting() as statements:
        data = await company.ask(NESTED)
    assert len(statements) == 1
    customers = data["customers"]["nodes"]
    assert [customer["name"] for customer in customers] == ["客户 0", "客户 1"]
    orders = customers[0]["orders"]
    assert orders["totalCount"] == {"value": 2, "precision": "EXACT"}
    newest = orders["edges"][0]["node"]
    assert newest["placedAt"] == "2024-05-02T12:00:00+00:00"
    assert newest["total"] == {"amount": "30", "currency": "JPY"}
    line = newest["lines"]["nodes"][1]
    assert line["quantity"] == "1.5"
    assert line["product"]["feedback"]["nodes"] == [{"text": 'She said "1" \\ 好', "sentiment": -0.5}]


async def test_both_roads_give_the_same_answer(company: Graph) -> None:
    # A field that only Python computes sends the whole operation down the executor's road.
    beside = '  feedbackSeries(grain: DAY, start: "2024-01-01", end: "2024-02-01") { itemCount }\n}'
    short = await company.ask(NESTED)
    long = await company.ask(NESTED[:-1] + beside)
    assert {"customers": long["customers"]} == short


async def test_aliases_fragments_and_directives(company: Graph) -> None:
    data = await company.ask(
        """query ($yes: Boolean!, $no: Boolean!) {
          a: customers(first: 1) { nodes { ...Names ... on Customer { kind } } }
          b: customers(last: 1) { __typename nodes { nick: name external: externalId @skip(if: $yes) id @include(if: $no) } }
          products { nodes { name @include(if: $yes) } }
        }
        fragment Names on Customer { name again: name ... on Node { __typename } }""",
        yes=True,
        no=False,
    )
    assert data["a"]["nodes"] == [{"name": "客户 0", "again": "客户 0", "__typename": "Customer", "kind": "COMPANY"}]
    assert data["b"] == {"__typename": "CustomerConnection", "nodes": [{"nick": "客户 2"}]}
    assert data["products"]["nodes"] == [{"name": "Product 0"}, {"name": "Product 1"}]


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"name": {"contains": "户 1"}}, ["C1"]),
        ({"externalId": {"in": ["C0", "C2", "nobody"]}}, ["C0", "C2"]),
        ({"externalId": {"notIn": ["C0"]}}, ["C1", "C2"]),
        ({"not": {"externalId": {"eq": "C1"}}}, ["C0", "C2"]),
        ({"or": [{"externalId": {"eq": "C1"}}, {"name": {"startsWith": "客户 2"}}]}, ["C1", "C2"]),
        ({"and": [], "or": []}, []),
        ({"email": {"isNull": False}}, []),
        ({"kind": {"ne": "PERSON"}, "createdAt": {"lte": "2024-05-01T12:00:00Z"}}, ["C0", "C1", "C2"]),
        (
            {
                "orders": {"some": {"totalAmount": {"gt": "29.99"}}},
                "contacts": {"every": {"name": {"eq": "Contact 2"}}},
            },
            ["C2"],
        ),
        ({"orders": {"none": {"lines": {"some": {"product": {"sku": {"eq": "P0"}}}}}}}, []),
        ({"id": {"eq": "cus_nonsense"}}, []),
        ({"name": {"contains": "%"}}, []),
    ],
)
async def test_filters(company: Graph, where: dict[str, Any], found: list[str]) -> None:
    query = "query ($where: CustomerWhere) { customers(where: $where) { nodes { externalId } totalCount { value } } }"
    data = await company.ask(query, where=where)
    assert [node["externalId"] for node in data["customers"]["nodes"]] == found
    assert data["customers"]["totalCount"]["value"] == len(found)


async def test_node_finds_every_kind_and_hides_the_rest(company: Graph) -> None:
    customer, product = await Customer.get(external_id="C1"), await Product.get(sku="P0")
    known, other = public_id("cus", customer.id), public_id("prd", product.id)
    ids = [other, "rubbish", known, public_id("cus", product.id), known]
    query = """query ($ids: [ID!]!, $id: ID!) {
      nodes(ids: $ids) { id __typename ... on Customer { name } ... on Product { sku } }
      node(id: $id) { ... on Customer { externalId } }
      customer(id: $id) { name }
      missing: customer(id: "cus_0")  { name }
    }"""
    data = await company.ask(query, ids=ids, id=known)
    found = {"id": known, "__typename": "Customer", "name": "客户 1"}
    assert data["nodes"] == [{"id": other, "__typename": "Product", "sku": "P0"}, None, found, None, found]
    assert data["node"] == {"externalId": "C1"}
    assert data["customer"] == {"name": "客户 1"}
    assert data["missing"] is None


async def test_themes_lead_to_items_and_back(company: Graph) -> None:
    theme = await FeedbackTheme.create(
        language="zh", label="好", phrases=["好"], item_count=2, scored_count=2, sentiment_sum=-1000, **STAMPS
    )
    for rank, item in enumerate(await FeedbackItem.all().order_by("id")):
        await FeedbackThemeItem.create(theme=theme, item=item, phrase_count=1, quote_rank=rank or None)
    data = await company.ask(
        """{ feedbackThemes { nodes { label phrases meanSentiment
             quotes { nodes { text } } items { totalCount { value } nodes { themes { nodes { label } } } } } } }"""
    )
    (node,) = data["feedbackThemes"]["nodes"]
    assert node["phrases"] == ["好"]
    assert node["meanSentiment"] == -0.5
    assert node["quotes"]["nodes"] == [{"text": 'She said "1" \\ 好'}]
    assert node["items"]["totalCount"]["value"] == 2
    assert node["items"]["nodes"][0]["themes"]["nodes"] == [{"label": "好"}]


ROOTS = ["customers", "products", "orders", "feedbackItems", "feedbackThemes", "jobs"]


@pytest.mark.parametrize("root", ROOTS)
async def test_strangers_read_nothing(graph: Graph, root: str) -> None:
    answer = await graph.answer(f"{{ {root} {{ nodes {{ id }} totalCount {{ value }} }} }}")
    assert answer["data"] is None
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize("query", ["{ viewer { id } }", '{ node(id: "cus_1") { id } }', '{ job(id: "job_1") { id } }'])
async def test_strangers_find_nothing(graph: Graph, query: str) -> None:
    assert await graph.code(query) == "UNAUTHENTICATED"


async def test_people_see_their_own_jobs_and_administrators_all(
    ada: Graph, rob: Graph, administrator: User, representative: User
) -> None:
    jobs = {}
    for user in (administrator, representative):
        jobs[user.name] = await Job.create(kind="test", payload={}, run_at=NOW, requested_by=user, **STAMPS)
    query = (
        "query ($ids: [ID!]!) { jobs { nodes { requestedBy { name } } totalCount { value } } nodes(ids: $ids) { id } }"
    )
    ids = [public_id("job", job.id) for job in jobs.values()]
    data = await rob.ask(query, ids=ids)
    assert data["jobs"] == {"nodes": [{"requestedBy": {"name": "Rob"}}], "totalCount": {"value": 1}}
    assert data["nodes"] == [None, {"id": ids[1]}]
    data = await ada.ask(query, ids=ids)
    assert data["jobs"]["totalCount"]["value"] == 2
    assert None not in data["nodes"]
