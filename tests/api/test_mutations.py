"""Writing through the graph: what is done comes back as it stands, what is refused leaves nothing behind."""

from typing import Any

import pytest

from domain.access.models import User
from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.feedback.models import FeedbackItem
from domain.kernel.events import Event
from domain.kernel.ids import public_id, split_id
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
CREATE = """mutation ($input: CustomerCreateInput!) { customerCreate(input: $input) {
  customer { id name kind externalId version contacts { nodes { id } } } userErrors { field message code } } }"""
UPDATE = """mutation ($id: ID!, $input: CustomerUpdateInput!, $version: Int) {
  customerUpdate(id: $id, input: $input, expectedVersion: $version) {
    customer { name email city version } userErrors { field message code } } }"""


async def refused(graph: Graph, query: str, **variables: Any) -> tuple[list[str], str]:
    """The path and code of the one user error of a mutation, and the certainty that nothing changed."""
    before = await state()
    (payload,) = (await graph.ask(query, **variables)).values()
    (error,) = payload["userErrors"]
    assert error["code"] == "STALE" or [value for name, value in payload.items() if name != "userErrors"] == [None]
    assert error["message"]
    assert await state() == before
    return error["field"], error["code"]


async def state() -> list[Any]:
    return [
        sorted(await model.all().values_list("id", "version", "updated_at"))
        for model in (Customer, Contact, Product, FeedbackItem)
    ] + [await Event.all().count()]


async def test_a_customer_is_taken_in(ada: Graph, administrator: User) -> None:
    given = {"kind": "COMPANY", "name": "  星环 GmbH ", "externalId": "C1", "country": "DE"}
    (payload,) = (await ada.ask(CREATE, input=given)).values()
    customer = payload["customer"]
    assert payload["userErrors"] == []
    assert (customer["name"], customer["kind"], customer["version"]) == ("星环 GmbH", "COMPANY", 1)
    event = await Event.all().order_by("-id").first()
    assert event is not None
    assert (event.topic, event.actor_name) == ("customers.customer.created", "Ada")
    assert event.subject_id == (split_id(customer["id"]) or ())[1]
    owner = str(administrator.id)
    told = {"kind": "company", "name": "星环 GmbH", "external_id": "C1", "country": "DE", "owner_id": owner}
    assert (event.data, event.before) == (told, None)


def words(statements: list[str]) -> list[str]:
    """What kind each statement is of."""
    return [statement.split()[0].rstrip(";") for statement in statements]


async def test_a_mutation_counts_its_statements(ada: Graph) -> None:
    (payload,) = (await ada.ask(CREATE, input={"kind": "PERSON", "name": "first"})).values()
    with ada.counting() as statements:
        await ada.ask(CREATE, input={"kind": "PERSON", "name": "second"})
    assert words(statements) == ["WITH"]
    assert "INSERT INTO customer" in statements[0]
    assert "INSERT INTO event" in statements[0]
    key = payload["customer"]["id"]
    await ada.ask(UPDATE, id=key, input={"name": "third"}, version=1)
    with ada.counting() as statements:
        await ada.ask(UPDATE, id=key, input={"name": "fourth"}, version=2)
    assert words(statements) == ["WITH"]
    await ada.ask(UPDATE, id=key, input={"name": "fourth"}, version=3)
    with ada.counting() as statements:
        await ada.ask(UPDATE, id=key, input={"name": "fourth"}, version=3)
    assert words(statements) == ["WITH", "BEGIN", "SELECT", "SELECT", "COMMIT"]
    assert "FOR NO KEY UPDATE" in statements[2]


async def test_a_payload_that_leads_back_to_its_table_shows_what_was_written(ada: Graph) -> None:
    """Which the statement that writes it does not see."""
    create = """mutation ($input: CustomerCreateInput!) { customerCreate(input: $input) {
      customer { name note: name externalId orders { nodes { customer { name } } } } } }"""
    await ada.ask("{ viewer { id } }")
    with ada.counting() as statements:
        (payload,) = (await ada.ask(create, input={"kind": "PERSON", "name": "A"})).values()
    assert words(statements) == ["BEGIN", "WITH", "SELECT", "COMMIT"]
    assert payload["customer"] == {"name": "A", "note": "A", "externalId": None, "orders": {"nodes": []}}
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    await Contact.create(customer=customer, name="Kim", **STAMPS)
    update = """mutation ($id: ID!, $input: CustomerUpdateInput!) { customerUpdate(id: $id, input: $input) {
      customer { name contacts { nodes { name customer { name } } } } } }"""
    with ada.counting() as statements:
        (payload,) = (await ada.ask(update, id=public_id("cus", customer.id), input={"name": "B"})).values()
    assert words(statements) == ["BEGIN", "WITH", "SELECT", "COMMIT"]
    contacts = {"nodes": [{"name": "Kim", "customer": {"name": "B"}}]}
    assert payload["customer"] == {"name": "B", "contacts": contacts}


async def test_a_payload_may_ask_for_its_record_twice_or_not_at_all(ada: Graph) -> None:
    twice = """mutation ($input: CustomerCreateInput!) { customerCreate(input: $input) {
      a: customer { name } b: customer { kind contacts { nodes { name } } } } }"""
    (payload,) = (await ada.ask(twice, input={"kind": "PERSON", "name": "A"})).values()
    assert payload == {"a": {"name": "A"}, "b": {"kind": "PERSON", "contacts": {"nodes": []}}}
    never = """mutation ($input: CustomerCreateInput!) { a: customerCreate(input: $input) { __typename }
      b: customerCreate(input: $input) { userErrors { code } } }"""
    with ada.counting() as statements:
        data = await ada.ask(never, input={"kind": "PERSON", "name": "A"})
    assert words(statements) == ["WITH", "WITH"]
    assert data == {"a": {"__typename": "CustomerCreatePayload"}, "b": {"userErrors": []}}
    assert await Customer.all().count() == await Event.filter(topic="customers.customer.created").count() == 3


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 301}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"country": "de"}, "country"),
        ({"email": "nobody"}, "email"),
        ({"externalId": ""}, "externalId"),
        ({"note": "x" * 10_001}, "note"),
        ({"phone": "1" * 41}, "phone"),
    ],
)
async def test_a_customer_that_breaks_a_rule_is_refused(ada: Graph, given: dict[str, Any], field: str) -> None:
    given = {"kind": "PERSON", "name": "Good", **given}
    assert await refused(ada, CREATE, input=given) == (["input", field], "INVALID")


async def test_an_external_id_is_taken_once(ada: Graph) -> None:
    await ada.ask(CREATE, input={"kind": "PERSON", "name": "One", "externalId": "C1"})
    given = {"kind": "PERSON", "name": "Two", "externalId": "C1"}
    assert await refused(ada, CREATE, input=given) == (["input", "externalId"], "CONFLICT")


async def test_unset_is_not_null(ada: Graph) -> None:
    customer = await Customer.create(kind="person", name="A", email="a@b.org", city="Ulm", **STAMPS)
    key = public_id("cus", customer.id)
    (payload,) = (await ada.ask(UPDATE, id=key, input={"email": None})).values()
    assert payload["customer"] == {"name": "A", "email": None, "city": "Ulm", "version": 2}
    assert await refused(ada, UPDATE, id=key, input={"name": None}) == (["input", "name"], "INVALID")


async def test_an_update_that_changes_nothing_moves_nothing(ada: Graph) -> None:
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    before = await state()
    await ada.ask(UPDATE, id=public_id("cus", customer.id), input={"name": "A"})
    assert await state() == before


async def test_lost_updates_are_refused(ada: Graph) -> None:
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    key = public_id("cus", customer.id)
    (payload,) = (await ada.ask(UPDATE, id=key, input={"name": "B"}, version=1)).values()
    assert payload["customer"]["version"] == 2
    assert await refused(ada, UPDATE, id=key, input={"name": "C"}, version=1) == (["expectedVersion"], "STALE")


async def test_a_lost_update_is_handed_what_stands_to_merge_with(ada: Graph) -> None:
    customer = await Customer.create(kind="person", name="A", city="Ulm", **STAMPS)
    key = public_id("cus", customer.id)
    await ada.ask(UPDATE, id=key, input={"name": "B"}, version=1)
    (payload,) = (await ada.ask(UPDATE, id=key, input={"city": "Bonn"}, version=1)).values()
    assert payload["customer"] == {"name": "B", "email": None, "city": "Ulm", "version": 2}
    assert payload["userErrors"][0]["message"].startswith("It has changed since you read it: version 2, not 1.")
    (payload,) = (await ada.ask(UPDATE, id=key, input={"city": "Bonn"}, version=2)).values()
    assert payload["customer"] == {"name": "B", "email": None, "city": "Bonn", "version": 3}


@pytest.mark.parametrize("id", ["rubbish", "cus_" + "0" * 32, "prd_" + "0" * 32])
async def test_unknown_records_are_not_found(ada: Graph, id: str) -> None:
    assert await refused(ada, UPDATE, id=id, input={"name": "B"}) == (["id"], "NOT_FOUND")


async def test_contacts_belong_to_a_customer(ada: Graph) -> None:
    create = """mutation ($id: ID!, $input: ContactCreateInput!) { contactCreate(customerId: $id, input: $input) {
      contact { id name email customer { name } } userErrors { field message code } } }"""
    customer = await Customer.create(kind="company", name="A", **STAMPS)
    given = {"name": "Kim", "email": "Kim@Example.org"}
    (payload,) = (await ada.ask(create, id=public_id("cus", customer.id), input=given)).values()
    contact = payload["contact"]
    assert (contact["email"], contact["customer"]["name"]) == ("kim@example.org", "A")
    assert await refused(ada, create, id="cus_1", input=given) == (["customerId"], "NOT_FOUND")
    update = """mutation ($id: ID!) { contactUpdate(id: $id, input: {title: "Buyer"}) {
      contact { title name } userErrors { field code message } } }"""
    (payload,) = (await ada.ask(update, id=contact["id"])).values()
    assert payload["contact"] == {"title": "Buyer", "name": "Kim"}


PRODUCT = """mutation ($input: ProductCreateInput!) { productCreate(input: $input) {
  product { id sku listPrice { amount currency } isActive } userErrors { field message code } } }"""


async def test_products_have_exact_prices(ada: Graph) -> None:
    given = {"sku": "S1", "name": "Stool", "listPrice": {"amount": "12.5", "currency": "EUR"}}
    (payload,) = (await ada.ask(PRODUCT, input=given)).values()
    assert payload["product"]["listPrice"] == {"amount": "12.50", "currency": "EUR"}
    assert await refused(ada, PRODUCT, input=given) == (["input", "sku"], "CONFLICT")
    update = """mutation ($id: ID!) { productUpdate(id: $id, input: {listPrice: null, isActive: false}) {
      product { listPrice { amount } isActive } userErrors { field code message } } }"""
    (payload,) = (await ada.ask(update, id=payload["product"]["id"])).values()
    assert payload["product"] == {"listPrice": None, "isActive": False}


@pytest.mark.parametrize("price", [("1.005", "USD"), ("1.5", "JPY"), ("-1", "USD"), ("1", "XXX"), ("1", "usd")])
async def test_prices_that_cannot_be_are_refused(ada: Graph, price: tuple[str, str]) -> None:
    given = {"sku": "S1", "name": "Stool", "listPrice": {"amount": price[0], "currency": price[1]}}
    _, code = await refused(ada, PRODUCT, input=given)
    assert code == "INVALID"


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e3", "", " 1", "1" * 31, "0x1", 1.5, "１"])
async def test_numbers_that_are_no_decimals_never_get_in(ada: Graph, amount: Any) -> None:
    given = {"sku": "S1", "name": "Stool", "listPrice": {"amount": amount, "currency": "USD"}}
    assert await ada.code(PRODUCT, input=given) == "BAD_USER_INPUT"
    assert await Product.all().count() == 0


RECORD = """mutation ($input: FeedbackRecordInput!) { feedbackRecord(input: $input) {
  feedbackItem { text source rating receivedAt sentiment customer { name } } userErrors { field message code } } }"""


async def test_feedback_is_recorded(ada: Graph) -> None:
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    given = {"source": "REVIEW", "text": " 很好 ", "rating": 5, "customerId": public_id("cus", customer.id)}
    moment = "2024-01-01T08:00:00+08:00"
    (payload,) = (await ada.ask(RECORD, input={**given, "receivedAt": moment})).values()
    item = payload["feedbackItem"]
    assert (item["text"], item["rating"], item["sentiment"]) == ("很好", 5, None)
    assert item["receivedAt"] == "2024-01-01T00:00:00+00:00"
    assert item["customer"] == {"name": "A"}


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"text": ""}, "text", "INVALID"),
        ({"rating": 6}, "rating", "INVALID"),
        ({"language": "english"}, "language", "INVALID"),
        ({"receivedAt": "2999-01-01T00:00:00Z"}, "receivedAt", "INVALID"),
        ({"receivedAt": "0001-01-01T00:00:00Z"}, "receivedAt", "INVALID"),
        ({"customerId": "cus_" + "0" * 32}, "customerId", "NOT_FOUND"),
        ({"orderId": "rubbish"}, "orderId", "NOT_FOUND"),
    ],
)
async def test_feedback_that_breaks_a_rule_is_refused(ada: Graph, given: dict[str, Any], field: str, code: str) -> None:
    given = {"source": "CASE", "text": "late", **given}
    assert await refused(ada, RECORD, input=given) == (["input", field], code)


async def test_strangers_change_nothing(graph: Graph) -> None:
    assert await graph.code(CREATE, input={"kind": "PERSON", "name": "A"}) == "UNAUTHENTICATED"
    assert await Customer.all().count() == 0


async def test_a_bad_selection_undoes_the_change(ada: Graph) -> None:
    query = """mutation { customerCreate(input: {kind: PERSON, name: "A"}) {
      customer { orders(first: 1000) { nodes { id } } } userErrors { code } } }"""
    assert await ada.code(query) == "BAD_USER_INPUT"
    assert await Customer.all().count() == 0
