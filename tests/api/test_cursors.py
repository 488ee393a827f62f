"""Forged cursors: whatever stands in one, for every field that can be sorted by, it is a page or a clear refusal."""

import base64
import json
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.graph.entity import ENTITIES
from api.graph.inputs import ORDER
from api.graph.ordering import ordering_of
from api.schema import build_schema
from tests.api.crowd import PLACES, make_crowd
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
build_schema()
KEY = "01920000-0000-7000-8000-0000000000ab"
SORTS = sorted((name, field) for name in ORDER for field, made in ENTITIES[name].declared.items() if made.sortable)
NEVER: dict[str, list[Any]] = {
    "text": [1, 1.5, True, [], {}, "a\0b"],
    "bool": [0, 1, 1.0, "true", "", []],
    "int": [True, "1", 1.5, 2**63, -(2**63), 10**400, []],
    "float": [True, "1.5", float("nan"), float("inf"), 10**400],
    "decimal": [1, 1.5, True, "", "1_000", "1E+400", "1e3", "NaN", "-Infinity", " 1", "+1", "１", "1" * 31, "0x1"],
    "date": [0, True, "", "yesterday", "2024-13-01", "2024-05-01T00:00:00+00:00", "10000-01-01"],
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
    at = PLACES[place]
    page = f"(after: $after, orderBy: [{{field: {word}}}]) {{ nodes {{ id }} }}"
    listed = f"{at.root}(first: 1) {{ nodes {{ {at.field}{page} }} }}" if at.field else f"{at.root}{page}"
    query = f"query ($after: String) {{ {listed} }}"
    answer = await graph.answer(query, after=after)
    if "errors" not in answer:
        return None
    (error,) = answer["errors"]
    assert error["path"] == [at.root]
    return str(error["extensions"]["code"])


@pytest.fixture
async def shop(ada: Graph) -> Graph:
    """Rows of everything, so that a nested list has one around it."""
    await make_crowd(random.Random(3))
    return ada


async def test_values_of_another_kind_are_refused(shop: Graph) -> None:
    for place, field in SORTS:
        leaf = ENTITIES[place].leaf(field)
        wrong = NEVER[leaf.codec.kind] + ([] if leaf.nullable else [None])
        for value in wrong:
            assert await refusal(shop, place, field, cursor(place, field, value, KEY)) == "BAD_CURSOR", (
                place,
                field,
                value,
            )
        good = await refusal(shop, place, field, cursor(place, field, None, KEY))
        assert good == (None if leaf.nullable else "BAD_CURSOR"), (place, field)
        for value in [*NEVER["id"], None]:
            after = cursor(
                place,
                field,
                {"text": "a", "datetime": NOW.isoformat(), "date": "2024-05-01"}.get(leaf.codec.kind, 1),
                value,
            )
            assert await refusal(shop, place, field, after) == "BAD_CURSOR", (place, field, value)


async def test_what_is_no_list_of_values_is_refused(shop: Graph) -> None:
    fingerprint = ordering_of(ENTITIES["Customer"], None, ("name",)).fingerprint
    for words in ({}, {"fingerprint": 1}, "text", 1, None, [], [[]]):
        text = json.dumps(words).replace("fingerprint", fingerprint)
        assert await refusal(shop, "Customer", "name", base64.b64encode(text.encode()).decode()) == "BAD_CURSOR", words


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
