"""Bulk forms: each row created or changed by its key, told of by itself, in a number of statements that is fixed."""

import asyncio
from typing import Any

import pytest

from domain.access.models import User
from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.kernel.events import Event
from tests.api.test_mutations import words
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
UPSERT = """mutation ($inputs: [CustomerUpsertInput!]!, $mode: BulkMode! = REJECT_ALL, $key: String) {
  customersUpsert(inputs: $inputs, onError: $mode, idempotencyKey: $key) {
    results { index outcome customer { name city version contacts { nodes { id } } } userErrors { field message code } }
    counts { created changed unchanged refused }
    userErrors { field message code } } }"""
PRODUCTS = """mutation ($inputs: [ProductUpsertInput!]!, $mode: BulkMode! = REJECT_ALL) {
  productsUpsert(inputs: $inputs, onError: $mode) {
    results { outcome product { sku isActive listPrice { amount currency } } userErrors { field code } }
    userErrors { field message code } } }"""


def row(number: int, **more: Any) -> dict[str, Any]:
    return {"externalId": f"C{number}", "kind": "PERSON", "name": f"N{number}", **more}


async def upserted(graph: Graph, *inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await graph.ask(UPSERT, inputs=list(inputs), **more))["customersUpsert"]
    return payload


async def told() -> list[tuple[str, Any]]:
    rows = await Event.filter(topic__startswith="customers").order_by("id").values_list("topic", "data")
    return [(topic.rpartition(".")[2], data) for topic, data in rows]


async def test_rows_create_change_or_leave_alone(ada: Graph, administrator: User) -> None:
    await Customer.create(external_id="C2", kind="person", name="Old", city="Ulm", note="n", **STAMPS)
    await Customer.create(external_id="C3", kind="person", name="N3", **STAMPS)
    payload = await upserted(ada, row(1), {"externalId": "C2", "name": "New", "city": None}, row(3))
    assert payload["userErrors"] == []
    assert payload["counts"] == {"created": 1, "changed": 1, "unchanged": 1, "refused": 0}
    assert [(each["index"], each["outcome"], each["userErrors"]) for each in payload["results"]] == [
        (0, "CREATED", []),
        (1, "CHANGED", []),
        (2, "UNCHANGED", []),
    ]
    names = [(each["customer"]["name"], each["customer"]["version"]) for each in payload["results"]]
    assert names == [("N1", 1), ("New", 2), ("N3", 1)]
    changed = await Customer.get(external_id="C2")
    assert (changed.name, changed.city, changed.note, changed.kind) == ("New", None, "n", "person")
    assert sorted(await told()) == [
        ("created", {"external_id": "C1", "kind": "person", "name": "N1", "owner_id": str(administrator.id)}),
        ("updated", {"name": "New", "city": None}),
    ]


BAD = (
    (row(1, country="de"), ["inputs", "1", "country"], "country must be an ISO 3166-1 code"),
    (row(1, name=None), ["inputs", "1", "name"], "name must have a value"),
    (row(1, externalId=" "), ["inputs", "1", "externalId"], "externalId is empty"),
    ({"externalId": "C1", "name": "A"}, ["inputs", "1", "kind"], "kind is missing, and there is no customer yet"),
    (row(0), ["inputs", "1", "externalId"], "externalId stands in row 0 already"),
)


@pytest.mark.parametrize(("bad", "field", "message"), BAD)
async def test_one_bad_row_leaves_nothing_behind(
    ada: Graph, bad: dict[str, Any], field: list[str], message: str
) -> None:
    known = await Customer.create(external_id="C2", kind="person", name="Old", **STAMPS)
    payload = await upserted(ada, row(0), bad, row(2), row(3, city="x" * 101))
    assert (payload["results"], payload["counts"]) == (None, None)
    errors = {tuple(error["field"]): error for error in payload["userErrors"]}
    assert errors.keys() <= {tuple(field), ("inputs", "3", "city")}
    assert errors[tuple(field)]["message"].startswith(message)
    assert await Customer.all().values_list("id", "version") == [(known.id, 1)]
    assert await told() == []


@pytest.mark.parametrize(("bad", "field", "message"), BAD)
async def test_bad_rows_may_be_skipped(ada: Graph, bad: dict[str, Any], field: list[str], message: str) -> None:
    await Customer.create(external_id="C2", kind="person", name="Old", **STAMPS)
    payload = await upserted(ada, row(0), bad, row(2), mode="SKIP_FAILED")
    assert payload["userErrors"] == []
    assert payload["counts"] == {"created": 1, "changed": 1, "unchanged": 0, "refused": 1}
    refused = payload["results"][1]
    assert (refused["outcome"], refused["customer"]) == ("REFUSED", None)
    assert refused["userErrors"][0]["field"] == field
    assert refused["userErrors"][0]["message"].startswith(message)
    assert await Customer.all().count() == 2


async def test_the_number_of_statements_is_fixed(ada: Graph) -> None:
    await upserted(ada, row(0), row(1))
    counted = []
    for size in (2, 200):
        await Customer.filter(external_id__not="C0").delete()
        with ada.counting() as statements:
            payload = await upserted(ada, *(row(number, city=f"T{size}") for number in range(size)))
        assert payload["counts"] == {"created": size - 1, "changed": 1, "unchanged": 0, "refused": 0}
        counted.append(words(statements))
    assert counted[0] == counted[1] == ["BEGIN", "SELECT", "WITH", "WITH", "SELECT", "COMMIT"]
    assert len(await told()) == 2 + 2 + 200


async def test_a_thousand_rows_and_no_more(ada: Graph) -> None:
    payload = await upserted(ada, *(row(number) for number in range(1000)))
    assert payload["counts"]["created"] == 1000
    assert [each["customer"]["name"] for each in payload["results"]] == [f"N{number}" for number in range(1000)]
    assert [data["name"] for _, data in await told()] == [f"N{number}" for number in range(1000)]
    payload = await upserted(ada, *(row(number, city="Ulm") for number in range(1001)))
    (error,) = payload["userErrors"]
    assert (error["field"], error["code"]) == (["inputs"], "INVALID")
    assert error["message"] == "inputs has 1,001 rows; at most 1,000 are taken at once."
    assert await Customer.filter(city="Ulm").count() == 0
    assert (await upserted(ada))["results"] == []


async def test_records_are_selected_under_every_name(ada: Graph) -> None:
    query = """mutation { customersUpsert(inputs: [{externalId: "A", kind: PERSON, name: "N"}]) {
      a: results { x: customer { name } y: customer { externalId __typename } __typename } b: results { customer { kind } }
      ...F } } fragment F on CustomersUpsertPayload { counts { created } }"""
    assert (await ada.ask(query))["customersUpsert"] == {
        "a": [{"x": {"name": "N"}, "y": {"externalId": "A", "__typename": "Customer"}, "__typename": "CustomerUpsertResult"}],
        "b": [{"customer": {"kind": "PERSON"}}],
        "counts": {"created": 1},
    }  # fmt: skip


async def test_many_rows_again_under_the_same_key(ada: Graph) -> None:
    first = await upserted(ada, row(0), row(1, country="de"), mode="SKIP_FAILED", key="k")
    assert first["results"][1]["userErrors"][0]["field"] == ["inputs", "1", "country"]
    assert await upserted(ada, row(0), row(1, country="de"), mode="SKIP_FAILED", key="k") == first
    refused = await upserted(ada, row(0), row(1), mode="SKIP_FAILED", key="k")
    assert refused["userErrors"][0]["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_products_are_known_by_their_sku(ada: Graph) -> None:
    price = {"amount": "1.50", "currency": "EUR"}
    await Product.create(sku="S1", name="A", list_price="9", currency="USD", is_active=False, **STAMPS)
    inputs = [
        {"sku": "S1", "listPrice": price},
        {"sku": "S2", "name": "B", "listPrice": price},
        {"sku": "S3", "name": "C"},
    ]
    payload = (await ada.ask(PRODUCTS, inputs=inputs))["productsUpsert"]
    assert [(each["outcome"], each["product"]) for each in payload["results"]] == [
        ("CHANGED", {"sku": "S1", "isActive": False, "listPrice": price}),
        ("CREATED", {"sku": "S2", "isActive": True, "listPrice": price}),
        ("CREATED", {"sku": "S3", "isActive": True, "listPrice": None}),
    ]
    wrong = {"sku": "S2", "listPrice": {"amount": "1.005", "currency": "EUR"}}
    payload = (await ada.ask(PRODUCTS, inputs=[{"sku": "S1", "listPrice": None}, wrong]))["productsUpsert"]
    (error,) = payload["userErrors"]
    assert error["field"] == ["inputs", "1", "listPrice", "amount"]
    assert error["message"] == "listPrice.amount has more than 2 digits behind the point; nothing is rounded silently."
    assert (await Product.get(sku="S1")).list_price is not None


async def test_asking_for_too_much_does_nothing(ada: Graph) -> None:
    query = """mutation ($inputs: [CustomerUpsertInput!]!) { customersUpsert(inputs: $inputs) { results { customer {
      orders(first: 100) { nodes { lines(first: 100) { nodes { id } } } } } } } }"""
    with ada.counting() as statements:
        assert await ada.code(query, inputs=[row(number) for number in range(200)]) == "QUERY_TOO_LARGE"
    assert "BEGIN" not in words(statements)


async def test_one_row_needs_no_list(ada: Graph) -> None:
    one = row(1)
    assert (await upserted(ada, one))["counts"]["created"] == 1
    document = UPSERT.replace("$inputs: [CustomerUpsertInput!]!, ", "").replace(
        "inputs: $inputs", 'inputs: {externalId: "C1"}'
    )
    assert (await ada.ask(document))["customersUpsert"]["counts"]["unchanged"] == 1
    document = UPSERT.replace("[CustomerUpsertInput!]!", "CustomerUpsertInput!").replace(
        "inputs: $inputs", "inputs: [$inputs]"
    )
    assert (await ada.ask(document, inputs=one))["customersUpsert"]["counts"]["unchanged"] == 1


async def test_strangers_upsert_nothing(graph: Graph) -> None:
    assert await graph.code(UPSERT, inputs=[row(0)]) == "UNAUTHENTICATED"
    assert await Customer.all().count() == 0


class TestMany:
    """Several senders of the same rows at once."""

    @pytest.fixture
    def pool_size(self) -> int:
        return 8

    async def test_the_same_rows_from_all_sides(self, ada: Graph) -> None:
        """In different sequences, so that they meet half way."""
        rows = [row(number) for number in range(60)]
        turned = (rows[at:] + rows[:at] for at in (0, 17, 31, 44, 5, 59))
        payloads = await asyncio.gather(*(upserted(ada, *each, mode="SKIP_FAILED") for each in turned))
        assert sum(payload["counts"]["created"] for payload in payloads) == 60
        assert sum(payload["counts"]["unchanged"] for payload in payloads) == 300
        assert await Customer.all().count() == len(await told()) == 60
