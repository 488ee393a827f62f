"""Every field of every mutation, refused: the error names it by the path and the name that the caller wrote."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, GraphQLInputType, get_named_type, get_nullable_type, is_list_type

from api.schema import build_schema, core_schema
from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.feedback.models import FeedbackItem
from domain.jobs.models import Job
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
MUTATIONS = core_schema(build_schema()).mutation_type.fields  # type: ignore[union-attr]
PRICE = {"amount": "1.50", "currency": "EUR"}
GOOD: dict[str, dict[str, Any]] = {
    "customerCreate": {"input": {"kind": "PERSON", "name": "B"}},
    "customerUpdate": {"id": "customer", "input": {"name": "B"}, "expectedVersion": 1},
    "contactCreate": {"customerId": "customer", "input": {"name": "B"}},
    "contactUpdate": {"id": "contact", "input": {"name": "B"}, "expectedVersion": 1},
    "productCreate": {"input": {"sku": "S2", "name": "B", "listPrice": PRICE}},
    "productUpdate": {"id": "product", "input": {"name": "B", "listPrice": PRICE}, "expectedVersion": 1},
    "feedbackRecord": {"input": {"source": "CASE", "text": "late"}},
    "importStart": {"input": {"kind": "ORDERS", "fileId": "fil_1"}},
    "feedbackAggregate": {},
    "customersUpsert": {"inputs": [{"externalId": "C1", "kind": "PERSON", "name": "B"}], "onError": "REJECT_ALL"},
    "productsUpsert": {"inputs": [{"sku": "S2", "name": "B", "listPrice": PRICE}], "onError": "REJECT_ALL"},
}
CUSTOMER = {
    "input.name": " ",
    "input.externalId": "",
    "input.email": "nobody",
    "input.phone": "1" * 41,
    "input.industry": "",
    "input.city": "x" * 101,
    "input.country": "de",
    "input.note": "\0",
}
CONTACT = {"input.name": " ", "input.title": "", "input.email": "a@b", "input.phone": "1" * 41}
PRODUCT = {
    "input.sku": "",
    "input.name": "x" * 301,
    "input.category": "",
    "input.description": "x" * 10_001,
    "input.listPrice.amount": "1.005",
    "input.listPrice.currency": "usd",
}
RECORD = {"id": "rubbish", "expectedVersion": 7}
ONCE = {"idempotencyKey": "one two"}


def _row(fields: dict[str, Any]) -> dict[str, Any]:
    """The same in the only row of a bulk form."""
    return {path.replace("input.", "inputs.0."): value for path, value in fields.items()}


BAD: dict[str, dict[str, Any]] = {
    "customerCreate": {**CUSTOMER, **ONCE},
    "customerUpdate": {**CUSTOMER, **RECORD, "input.kind": None},
    "contactCreate": {**CONTACT, **ONCE, "customerId": "cus_1"},
    "contactUpdate": {**CONTACT, **RECORD},
    "productCreate": {**PRODUCT, **ONCE},
    "productUpdate": {**PRODUCT, **RECORD, "input.isActive": None},
    "feedbackRecord": {
        "input.text": "",
        "input.rating": 6,
        "input.language": "english",
        "input.customerId": "rubbish",
        "input.productId": "prd_" + "0" * 32,
        "input.orderId": "cus_" + "0" * 32,
        "input.receivedAt": "2999-01-01T00:00:00Z",
        "input.externalId": "",
        **ONCE,
    },
    "importStart": {"input.fileId": "rubbish", **ONCE},
    "feedbackAggregate": ONCE,
    "customersUpsert": {**_row(CUSTOMER), "inputs.0.kind": None, **ONCE},
    "productsUpsert": {**_row(PRODUCT), "inputs.0.isActive": None, **ONCE},
}
"""For every field a value that fits the schema and is refused by the domain."""

NEVER = {
    "customerCreate.input.kind",
    "productCreate.input.isActive",
    "feedbackRecord.input.source",
    "importStart.input.kind",
    "customersUpsert.onError",
    "productsUpsert.onError",
    "login.input.email",
    "login.input.password",
}
"""Fields of which every value that fits the schema is taken, or of which a refusal must tell nothing."""

ROWS = [(mutation, path) for mutation, rows in BAD.items() for path in rows]


def leaves(name: str, kind: GraphQLInputType) -> Iterator[str]:
    """The paths of what can be given, nested inputs opened."""
    inner = get_named_type(kind)
    if not isinstance(inner, GraphQLInputObjectType):
        yield name
        return
    for field_name, field in inner.fields.items():
        yield from leaves(
            f"{name}.0.{field_name}" if is_list_type(get_nullable_type(kind)) else f"{name}.{field_name}", field.type
        )


def test_the_table_has_every_field_of_every_mutation() -> None:
    there = {
        leaf
        for name, mutation in MUTATIONS.items()
        for argument, given in mutation.args.items()
        for leaf in leaves(f"{name}.{argument}", given.type)
    }
    assert there == NEVER | {f"{mutation}.{path}" for mutation, path in ROWS}


@pytest.fixture
async def stored(ada: Graph) -> dict[str, str]:
    """A record of each kind, by the word that stands for its id."""
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    contact = await Contact.create(customer=customer, name="A", **STAMPS)
    product = await Product.create(sku="S1", name="A", **STAMPS)
    records = {"customer": customer, "contact": contact, "product": product}
    return {word: public_id(record.prefix, record.id) for word, record in records.items()}


async def state() -> list[Any]:
    models = (Customer, Contact, Product, FeedbackItem, Job)
    return [sorted(await model.all().values_list("id", "version")) for model in models] + [await Event.all().count()]


@pytest.mark.parametrize(("mutation", "path"), ROWS)
async def test_what_is_refused_is_named_as_it_was_given(
    ada: Graph, stored: dict[str, str], mutation: str, path: str
) -> None:
    given = deepcopy(GOOD[mutation])
    given |= {name: stored.get(value, value) for name, value in given.items() if isinstance(value, str)}
    *way, last = path.split(".")
    place = given
    for step in way:
        place = place[int(step) if isinstance(place, list) else step]  # type: ignore[call-overload]
    place[last] = BAD[mutation][path]
    declared = ", ".join(f"${name}: {argument.type}" for name, argument in MUTATIONS[mutation].args.items())
    handed = ", ".join(f"{name}: ${name}" for name in MUTATIONS[mutation].args)
    query = f"mutation ({declared}) {{ {mutation}({handed}) {{ userErrors {{ field message code }} }} }}"
    before = await state()
    (error,) = (await ada.ask(query, **given))[mutation]["userErrors"]
    assert error["field"] == path.split(".")
    assert not re.search(r"[a-z]_[a-z]|\{", error["message"]), error["message"]
    if error["code"] == "INVALID":
        assert error["message"].startswith(f"{path.removeprefix('input.').removeprefix('inputs.0.')} ")
    assert await state() == before
