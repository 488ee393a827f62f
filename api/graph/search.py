"""Search in a list: PostgreSQL's full text search, the best matches first, whatever the words bounded in what it reads.

At most 10,001 rows that match are looked up by the GIN index. If that is all of them they are ranked, or sorted as
asked; else the words are common, and the list is read along an index of its order, the newest first where none is
asked for. A cursor of a ranked list tells by its rank, 0 where there was none, which of both it was made in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from api.graph.arguments import Given
from api.graph.codecs import codec_of
from api.graph.entity import Entity, Leaf
from api.graph.ordering import Key, Ordering, stretch
from api.graph.problems import bad_input
from api.graph.statement import Statement

LONGEST_SEARCH = 200
MOST_RANKED = 10_000
_LEAST_RANK = "1e-20"
_RANK = Leaf("{t}.search_rank", codec_of("FloatField"), nullable=False)


def is_blank(words: Any) -> bool:
    """This will say whether there is nothing to search for."""
    return words is None or not words.strip()


def sought(words: Given | None) -> Given | None:
    """This will give the words of a `search` argument, None where there is nothing to search for."""
    return None if words is None or is_blank(words.value) else words


def holds(statement: Statement, words: Given, alias: str) -> str:
    """This will give the predicate that a row holds the words; the query is made of them once in the statement."""
    return f"{alias}.search @@ (SELECT search_query({statement.parameter(words.bind(_read), 'text')}))"


def by_rank(entity: Entity) -> Ordering:
    """This will give the order of a search's list where no other is asked for: the best, then the newest."""
    keys = (Key("search", _RANK, True, nulls_first=False), Key("id", entity.leaf("id"), True, nulls_first=False))
    return Ordering(entity, keys)


@dataclass(frozen=True, slots=True)
class Search:
    """The search of a connection in compilation: the names of two common table expressions, and of the table's row.

    `asked` holds the query, `few` the ids of rows that match, with the values that they are sorted by.
    """

    ordering: Ordering
    statement: Statement
    words: Given
    alias: str
    asked: str
    few: str

    def head(self, base: Sequence[str]) -> str:
        """This will give the WITH clause; `base` is what else is true of the rows."""
        words, query = self.statement.parameter(self.words.bind(_read), "text"), f"(SELECT query FROM {self.asked})"
        rank = f"greatest(ts_rank({self.alias}.search, {query}, 1)::float8, {_LEAST_RANK})"
        values = [rank if key.leaf is _RANK else key.sql(self.alias) for key in self.ordering.keys]
        columns = [
            f"{value} AS {_column(place, key)}" for (place, key), value in zip(self._placed, values, strict=True)
        ]
        conditions = " AND ".join([*base, f"{self.alias}.search @@ {query}"])
        return (
            f"WITH {self.asked} AS MATERIALIZED (SELECT search_query({words}) AS query), {self.few} AS MATERIALIZED ("
            f"SELECT {self.alias}.id, {', '.join(columns)} FROM {self.ordering.entity.table} {self.alias} "
            f"WHERE {conditions} LIMIT {MOST_RANKED + 1}) "
        )

    def parts(self, base: Sequence[str], cursor: Given | None, size: int, *, backward: bool) -> Iterator[str]:
        """This will give the selects of a page's rows, those behind a cursor, or before it: one of each pair runs."""
        matches = f"ts_match_vq({self.alias}.search, (SELECT query FROM {self.asked}))"  # by no index
        common = f"(SELECT count(*) FROM {self.few}) > {MOST_RANKED}"
        if self.ordering.keys[0].leaf is not _RANK:
            for each in self._sorted.stretches(self.alias, cursor, self.statement, backward=backward):
                yield self._looked_up([f"NOT {common}", *each.conditions], each.order, size)
            for each in self.ordering.stretches(self.alias, cursor, self.statement, backward=backward):
                yield self._walked([common, *base, matches, *each.conditions], each.order, size)
            return
        keys = (self._sorted.flipped() if backward else self._sorted).keys
        values = self.ordering.values(cursor, self.statement) if cursor else []
        if values:
            common = f"{values[0]} = 0"
        best = stretch(keys, values, self.alias)
        yield self._looked_up([f"NOT {common}", *best.conditions], best.order, size, f", {self.few}.search_rank")
        keys = (self.ordering.flipped() if backward else self.ordering).keys
        newest = stretch(keys[1:], values[1:], self.alias)
        yield self._walked(
            [common, *base, matches, *newest.conditions], newest.order, size, ", 0::float8 AS search_rank"
        )

    @property
    def _placed(self) -> Sequence[tuple[int, Key]]:
        return list(enumerate(self.ordering.keys))

    @property
    def _sorted(self) -> Ordering:
        """The same order by what the few hold."""
        keys = (replace(key, leaf=replace(key.leaf, sql=f"{{t}}.{_column(place, key)}")) for place, key in self._placed)
        return Ordering(self.ordering.entity, tuple(keys))

    def _looked_up(self, conditions: Sequence[str], order: str, size: int, rank: str = "") -> str:
        """Sorted by what the few hold, the page alone is fetched, row by row.

        Joined as a table, PostgreSQL may prefer to pass over all of it.
        """
        few, alias, table = self.few, self.alias, self.ordering.entity.table
        page = f"SELECT * FROM {few} {alias} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {size}"
        rows = f"SELECT * FROM {table} {alias} WHERE {alias}.id = {few}.id OFFSET 0"
        return f"(SELECT {alias}.*{rank} FROM ({page}) {few} CROSS JOIN LATERAL ({rows}) {alias})"

    def _walked(self, conditions: Sequence[str], order: str, size: int, rank: str = "") -> str:
        found = f"{self.ordering.entity.table} {self.alias}"
        narrowed = f"WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {size}"
        return f"(SELECT {self.alias}.*{rank} FROM {found} {narrowed})"


def _column(place: int, key: Key) -> str:
    return "search_rank" if key.leaf is _RANK else f"s{place}"


def _read(words: Any) -> str:
    if len(words) > LONGEST_SEARCH:
        raise bad_input(
            f"search has {len(words)} characters; at most {LONGEST_SEARCH} are sought. Keep the words that tell most."
        )
    if "\0" in words:
        raise bad_input("search holds a NUL character; remove it.")
    return str(words)
