"""The order of a page, and the cursors that continue it: keyset paging over any sort keys, with `id` as tie-break.

A cursor is base64 of JSON: [fingerprint of the ordering, the values of the sort keys…, the id]. It is written by SQL
and read here. NULLs stand last unless `nulls: FIRST` asks otherwise, in either direction.

A list whose first key may be NULL is read as stretches: the rows that have a value, and those that have none. Each is
found by the plain index of the column, wherever the NULLs stand and however deep the page lies.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import orjson

from api.graph.arguments import Bind, Given
from api.graph.entity import Entity, Leaf
from api.graph.problems import bad_cursor, bad_input
from api.graph.statement import Statement, concat, literal

LONGEST_CURSOR = 16_384


@dataclass(frozen=True, slots=True)
class Key:
    """One sort key: a leaf, its direction, and where its NULLs stand; `present` where all rows in question have it."""

    name: str
    leaf: Leaf
    descending: bool
    nulls_first: bool
    present: bool = False

    def flipped(self) -> "Key":
        return replace(self, descending=not self.descending, nulls_first=not self.nulls_first)

    def sql(self, alias: str) -> str:
        return self.leaf.sql.replace("{t}", alias)

    def revive(self, value: Any) -> Any:
        """This will turn a value in a cursor back. Raises ValueError, among others, where it cannot be one."""
        if value is None and not self.leaf.nullable:
            raise ValueError("it has always a value")
        return None if value is None else self.leaf.codec.revive(value)

    @property
    def nullable(self) -> bool:
        return self.leaf.nullable and not self.present

    @property
    def beyond(self) -> str:
        return "<" if self.descending else ">"

    def order_by(self, alias: str) -> str:
        return self.order_as(self.sql(alias))

    def order_as(self, sql: str) -> str:
        nulls = f" NULLS {'FIRST' if self.nulls_first else 'LAST'}" if self.nullable else ""
        return f"{sql} {'DESC' if self.descending else 'ASC'}{nulls}"


class Stretch(NamedTuple):
    """Rows that lie together in an order: what is true of them, and their order among themselves."""

    conditions: list[str]
    order: str


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

    def stretches(self, alias: str, cursor: Given | None, statement: Statement, *, backward: bool) -> list[Stretch]:
        """This will give the stretches of the rows behind a cursor, if there is one, or before it."""
        keys = self.flipped().keys if backward else self.keys
        values = [] if cursor is None else self.values(cursor, statement)
        first, rest = keys[0], keys[1:]
        if not first.nullable:
            return [stretch(keys, values, alias)]
        filled = (replace(first, present=True), *rest)
        has, lacks = f"{first.sql(alias)} IS NOT NULL", f"{first.sql(alias)} IS NULL"
        if cursor is None:
            return [stretch(filled, [], alias, has), stretch(rest, [], alias, lacks)]
        from_value, from_gap = f"{values[0]} IS NOT NULL", f"{values[0]} IS NULL"
        within = [
            stretch(filled, values, alias, has, from_value),
            stretch(rest, values[1:], alias, lacks, from_gap),
        ]
        if first.nulls_first:
            return [*within, stretch(filled, [], alias, has, from_gap)]
        return [*within, stretch(rest, [], alias, lacks, from_value)]

    def values(self, cursor: Given, statement: Statement) -> list[str]:
        """This will bind the values of a cursor's sort keys."""
        fingerprint = self.fingerprint

        def value_at(index: int) -> Bind:
            return cursor.bind(lambda text: _read_cursor(text, fingerprint, self.keys)[index])

        return [statement.parameter(value_at(i), key.leaf.codec.cast) for i, key in enumerate(self.keys)]


def stretch(keys: Sequence[Key], values: Sequence[str], alias: str, *conditions: str) -> Stretch:
    """This will give the rows beyond the values, where there are any, in the order of the keys."""
    beyond = [_beyond(keys, values, alias)] if values else []
    return Stretch([*conditions, *beyond], ", ".join(key.order_by(alias) for key in keys))


def _beyond(keys: Sequence[Key], values: Sequence[str], alias: str) -> str:
    """Compares rows as a whole where all keys run the same way, else key by key, within the bound of the first."""
    columns = [key.sql(alias) for key in keys]
    if all(not key.nullable and key.descending == keys[0].descending for key in keys):
        return f"({', '.join(columns)}) {keys[0].beyond} ({', '.join(values)})"
    alternatives: list[str] = []
    equal: list[str] = []
    for key, column, value in zip(keys, columns, values, strict=True):
        alternatives.append(" AND ".join([*equal, _after(key, column, value)]))
        equal.append(f"{column} IS NOT DISTINCT FROM {value}" if key.nullable else f"{column} = {value}")
    either = " OR ".join(f"({alternative})" for alternative in alternatives)
    return f"({either})" if keys[0].nullable else f"({columns[0]} {keys[0].beyond}= {values[0]} AND ({either}))"


def _after(key: Key, column: str, value: str) -> str:
    if not key.nullable:
        return f"{column} {key.beyond} {value}"
    if key.nulls_first:
        return f"({column} {key.beyond} {value} OR ({value} IS NULL AND {column} IS NOT NULL))"
    return f"({column} {key.beyond} {value} OR ({value} IS NOT NULL AND {column} IS NULL))"


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
