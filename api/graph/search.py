"""Search in a list: PostgreSQL's full text search, the best matches first, whatever the words bounded in what it reads.

At most 10,001 rows that match are looked up by the GIN index. If that is all of them they are ranked, or sorted as
asked; else the words are common, and the list is read along an index of its order, the newest first where none is
asked for. A cursor of a ranked list tells by its rank, 0 where there was none, which of both it was made in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.graph.arguments import Given
from api.graph.codecs import codec_of
from api.graph.entity import Entity, Leaf
from api.graph.ordering import Key, Ordering, Stretch, stretch
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

    `asked` holds the query, `few` the ids of rows that match, with their rank where that is the order.
    """

    ordering: Ordering
    statement: Statement
    words: Given
    alias: str
    asked: str
    few: str

    def head(self, base: Sequence[str]) -> str:
        """This will give the WITH clause; `base` is what else is true of the rows."""
        query, words = f"(SELECT query FROM {self.asked})", self.statement.parameter(self.words.bind(_read), "text")
        rank = f", greatest(ts_rank({self.alias}.search, {query}, 1)::float8, {_LEAST_RANK}) AS search_rank"
        conditions = " AND ".join([*base, f"{self.alias}.search @@ {query}"])
        return (
            f"WITH {self.asked} AS MATERIALIZED (SELECT search_query({words}) AS query), {self.few} AS MATERIALIZED ("
            f"SELECT {self.alias}.id{rank if self._ranks else ''} FROM {self.ordering.entity.table} {self.alias} "
            f"WHERE {conditions} LIMIT {MOST_RANKED + 1}) "
        )

    def parts(self, base: Sequence[str], cursor: Given | None, size: int, *, backward: bool) -> Iterator[str]:
        """This will give the selects of a page's rows, those behind a cursor, or before it: one of each pair runs."""
        matches = f"ts_match_vq({self.alias}.search, (SELECT query FROM {self.asked}))"  # by no index
        common = f"(SELECT count(*) FROM {self.few}) > {MOST_RANKED}"
        if not self._ranks:
            for each in self.ordering.stretches(self.alias, cursor, self.statement, backward=backward):
                yield self._sorted([f"NOT {common}", *each.conditions], each.order, size)
                yield self._walked([common, *base, matches, *each.conditions], each.order, size)
            return
        keys = (self.ordering.flipped() if backward else self.ordering).keys
        values = self.ordering.values(cursor, self.statement) if cursor else []
        if values:
            common = f"{values[0]} = 0"
        yield self._ranked(f"NOT {common}", stretch(keys, values, self.alias), size)
        newest = stretch(keys[1:], values[1:], self.alias)
        yield self._walked(
            [common, *base, matches, *newest.conditions], newest.order, size, ", 0::float8 AS search_rank"
        )

    @property
    def _ranks(self) -> bool:
        return self.ordering.keys[0].leaf is _RANK

    def _ranked(self, rare: str, best: Stretch, size: int) -> str:
        few, conditions = self.few, " AND ".join([rare, *best.conditions])
        found = f"SELECT * FROM {few} {self.alias} WHERE {conditions} ORDER BY {best.order} LIMIT {size}"
        return f"(SELECT {self.alias}.*, {few}.search_rank FROM ({found}) {few}{self._rows})"

    def _sorted(self, conditions: Sequence[str], order: str, size: int) -> str:
        narrowed = f"WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {size}"
        return f"(SELECT {self.alias}.* FROM {self.few}{self._rows} {narrowed})"

    @property
    def _rows(self) -> str:
        """The rows of the few, one by one by key: joined as a table, PostgreSQL may prefer to pass over all of it."""
        found = (
            f"SELECT * FROM {self.ordering.entity.table} {self.alias} WHERE {self.alias}.id = {self.few}.id OFFSET 0"
        )
        return f" CROSS JOIN LATERAL ({found}) {self.alias}"

    def _walked(self, conditions: Sequence[str], order: str, size: int, rank: str = "") -> str:
        found = f"{self.ordering.entity.table} {self.alias}"
        narrowed = f"WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {size}"
        return f"(SELECT {self.alias}.*{rank} FROM {found} {narrowed})"


def _read(words: Any) -> str:
    if len(words) > LONGEST_SEARCH:
        raise bad_input(
            f"search has {len(words)} characters; at most {LONGEST_SEARCH} are sought. Keep the words that tell most."
        )
    if "\0" in words:
        raise bad_input("search holds a NUL character; remove it.")
    return str(words)
