"""Pages at their edges: none, too many, contradictory, from foreign cursors. Their law stands in test_paging_laws."""

import base64
from typing import Any

import pytest

from domain.customers.models import Customer
from domain.orders.models import Order
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


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


async def test_foreign_and_tampered_cursors_are_refused(ada: Graph) -> None:
    for name in ("A", "B"):
        await Customer.create(kind="person", name=name, **STAMPS)
    query = "query ($after: String) { customers(first: 1, after: $after) { pageInfo { endCursor } } }"
    good = (await ada.ask(query))["customers"]["pageInfo"]["endCursor"]
    words = base64.b64decode(good).decode()
    fingerprint = words.split('"')[1]
    forged = [
        "x", "", "é", good[:-4], good + "AAAA", _cursor("null"), _cursor("[]"), _cursor(f'["{fingerprint}"]'),
        _cursor(f'["{fingerprint}","yesterday","{"0" * 32}"]'), _cursor(f'["{fingerprint}",1,2]'),
        _cursor(f'["{fingerprint}","2024-01-01","{"0" * 32}"]'), _cursor(words.replace(fingerprint, "0" * 12)),
        _cursor(f'["{fingerprint}",NaN,2]'), "A" * 10_000,
    ]  # fmt: skip
    for cursor in forged:
        assert await ada.code(query, after=cursor) == "BAD_CURSOR", cursor
    other = "query ($after: String) { customers(after: $after, orderBy: [{field: NAME}]) { nodes { id } } }"
    assert await ada.code(other, after=good) == "BAD_CURSOR"


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
