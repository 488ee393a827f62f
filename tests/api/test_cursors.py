"""Forged cursors: whatever stands in one, for every field that can be sorted by, it is a page or a clear refusal."""

import base64
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.graph.entity import ENTITIES
from api.graph.inputs import ORDER
from api.graph.ordering import ordering_of
from api.schema import build_schema
from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.orders.models import Order, OrderLine
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
build_schema()
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
KEY = "01920000-0000-7000-8000-0000000000ab"
PLACES = {
    "Contact": "customers { nodes { contacts",
    "Customer": "customers",
    "FeedbackItem": "feedbackItems",
    "FeedbackTheme": "feedbackThemes",
    "Job": "jobs",
    "Order": "orders",
    "OrderLine": "orders { nodes { lines",
    "Product": "products",
    "User": "users",
}
SORTS = sorted((name, field) for name in ORDER for field, made in ENTITIES[name].declared.items() if made.sortable)
NEVER: dict[str, list[Any]] = {
    "text": [1, 1.5, True, [], {}, "a\0b"],
    "bool": [0, 1, 1.0, "true", "", []],
    "int": [True, "1", 1.5, 2**63, -(2**63), 10**400, []],
    "float": [True, "1.5", float("nan"), float("inf"), 10**400],
    "decimal": [1, 1.5, True, "", "1_000", "1E+400", "1e3", "NaN", "-Infinity", " 1", "+1", "１", "1" * 31, "0x1"],
    "datetime": [0, True, "", "yesterday", "2024-05-01", "2024-13-01T00:00:00+00:00", "0001-01-01T00:00:00+23:00"],
    "id": [1, "", "x", KEY.upper(), KEY.replace("-", ""), f"{{{KEY}}}", f"urn:uuid:{KEY}"],
}
"""What cannot be the value of a key, by the kind of its codec."""


def cursor(place: str, field: str, *values: Any) -> str:
    """A cursor with the right fingerprint of an ordering, holding any values."""
    fingerprint = ordering_of(ENTITIES[place], None, (field,)).fingerprint
    return base64.b64encode(json.dumps([fingerprint, *values]).encode()).decode()


async def refusal(graph: Graph, place: str, field: str, after: str) -> str | None:
    """The code of the one error that a cursor gives, which says where; None where it gives a page."""
    word = "".join(f"_{letter}" if letter.isupper() else letter for letter in field).upper()
    way = PLACES[place]
    query = (
        f"query ($after: String) {{ {way}(after: $after, orderBy: [{{field: {word}}}]) {{ nodes {{ id }} }}"
        + " }" * way.count("{")
        + " }"
    )
    answer = await graph.answer(query, after=after)
    if "errors" not in answer:
        return None
    (error,) = answer["errors"]
    assert error["path"] == [way.split()[0]]
    return str(error["extensions"]["code"])


@pytest.fixture
async def shop(ada: Graph) -> Graph:
    """A row wherever a nested list needs one around it."""
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    order = await Order.create(customer=customer, ordered_at=NOW, currency="USD", total=1, **STAMPS)
    product = await Product.create(sku="A", name="A", **STAMPS)
    await OrderLine.create(order=order, position=1, product=product, quantity=1, amount=1, **STAMPS)
    return ada


def test_every_ordering_has_its_place() -> None:
    assert {place for place, _ in SORTS} == set(PLACES)


@pytest.mark.parametrize("place", sorted(PLACES))
async def test_values_of_another_kind_are_refused(shop: Graph, place: str) -> None:
    for field in [field for entity, field in SORTS if entity == place]:
        leaf = ENTITIES[place].leaf(field)
        wrong = NEVER[leaf.codec.kind] + ([] if leaf.nullable else [None])
        for value in wrong:
            assert await refusal(shop, place, field, cursor(place, field, value, KEY)) == "BAD_CURSOR", (field, value)
        good = await refusal(shop, place, field, cursor(place, field, None, KEY))
        assert good == (None if leaf.nullable else "BAD_CURSOR"), field
        for value in [*NEVER["id"], None]:
            after = cursor(place, field, {"text": "a", "datetime": NOW.isoformat()}.get(leaf.codec.kind, 1), value)
            assert await refusal(shop, place, field, after) == "BAD_CURSOR", (field, value)


@pytest.mark.parametrize("words", [{}, {"fingerprint": 1}, "text", 1, None, [], [[]]])
async def test_what_is_no_list_of_values_is_refused(shop: Graph, words: Any) -> None:
    fingerprint = ordering_of(ENTITIES["Customer"], None, ("name",)).fingerprint
    text = json.dumps(words).replace("fingerprint", fingerprint)
    assert await refusal(shop, "Customer", "name", base64.b64encode(text.encode()).decode()) == "BAD_CURSOR"


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(-(10**400), 10**400),
        st.floats(),
        st.text(),
        st.decimals().map(str),
        st.datetimes().map(str),
        st.uuids().map(str),
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sort=st.sampled_from(SORTS), value=ANYTHING, key=st.just(KEY) | ANYTHING, more=st.lists(ANYTHING, max_size=1))
async def test_no_cursor_breaks_anything(
    shop: Graph, sort: tuple[str, str], value: Any, key: Any, more: list[Any]
) -> None:
    assert await refusal(shop, *sort, cursor(*sort, value, key, *more)) in (None, "BAD_CURSOR")
