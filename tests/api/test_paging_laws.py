"""The law of pages, for every order of every entity: one after the other they are the whole list, forward or backward.

The lists are sorted here as well, by Python, and every page says the truth about what lies before and behind it.
"""

import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.graph.entity import ENTITIES
from domain.access.models import User
from domain.kernel.ids import public_id
from tests.api.crowd import NESTED, PLACES, ROOTS, SORTS, Crowd, Place, SortKey, children, listed, one_crowd, word
from tests.api.walker import WAYS, Walker, parent_of
from tests.conftest import Databases
from tests.graph import Graph

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def shared(databases: Databases) -> Iterator[Crowd]:
    with one_crowd(databases, 20240501) as crowd:
        yield crowd


@pytest.fixture
def database_url(shared: Crowd) -> str:
    return shared.url


@pytest.fixture
def administrator(shared: Crowd) -> User:
    return shared.administrator


@pytest.fixture
def crowd(shared: Crowd) -> dict[str, list[UUID]]:
    return shared.keys


async def assert_law(walker: Walker, among: set[UUID] | None) -> None:
    expected = await listed(walker.place.entity, walker.keys, among)
    forward = await walker.whole(backward=False)
    backward = await walker.whole(backward=True)
    assert forward == expected, walker.keys
    assert backward == expected, walker.keys


def test_every_entity_with_an_order_is_listed_somewhere() -> None:
    assert PLACES.keys() == SORTS.keys()
    assert all(SORTS.values())


@pytest.mark.parametrize("name", sorted(SORTS))
async def test_every_order_gives_the_whole_list_both_ways(ada: Graph, crowd: dict[str, list[UUID]], name: str) -> None:
    chance, place = random.Random(name), PLACES[name]
    parent, among = await parent_of(place, crowd)
    for sorted_by in SORTS[name]:
        for descending, nulls_first in WAYS:
            keys = [(sorted_by, descending, nulls_first)]
            await assert_law(Walker(ada, place, keys, chance, parent=parent), among)


@pytest.mark.parametrize("place", NESTED, ids=lambda place: f"{place.owner}.{place.field}")
async def test_lists_within_a_record_do_so_too(ada: Graph, crowd: dict[str, list[UUID]], place: Place) -> None:
    chance = random.Random(place.field)
    parent, among = await parent_of(place, crowd)
    for _ in range(3):
        keys = chance.sample([(name, *way) for name in SORTS[place.entity] for way in WAYS], 1)
        await assert_law(Walker(ada, place, keys, chance, parent=parent), among)


async def filters(name: str, crowd: dict[str, list[UUID]], chance: random.Random) -> tuple[dict[str, Any], set[UUID]]:
    """A filter, and the keys of the rows that match it."""
    entity = ENTITIES[name]
    chosen = chance.sample(crowd[name], 17)
    ids = [public_id(entity.prefix, key) for key in chosen]
    rows = set(chosen)
    if chance.random() < 0.5:
        return {"id": {"in": ids}}, rows
    return {"or": [{"id": {"eq": one}} for one in ids[:3]] + [{"not": {"id": {"notIn": ids[3:]}}}]}, rows


KEYS = st.sampled_from(sorted(ROOTS)).flatmap(
    lambda name: st.tuples(
        st.just(name),
        st.lists(
            st.tuples(st.sampled_from(SORTS[name]), st.booleans(), st.booleans()),
            min_size=2,
            max_size=3,
            unique_by=lambda key: key[0],
        ),
    )
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=KEYS, seed=st.integers(0, 2**32), narrowed=st.booleans())
async def test_any_mix_of_keys_gives_the_whole_list_both_ways(
    ada: Graph, crowd: dict[str, list[UUID]], asked: tuple[str, list[SortKey]], seed: int, narrowed: bool
) -> None:
    (name, keys), chance = asked, random.Random(seed)
    where, among = await filters(name, crowd, chance) if narrowed else (None, None)
    await assert_law(Walker(ada, ROOTS[name], keys, chance, where=where), among)


async def test_every_record_pages_its_own_list(ada: Graph, crowd: dict[str, list[UUID]]) -> None:
    """Asked of all records at once, each list begins and ends as it does by itself."""
    for place in NESTED:
        keys: list[SortKey] = [(SORTS[place.entity][0], True, True)]
        order = f"[{{field: {word(keys[0][0])}, direction: DESC, nulls: FIRST}}]"
        lists = " ".join(
            f"{alias}: {place.field}({count}: 4, orderBy: {order}) {{ nodes {{ id }} pageInfo {{ {more} }} }}"
            for alias, count, more in (("head", "first", "hasNextPage"), ("tail", "last", "hasPreviousPage"))
        )
        nodes = (await ada.ask(f"{{ {place.root} {{ nodes {{ id {lists} }} }} }}"))[place.root]["nodes"]
        by_id = {node["id"]: node for node in nodes}
        for parent in crowd[place.owner]:
            expected = await listed(place.entity, keys, await children(place, parent))
            node = by_id[public_id(ENTITIES[place.owner].prefix, parent)]
            assert [row["id"] for row in node["head"]["nodes"]] == expected[:4]
            assert [row["id"] for row in node["tail"]["nodes"]] == expected[-4:]
            assert node["head"]["pageInfo"]["hasNextPage"] == node["tail"]["pageInfo"]["hasPreviousPage"]
            assert node["head"]["pageInfo"]["hasNextPage"] == (len(expected) > 4)
