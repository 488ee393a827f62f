"""The same records as CSV and as JSON Lines make the same database, whatever they hold."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.imports.rules import ImportKind
from tests.domain.imports.files import (
    CUSTOMERS,
    FEEDBACK,
    ORDERS,
    PRODUCTS,
    as_csv,
    as_json_lines,
    contents,
    rows,
    take_in,
)

pytestmark = pytest.mark.anyio

WORDS = st.text(st.sampled_from('aé,"\n 客\x00'), max_size=5)
KEYS = st.sampled_from(["c1", "c2", "c3", "c 4"])
SKUS = st.sampled_from(["p1", "p2"])
NUMBERS = st.sampled_from(["1", "2.50", "0", "-1", "NaN", "1e2", "0.001", "x"])
DAYS = st.sampled_from(["2024-01-05", "2024-01-05T10:00:00+02:00", "0001-01-01", "2024-01-05T10:00:00"])
CUSTOMER = st.fixed_dictionaries(
    {"external_id": KEYS, "kind": st.sampled_from(["company", "person", "cat"]), "name": WORDS, "note": WORDS}
)
PRODUCT = st.fixed_dictionaries(
    {"sku": SKUS, "name": WORDS, "list_price": NUMBERS, "currency": st.sampled_from(["EUR", ""])}
)
LINE = st.fixed_dictionaries({"sku": SKUS, "quantity": NUMBERS, "amount": NUMBERS})
ORDER = st.fixed_dictionaries(
    {
        "external_id": st.sampled_from(["o1", "o2", "o3"]),
        "customer_external_id": KEYS,
        "ordered_at": DAYS,
        "currency": st.sampled_from(["EUR", "JPY"]),
        "lines": st.lists(LINE, min_size=1, max_size=3),
    }
)
ITEM = st.fixed_dictionaries(
    {
        "external_id": st.sampled_from(["f1", "f2"]),
        "source": st.sampled_from(["review", "case"]),
        "text": WORDS,
        "rating": st.sampled_from(["", "1", "5", "6"]),
        "customer_external_id": st.one_of(st.just(""), KEYS),
        "received_at": DAYS,
    }
)


def each_once(records: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """In CSV two orders with one id that stand together are one."""
    return list({record[key]: record for record in records}.values())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(CUSTOMER, min_size=1, max_size=4),
    st.lists(PRODUCT, min_size=1, max_size=3),
    st.lists(ORDER, min_size=1, max_size=4),
    st.lists(ITEM, min_size=1, max_size=3),
)
async def test_both_formats_make_the_same_database(
    database: str,
    customers: list[dict[str, Any]],
    products: list[dict[str, Any]],
    orders: list[dict[str, Any]],
    items: list[dict[str, Any]],
) -> None:
    orders = each_once(orders, "external_id")
    files = {
        ImportKind.CUSTOMERS: (CUSTOMERS, customers),
        ImportKind.PRODUCTS: (PRODUCTS, products),
        ImportKind.ORDERS: (ORDERS, orders),
        ImportKind.FEEDBACK: (FEEDBACK, items),
    }
    found = []
    for write in (as_csv, lambda _, records: as_json_lines(records)):
        await rows("DELETE FROM feedback_item")
        for table in ("sales_order", "product", "customer"):
            await rows(f"DELETE FROM {table}")
        outcomes = []
        for kind, (header, records) in files.items():
            outcome, rejects = await take_in(kind, write(header, records))
            if kind is not ImportKind.ORDERS:
                assert outcome.read == outcome.created + outcome.unchanged + len(rejects)
            culprits = {(each.field.split(".")[-1], each.value) for each in rejects if each.field}
            outcomes.append((outcome.created, outcome.changed, culprits))
        found.append((await contents(), outcomes))
    assert found[0] == found[1]
