"""Plans: what compiling gave, kept so that a repeated operation only binds its variables and runs.

A plan is valid for one shape of the variables. Values in filters, ids and cursors are bound; what decides the SQL
itself (page sizes, orderings, what groups are formed by, the conditions of @skip and @include, which filters are there,
the types of ids, whether there is anything to search for) is part of the key.
"""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graphql import (
    DocumentNode,
    VariableNode,
    Visitor,
    visit,
)
from tortoise.connection import get_connection

from api.graph.arguments import Bind, Call
from api.graph.budget import Cost
from api.graph.search import is_blank
from domain.kernel.ids import split_id
from domain.kernel.transactions import Echo

EXACT_ARGUMENTS = frozenset({"first", "last", "orderBy", "by", "if"})
ID_ARGUMENTS = frozenset({"id", "ids"})
SEARCH_ARGUMENT = "search"
MOST_BYTES = 8 * 1024 * 1024
LONGEST_SHAPE = 256
BYTES_OF_A_PLAN = 2_500
BYTES_OF_A_BIND = 400
BYTES_OF_A_TOKEN = 100
"""A plan may hold as much for each token of its document: a value that was converted, or how a field is written."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement, the binders of its parameters, what it costs, and the response key of each pair of columns."""

    sql: str
    binds: tuple[Bind, ...]
    cost: Cost
    keys: tuple[str, ...] = ()

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return _weight(self.sql, self.binds)

    def values(self, call: Call) -> list[Any]:
        """This will bind the parameters. Raises what a cursor or an id raises that cannot be read."""
        return [bind(call) for bind in self.binds]

    async def row(self, values: Sequence[Any]) -> Sequence[Any] | None:
        """This will run the statement in the transaction of the caller, if any, and give its first row."""
        async with get_connection("default").acquire_connection() as connection:
            row: Sequence[Any] | None = await connection.fetchrow(self.sql, *values)
            return row

    async def rows(self, values: Sequence[Any]) -> list[Sequence[Any]]:
        """This will run the statement likewise, and give all its rows."""
        async with get_connection("default").acquire_connection() as connection:
            rows: list[Sequence[Any]] = await connection.fetch(self.sql, *values)
            return rows


@dataclass(frozen=True, slots=True)
class EchoPlan:
    """How a mutation's record is read by the statement that stores it in `table`.

    `key` is the response key of the record in the payload; where none is asked for, it and the select are empty.
    """

    table: str
    key: str
    sql: str
    binds: tuple[Bind, ...]

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return _weight(self.sql, self.binds)

    def echo(self, call: Call) -> Echo:
        """This will bind its parameters. Raises what a cursor or an id raises that cannot be read."""
        return Echo(self.sql, [bind(call) for bind in self.binds])


def _weight(sql: str, binds: Sequence[Bind]) -> int:
    return BYTES_OF_A_PLAN + len(sql) + BYTES_OF_A_BIND * len(binds)


class Kept(Protocol):
    """What can be kept among the plans."""

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""


class Plans:
    """The plans used last, by what decides them; the oldest make room where they take too much memory."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Any, tuple[Any, int]] = OrderedDict()
        self._bytes = 0

    def find(self, key: Any) -> Any:
        """This will give a plan that was kept."""
        found = self._kept.get(key)
        if found is None:
            return None
        self._kept.move_to_end(key)
        return found[0]

    def keep(self, key: Any, plan: Kept, *, tokens: int) -> None:
        """This will remember a plan as long as there is room; `tokens` is how many its document has."""
        self._drop(key)
        weight = plan.weight + BYTES_OF_A_TOKEN * tokens
        self._kept[key] = (plan, weight)
        self._bytes += weight
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._kept)))

    def forget(self, number: int) -> None:
        """This will drop the plans of a document, by the number that their keys begin with."""
        for key in [key for key in self._kept if key[0] == number]:
            self._drop(key)

    def _drop(self, key: Any) -> None:
        self._bytes -= self._kept.pop(key, (None, 0))[1]


@dataclass(frozen=True, slots=True)
class Decisive:
    """The variables of a document that decide more of the SQL than which filters are there."""

    exact: frozenset[str] = field(default=frozenset())
    ids: frozenset[str] = field(default=frozenset())
    searches: frozenset[str] = field(default=frozenset())


def decisive_variables(document: DocumentNode) -> Decisive:
    """This will name the variables whose value, types of ids, or blankness decides the SQL, wherever they stand."""
    finder = _DecisiveVariables()
    visit(document, finder)
    return Decisive(frozenset(finder.exact), frozenset(finder.ids), frozenset(finder.searches))


class _DecisiveVariables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.exact: set[str] = set()
        self.ids: set[str] = set()
        self.searches: set[str] = set()
        self._inside: list[str] = []

    def enter_argument(self, node: Any, *_: Any) -> None:
        self._inside.append(node.name.value)

    def leave_argument(self, *_: Any) -> None:
        self._inside.pop()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        if self._inside and self._inside[-1] in EXACT_ARGUMENTS:
            self.exact.add(node.name.value)
        if self._inside and self._inside[-1] in ID_ARGUMENTS:
            self.ids.add(node.name.value)
        if self._inside and self._inside[-1] == SEARCH_ARGUMENT:
            self.searches.add(node.name.value)


def shape(variables: Mapping[str, Any], decisive: Decisive) -> str:
    """This will give what of the variables decides the SQL."""
    if not variables:
        return ""
    parts: list[Any] = []
    for name, value in sorted(variables.items()):
        if name in decisive.exact:
            parts.append((name, value))
        elif name in decisive.ids:
            parts.append((name, _kinds(value)))
        elif name in decisive.searches:
            parts.append((name, _shape(value), is_blank(value)))
        else:
            parts.append((name, _shape(value)))
    text = repr(parts)
    return text if len(text) <= LONGEST_SHAPE else hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _kinds(value: Any) -> Any:
    if isinstance(value, list):
        return sorted(Counter(map(_kinds, value)).items())
    parts = split_id(value) if isinstance(value, str) else None
    return parts[0] if parts else ""


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _shape(inner)) for name, inner in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return tuple(_shape(inner) for inner in value)
    return value is None
