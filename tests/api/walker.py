"""A client that reads lists page by page."""

import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from api.graph.entity import ENTITIES
from domain.kernel.ids import public_id
from tests.api.crowd import Place, SortKey, children, word
from tests.graph import Graph

PAGE = """nodes { id } edges { cursor node { id } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"""
WAYS = [(descending, nulls_first) for descending in (False, True) for nulls_first in (False, True)]
SIZES = (1, 4, 9, 25)


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


async def parent_of(place: Place, crowd: dict[str, list[UUID]]) -> tuple[str | None, set[UUID] | None]:
    """Of a list within a record the record with the longest, and its rows."""
    if not place.field:
        return None, None
    found = {parent: await children(place, parent) for parent in crowd[place.owner]}
    parent = max(found, key=lambda each: len(found[each]))
    assert len(found[parent]) > 5
    return public_id(ENTITIES[place.owner].prefix, parent), found[parent]
