"""The law of pages, for every order of every entity: one after the other they are the whole list, forward or backward.

The lists are sorted here as well, by Python, and every page says the truth about what lies before and behind it; also
while other rows come, go and move.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.graph.entity import ENTITIES
from domain.kernel.ids import public_id
from tests.api.crowd import NESTED, PLACES, ROOTS, SORTS, Place, SortKey, children, listed, make_crowd, row_of, word
from tests.graph import Graph

pytestmark = pytest.mark.anyio
PAGE = """nodes { id } edges { cursor node { id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""
WAYS = [(descending, nulls_first) for descending in (False, True) for nulls_first in (False, True)]
SIZES = (1, 2, 3, 7, 12)


@dataclass
class Walker:
    """A client that reads a list page by page, and checks what every page says of itself."""

    graph: Graph
    place: Place
    keys: Sequence[SortKey]
    chance: random.Random
    where: dict[str, Any] | None = None
    parent: str | None = None
    stays: bool = True
    seen: list[str] = field(default_factory=list)

    async def page(self, size: int, cursor: str | None, *, backward: bool) -> dict[str, Any]:
        """One page of the list."""
        name, (count, after) = self.place.entity, ("last", "before") if backward else ("first", "after")
        arguments = f"({count}: $size, {after}: $cursor, orderBy: $order, where: $where)"
        declared = f"$size: Int!, $cursor: String, $order: [{name}OrderBy!], $where: {name}Where"
        if self.place.field:
            outer = f"{self.place.root}(where: {{id: {{eq: $parent}}}})"
            query = f"query ({declared}, $parent: ID!) {{ {outer} {{ nodes {{ page: {self.place.field}{arguments} {{ {PAGE} }} }} }} }}"
        else:
            query = f"query ({declared}) {{ page: {self.place.root}{arguments} {{ {PAGE} }} }}"
        order = [
            {"field": word(name), "direction": "DESC" if down else "ASC", "nulls": "FIRST" if first else "LAST"}
            for name, down, first in self.keys
        ]
        given = {"size": size, "cursor": cursor, "order": order, "where": self.where}
        data = await self.graph.ask(query, **given, **({"parent": self.parent} if self.parent else {}))
        found: dict[str, Any] = data[self.place.root]["nodes"][0]["page"] if self.place.field else data["page"]
        return found

    async def walk(self, *, backward: bool) -> AsyncIterator[list[str]]:
        """The ids of page after page, as they come, until there is no more."""
        cursor = None
        for _ in range(200):
            size = self.chance.choice(SIZES)
            page = await self.page(size, cursor, backward=backward)
            ids = [node["id"] for node in page["nodes"]]
            self.check(page, ids, size, cursor, backward=backward)
            yield ids
            cursor = page["pageInfo"]["startCursor" if backward else "endCursor"]
            if not page["pageInfo"]["hasPreviousPage" if backward else "hasNextPage"]:
                return
        raise AssertionError("the pages do not end")

    def check(self, page: dict[str, Any], ids: list[str], size: int, cursor: str | None, *, backward: bool) -> None:
        """What a page says of itself."""
        info, cursors = page["pageInfo"], [edge["cursor"] for edge in page["edges"]]
        ahead, behind = ("hasPreviousPage", "hasNextPage") if backward else ("hasNextPage", "hasPreviousPage")
        assert [edge["node"]["id"] for edge in page["edges"]] == ids
        assert (info["startCursor"], info["endCursor"]) == ((cursors[0], cursors[-1]) if cursors else (None, None))
        assert len(set(cursors)) == len(ids) <= size
        assert info[behind] == (cursor is not None)
        if info[ahead]:
            assert len(ids) == size
        elif self.stays:
            assert ids or cursor is None, "a page was promised and is empty"

    async def whole(self, *, backward: bool) -> list[str]:
        """The list, as its pages make it up."""
        found: list[str] = []
        async for ids in self.walk(backward=backward):
            found = [*ids, *found] if backward else [*found, *ids]
        return found


@pytest.fixture
async def crowd(ada: Graph) -> dict[str, list[UUID]]:
    return await make_crowd(random.Random(20240501))


async def parent_of(place: Place, crowd: dict[str, list[UUID]]) -> tuple[str | None, set[UUID] | None]:
    """Of a list within a record the record with the longest, and its rows."""
    if not place.field:
        return None, None
    found = {parent: await children(place, parent) for parent in crowd[place.owner]}
    parent = max(found, key=lambda each: len(found[each]))
    assert len(found[parent]) > 5
    return public_id(ENTITIES[place.owner].prefix, parent), found[parent]


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


@pytest.mark.parametrize("backward", [False, True])
async def test_a_cursor_outlives_its_row(ada: Graph, crowd: dict[str, list[UUID]], backward: bool) -> None:
    """A page continues where the row stood; it knows that it was led there, not whether anything is left behind it."""
    chance = random.Random(7)
    await ENTITIES["ShipmentLine"].model.all().delete()  # What was shipped may not be deleted, as lines below are.
    for name in ("Job", "OrderLine"):
        place, model = PLACES[name], ENTITIES[name].model
        parent, among = await parent_of(place, crowd)
        keys: list[SortKey] = [(SORTS[name][0], False, False)]
        walker = Walker(ada, place, keys, chance, parent=parent)
        expected = await listed(name, keys, among)
        ahead, behind = ("hasPreviousPage", "hasNextPage") if backward else ("hasNextPage", "hasPreviousPage")
        first = await walker.page(3, None, backward=backward)
        cursor = first["pageInfo"]["startCursor" if backward else "endCursor"]
        await model.filter(id__in=[UUID(hex=node["id"][4:]) for node in first["nodes"]]).delete()
        page = await walker.page(2, cursor, backward=backward)
        assert [node["id"] for node in page["nodes"]] == (expected[-5:-3] if backward else expected[3:5])
        assert (page["pageInfo"][ahead], page["pageInfo"][behind]) == (True, True)
        await model.all().delete()
        page = await walker.page(2, page["pageInfo"]["startCursor" if backward else "endCursor"], backward=backward)
        assert (page["nodes"], page["edges"]) == ([], [])
        assert page["pageInfo"] == {ahead: False, behind: True, "startCursor": None, "endCursor": None}


def pairs() -> Iterator[tuple[str, SortKey]]:
    chance = random.Random(1)
    for name, sorts in SORTS.items():
        if name in ROOTS:
            for sorted_by in sorts:
                yield name, (sorted_by, *chance.choice(WAYS))


class TestAmongOthers:
    """While others write, from connections of their own."""

    @pytest.fixture
    def pool_size(self) -> int:
        return 4

    async def test_rows_that_stay_are_met_once_whatever_becomes_of_others(
        self, ada: Graph, crowd: dict[str, list[UUID]]
    ) -> None:
        for name, key in pairs():
            chance = random.Random(f"{name} {key}")
            entity = ENTITIES[name]
            staying = set(crowd[name])
            stop, written = asyncio.Event(), list[UUID]()
            others = asyncio.create_task(self.churn(name, crowd, chance, stop, written))
            expected = await listed(name, [key], staying)
            while len(written) <= 10:  # slow as the machine may be, pages were read while others wrote
                for backward in (False, True):
                    walker = Walker(ada, ROOTS[name], [key], random.Random(chance.random()), stays=False)
                    met = await walker.whole(backward=backward)
                    assert [each for each in met if UUID(hex=each.partition("_")[2]) in staying] == expected, (
                        key,
                        backward,
                    )
                assert not others.done(), others
            stop.set()
            await others
            await entity.model.filter(id__in=written).delete()

    async def churn(
        self, name: str, crowd: dict[str, list[UUID]], chance: random.Random, stop: asyncio.Event, written: list[UUID]
    ) -> None:
        """Makes, moves and removes other rows, one after the other; tells of each as it is done."""
        model, made = ENTITIES[name].model, {ENTITIES[each].model: keys for each, keys in crowd.items()}
        others: list[Any] = []
        while not stop.is_set():
            fresh = row_of(model, 1001 + len(written), chance, made)
            if others and (len(others) > 8 or chance.random() < 0.3):
                await others.pop(chance.randrange(len(others))).delete()
            elif others and chance.random() < 0.5:
                moved = chance.choice(others)
                fresh.pk = moved.pk
                await fresh.save(force_update=True)
            else:
                await fresh.save(force_create=True)
                others.append(fresh)
            written.append(fresh.pk)
