"""Putting a statement together: numbered parameters, fresh aliases, and JSON text out of `concat`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count

from api.graph.arguments import Bind
from api.graph.entity import Entity

_PARAMETER = re.compile(r"(?<!\(SELECT )(\$\d+)::(\w+(?:\[\])?)")
_MOST_ARGUMENTS = 90  # PostgreSQL allows 100 to a function


Pieces = list[str]
"""Pieces of JSON text as SQL expressions, to be joined by `concat`."""


@dataclass(slots=True)
class Row:
    """A table row in the FROM clause of a select, with the joins that its selection needs.

    `weights` names the columns in which lists that hang on the row say how many values they gave.
    """

    entity: Entity
    alias: str
    joins: list[str] = field(default_factory=list)
    weights: list[str] = field(default_factory=list)


class Statement:
    """A statement in the making: it hands out aliases and parameters, and remembers what binds each."""

    def __init__(self) -> None:
        self.binds: list[Bind] = []
        self._aliases = count(1)

    def alias(self, letter: str) -> str:
        """This will give a table alias that nothing else in the statement has."""
        return f"{letter}{next(self._aliases)}"

    def parameter(self, bind: Bind, cast: str) -> str:
        """This will bind one more value and give its place, cast to its type."""
        self.binds.append(bind)
        return f"${len(self.binds)}::{cast}"

    def parameter_once(self, bind: Bind, cast: str) -> str:
        """This will give the place of a value that the statement binds already, or else bind it."""
        if bind not in self.binds:
            return self.parameter(bind, cast)
        return f"${self.binds.index(bind) + 1}::{cast}"


def unseen(sql: str) -> str:
    """This will hide values from the planner, within subselects, where it could plan no better for seeing them.

    Otherwise it plans a statement anew, for every call, which takes longer than to run it.
    """
    return _PARAMETER.sub(r"(SELECT \1::\2)::\2", sql)


def literal(text: str) -> str:
    """This will write constant text as an SQL literal; only names of the schema and response keys come here."""
    return "'" + text.replace("'", "''") + "'"


def concat(pieces: Sequence[str]) -> str:
    """This will join pieces of JSON text: neighbouring literals become one, long lists are nested."""
    merged: list[str] = []
    for piece in pieces:
        if merged and _is_literal(piece) and _is_literal(merged[-1]):
            merged[-1] = merged[-1][:-1] + piece[1:]
        else:
            merged.append(piece)
    while len(merged) > _MOST_ARGUMENTS:
        merged = [
            f"concat({', '.join(merged[start : start + _MOST_ARGUMENTS])})"
            for start in range(0, len(merged), _MOST_ARGUMENTS)
        ]
    return f"concat({', '.join(merged)})"


def _is_literal(piece: str) -> bool:
    return piece.startswith("'") and piece.endswith("'") and piece.count("'") == 2


def json_object(fields: Sequence[tuple[str, Pieces]]) -> Pieces:
    """This will give the pieces of a JSON object, from response keys and the pieces of their values."""
    pieces = [literal("{")]
    for index, (key, value) in enumerate(fields):
        pieces += [literal(f'{"," if index else ""}"{key}":'), *value]
    return [*pieces, literal("}")]
