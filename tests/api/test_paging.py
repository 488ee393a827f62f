"""The law of pages: whatever the order, forward is the reverse of backward, and no row is lost or repeated."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.graph.entity import ENTITIES
from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem
from domain.orders.models import Order
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
PLACES = {"Customer": "customers", "FeedbackItem": "feedbackItems", "Order": "orders"}
SORTS = [
    (place, field)
    for place in PLACES
    for field in sorted(ENTITIES[place].declared)
    if ENTITIES[place].declared[field].sortable
]


@pytest.fixture
async def crowd(ada: Graph) -> Graph:
    """Rows with many ties and many gaps in every field that can be sorted by."""
    for number in range(23):
        few, gap = number % 3, number % 4 == 0
        customer = await Customer.create(
            external_id=None if gap else f"C{number}",
            kind="person",
            name=f"名 {few}",
            industry=None if gap else f"trade {few}",
            city=None if number % 5 else "Köln",
            country=None if gap else ("DE", "CN", "FR")[few],
            created_at=NOW + timedelta(microseconds=few),
            updated_at=NOW,
        )
        await Order.create(
            customer=customer,
            external_id=None if gap else f"O{number}",
            ordered_at=NOW + timedelta(microseconds=few),
            currency="USD",
            total=few,
            **STAMPS,
        )
        await FeedbackItem.create(
            source="case",
            text=str(number),
            external_id=None if gap else f"F{number}",
            rating=None if gap else few + 1,
            sentiment=None if number % 2 else few * 333,
            received_at=NOW,
            **STAMPS,
        )
    return ada


async def walk(graph: Graph, root: str, order: list[dict[str, str]], size: int, *, backward: bool) -> list[str]:
    """The ids of all pages one after the other, as they come."""
    type_name = next(name for name, place in PLACES.items() if place == root)
    page, cursor = ("last", "before") if backward else ("first", "after")
    query = f"""query ($size: Int!, $cursor: String, $order: [{type_name}OrderBy!]) {{
      {root}({page}: $size, {cursor}: $cursor, orderBy: $order) {{
        nodes {{ id }} edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
      }}
    }}"""
    found: list[str] = []
    position = None
    for _ in range(40):
        connection = (await graph.ask(query, size=size, cursor=position, order=order))[root]
        info, ids = connection["pageInfo"], [node["id"] for node in connection["nodes"]]
        assert info["startCursor"] == connection["edges"][0]["cursor"]
        assert info["endCursor"] == connection["edges"][-1]["cursor"]
        found = [*ids, *found] if backward else [*found, *ids]
        position = info["startCursor" if backward else "endCursor"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return found
    raise AssertionError("the pages do not end")


def constant(name: str) -> str:
    """The enum word of a field."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


@pytest.mark.parametrize(("place", "field"), SORTS)
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_every_order_pages_alike_both_ways(crowd: Graph, place: str, field: str, direction: str) -> None:
    for nulls in ("FIRST", "LAST"):
        order = [{"field": constant(field), "direction": direction, "nulls": nulls}]
        forward = await walk(crowd, PLACES[place], order, 5, backward=False)
        assert forward == await walk(crowd, PLACES[place], order, 4, backward=True)
        assert len(set(forward)) == 23


KEYS = st.tuples(
    st.sampled_from([field for place, field in SORTS if place == "FeedbackItem"]),
    st.sampled_from(["ASC", "DESC"]),
    st.sampled_from(["FIRST", "LAST"]),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=st.lists(KEYS, min_size=1, max_size=3, unique_by=lambda key: key[0]), size=st.integers(1, 24))
async def test_any_mix_of_keys_pages_alike_both_ways(crowd: Graph, keys: list[tuple[str, str, str]], size: int) -> None:
    order = [{"field": constant(field), "direction": way, "nulls": nulls} for field, way, nulls in keys]
    forward = await walk(crowd, "feedbackItems", order, max(size, 2), backward=False)
    assert forward == await walk(crowd, "feedbackItems", order, max(size, 2), backward=True)
    assert len(set(forward)) == 23


async def test_the_stated_place_of_nulls(crowd: Graph) -> None:
    query = "query ($order: [FeedbackItemOrderBy!]) { feedbackItems(orderBy: $order) { nodes { rating } } }"
    for direction in ("ASC", "DESC"):
        for nulls, at_start in (("FIRST", True), ("LAST", False)):
            order = [{"field": "RATING", "direction": direction, "nulls": nulls}]
            ratings = [node["rating"] for node in (await crowd.ask(query, order=order))["feedbackItems"]["nodes"]]
            known = [rating for rating in ratings if rating is not None]
            assert known == sorted(known, reverse=direction == "DESC")
            assert (ratings[0] is None) == at_start
            assert (ratings[-1] is None) != at_start


async def test_an_empty_page(ada: Graph) -> None:
    query = """{ customers { edges { cursor } nodes { id } totalCount { value precision }
                 pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
    nothing = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    total = {"value": 0, "precision": "EXACT"}
    assert (await ada.ask(query))["customers"] == {"edges": [], "nodes": [], "totalCount": total, "pageInfo": nothing}


@pytest.mark.parametrize(
    "arguments",
    [
        "first: 0",
        "first: 101",
        "first: -1",
        "last: 0",
        "first: 2, last: 2",
        'first: 2, before: "x"',
        'last: 2, after: "x"',
    ],
)
async def test_pages_that_make_no_sense_are_refused(ada: Graph, arguments: str) -> None:
    assert await ada.code(f"{{ customers({arguments}) {{ nodes {{ id }} }} }}") == "BAD_USER_INPUT"


def _cursor(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


async def test_foreign_and_tampered_cursors_are_refused(crowd: Graph) -> None:
    query = "query ($after: String) { customers(first: 1, after: $after) { pageInfo { endCursor } } }"
    good = (await crowd.ask(query))["customers"]["pageInfo"]["endCursor"]
    words = base64.b64decode(good).decode()
    fingerprint = words.split('"')[1]
    forged = [
        "x", "", "é", good[:-4], good + "AAAA", _cursor("null"), _cursor("[]"), _cursor(f'["{fingerprint}"]'),
        _cursor(f'["{fingerprint}","yesterday","{"0" * 32}"]'), _cursor(f'["{fingerprint}",1,2]'),
        _cursor(f'["{fingerprint}","2024-01-01","{"0" * 32}"]'), _cursor(words.replace(fingerprint, "0" * 12)),
        _cursor(f'["{fingerprint}",NaN,2]'), "A" * 10_000,
    ]  # fmt: skip
    for cursor in forged:
        assert await crowd.code(query, after=cursor) == "BAD_CURSOR", cursor
    other = "query ($after: String) { customers(after: $after, orderBy: [{field: NAME}]) { nodes { id } } }"
    assert await crowd.code(other, after=good) == "BAD_CURSOR"


@pytest.mark.parametrize("count", [0, 1, 3])
@pytest.mark.parametrize(
    "field", ["totalCount { value }", "__typename", "pageInfo { hasPreviousPage }", "pageInfo { hasNextPage }"]
)
async def test_a_connection_is_one_whatever_is_selected(ada: Graph, field: str, count: int) -> None:
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    for _ in range(count):
        await Order.create(customer=customer, ordered_at=NOW, currency="USD", total=1, **STAMPS)
    data = await ada.ask(f"{{ orders {{ {field} }} customers {{ nodes {{ name orders {{ {field} }} }} }} }}")
    assert data["customers"]["nodes"] == [{"name": "A", "orders": data["orders"]}]
    if field.startswith("total"):
        assert data["orders"]["totalCount"]["value"] == count
