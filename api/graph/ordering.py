"""The order of a page, and the cursors that continue it: keyset paging over any sort keys, with `id` as tie-break.

A cursor is base64 of JSON: [fingerprint of the ordering, the values of the sort keys…, the id]. It is written by SQL
and read here. NULLs stand last unless `nulls: FIRST` asks otherwise, in either direction.

A key that may be NULL is sorted by as two that are not: whether there is a value, and the value or a blank. The first
is `IS NULL` or `IS NOT NULL`, whichever runs the same way as the key; so one comparison of rows finds the place behind
a cursor, and one index serves an order and its reverse: (c IS NULL, coalesce(c, ''), id) ascends with NULLs last,
(c IS NOT NULL, coalesce(c, ''), id) descends with NULLs last.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from api.graph.arguments import Bind, Given
from api.graph.entity import Entity, Leaf
from api.graph.problems import bad_cursor, bad_input
from api.graph.statement import Statement, concat, literal

LONGEST_CURSOR = 16_384


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key: a leaf, its direction, and where its NULLs stand."""

    name: str
    leaf: Leaf
    descending: bool
    nulls_first: bool

    def flipped(self) -> "Key":
        return Key(self.name, self.leaf, not self.descending, not self.nulls_first)

    def sql(self, alias: str) -> str:
        return self.leaf.sql.replace("{t}", alias)

    def revive(self, value: Any) -> Any:
        """This will turn a value in a cursor back. Raises ValueError, among others, where it cannot be one."""
        if value is None and not self.leaf.nullable:
            raise ValueError("it has always a value")
        return None if value is None else self.leaf.codec.revive(value)

    def terms(self, sql: str) -> list[str]:
        """This will give what to sort by, never NULL and all running the same way, for a value of the key in SQL."""
        if not self.leaf.nullable:
            return [sql]
        flag = "IS NULL" if self.nulls_first == self.descending else "IS NOT NULL"
        return [f"({sql} {flag})", f"coalesce({sql}, {self.leaf.codec.blank})"]

    def order_by(self, alias: str) -> str:
        way = "DESC" if self.descending else "ASC"
        return ", ".join(f"{term} {way}" for term in self.terms(self.sql(alias)))

    def order_as(self, sql: str) -> str:
        nulls = f" NULLS {'FIRST' if self.nulls_first else 'LAST'}" if self.leaf.nullable else ""
        return f"{sql} {'DESC' if self.descending else 'ASC'}{nulls}"


@dataclass(frozen=True, slots=True)
class Ordering:
    """The sort keys of a page, ending in the id, so that no two rows are equal."""

    entity: Entity
    keys: tuple[Key, ...]

    @property
    def fingerprint(self) -> str:
        words = [f"{key.name}:{key.descending}:{key.nulls_first and key.leaf.nullable}" for key in self.keys]
        return hashlib.blake2s(f"{self.entity.name}|{'|'.join(words)}".encode(), digest_size=6).hexdigest()

    def flipped(self) -> "Ordering":
        return Ordering(self.entity, tuple(key.flipped() for key in self.keys))

    def order_by(self, alias: str) -> str:
        return ", ".join(key.order_by(alias) for key in self.keys)

    def cursor(self, alias: str) -> str:
        """This will give the SQL of a row's cursor, in the order as the client sees it."""
        pieces = [literal(f'["{self.fingerprint}"')]
        for key in self.keys:
            pieces += [literal(","), *key.leaf.codec.cursor_json(key.sql(alias), nullable=key.leaf.nullable)]
        text = concat([*pieces, literal("]")])
        return f"translate(encode(convert_to({text}, 'UTF8'), 'base64'), E'\\n', '')"

    def beyond(self, alias: str, cursor: Given, statement: Statement, *, backward: bool) -> str:
        """This will give the predicate of the rows behind a cursor, or before it."""
        fingerprint = self.fingerprint

        def value_at(index: int) -> Bind:
            return cursor.bind(lambda text: _read_cursor(text, fingerprint, self.keys)[index])

        values = [statement.parameter(value_at(i), key.leaf.codec.cast) for i, key in enumerate(self.keys)]
        keys = [key.flipped() if backward else key for key in self.keys]
        return _beyond(keys, values, alias)


def _beyond(keys: Sequence[Key], values: Sequence[str], alias: str) -> str:
    """Compares rows as a whole where all keys run the same way, else term by term, within the bound of the first."""
    terms = [
        (term, value, "<" if key.descending else ">")
        for key, given in zip(keys, values, strict=True)
        for term, value in zip(key.terms(key.sql(alias)), key.terms(given), strict=True)
    ]
    columns, places, operators = zip(*terms, strict=True)
    if len(set(operators)) == 1:
        return f"({', '.join(columns)}) {operators[0]} ({', '.join(places)})"
    alternatives: list[str] = []
    equal: list[str] = []
    for term, value, operator in terms:
        alternatives.append(" AND ".join([*equal, f"{term} {operator} {value}"]))
        equal.append(f"{term} = {value}")
    return f"({columns[0]} {operators[0]}= {places[0]} AND ({' OR '.join(alternatives)}))"


def _read_cursor(text: Any, fingerprint: str, keys: Sequence[Key]) -> list[Any]:
    try:
        if len(text) > LONGEST_CURSOR:
            raise ValueError("too long")
        words = orjson.loads(base64.b64decode(text, validate=True))
        if not isinstance(words, list) or words[:1] != [fingerprint]:
            raise ValueError("another ordering")
        return [key.revive(value) for key, value in zip(keys, words[1:], strict=True)]
    except (ValueError, TypeError, ArithmeticError, binascii.Error):
        raise bad_cursor() from None


def ordering_of(entity: Entity, asked: Given | None, fallback: Sequence[str]) -> Ordering:
    """This will read an `orderBy` argument, or the fallback where it is absent or empty. Raises Problem."""
    keys = _asked(entity, asked) if asked is not None and asked.value else [_fixed(entity, text) for text in fallback]
    names = [key.name for key in keys]
    if len(set(names)) != len(names):
        raise bad_input("orderBy names a field twice; each can be sorted by once.")
    descending = keys[-1].descending if keys else False
    keys.append(Key("id", entity.leaf("id"), descending, nulls_first=False))
    return Ordering(entity, tuple(keys))


def _asked(entity: Entity, asked: Given) -> list[Key]:
    return [
        Key(
            item["field"].value,
            entity.leaf(item["field"].value),
            descending=item["direction"].value == "desc",
            nulls_first=item["nulls"].value == "first",
        )
        for item in asked.value
    ]


def _fixed(entity: Entity, text: str) -> Key:
    name = text.lstrip("-")
    return Key(name, entity.leaf(name), descending=text.startswith("-"), nulls_first=False)
