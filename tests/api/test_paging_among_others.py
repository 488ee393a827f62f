"""The law of pages while other rows come, go and move: what stays is met once, and a cursor outlives its row."""

import asyncio
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from api.graph.entity import ENTITIES
from tests.api.crowd import PLACES, ROOTS, SORTS, SortKey, listed, make_crowd, row_of
from tests.api.walker import WAYS, Walker, parent_of
from tests.graph import Graph

pytestmark = pytest.mark.anyio


@pytest.fixture
async def crowd(ada: Graph) -> dict[str, list[UUID]]:
    return await make_crowd(random.Random(20240501))


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
