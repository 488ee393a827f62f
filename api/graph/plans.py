"""Plans: what compiling gave, kept so that a repeated operation only binds its variables and runs.

A plan is valid for one shape of the variables. Values in filters, ids and cursors are bound; what decides the SQL
itself (page sizes, orderings, the conditions of @skip and @include, which filters are there) is part of the key.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    VariableNode,
    Visitor,
    visit,
)
from tortoise.connection import get_connection

from api.graph.arguments import Bind, Call
from api.graph.budget import Cost

EXACT_ARGUMENTS = frozenset({"first", "last", "orderBy", "if"})
MOST_BYTES = 4 * 1024 * 1024
BYTES_OF_A_PLAN = 1_500
BYTES_OF_A_BIND = 400


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement, the binders of its parameters, and what it costs an operation's budget."""

    sql: str
    binds: tuple[Bind, ...]
    cost: Cost

    @property
    def weight(self) -> int:
        """About how many bytes of memory it takes."""
        return BYTES_OF_A_PLAN + len(self.sql) + BYTES_OF_A_BIND * len(self.binds)

    async def run(self, call: Call) -> Any:
        """This will run the statement in the transaction of the caller, if any, and return its one value."""
        values = [bind(call) for bind in self.binds]
        async with get_connection("default").acquire_connection() as connection:
            return await connection.fetchval(self.sql, *values)

    async def run_many(self, call: Call) -> list[Sequence[Any]]:
        """This will run a statement of several rows, likewise."""
        values = [bind(call) for bind in self.binds]
        async with get_connection("default").acquire_connection() as connection:
            rows: list[Sequence[Any]] = await connection.fetch(self.sql, *values)
            return rows


class Plans:
    """The plans used last, by what decides them; the oldest make room where they take too much memory."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[Any, Plan] = OrderedDict()
        self._bytes = 0

    def find(self, key: Any) -> Plan | None:
        """This will give a plan that was kept."""
        plan = self._kept.get(key)
        if plan is not None:
            self._kept.move_to_end(key)
        return plan

    def keep(self, key: Any, plan: Plan) -> None:
        """This will remember a plan as long as there is room."""
        self._kept[key] = plan
        self._bytes += plan.weight
        while self._bytes > self._most_bytes:
            self._bytes -= self._kept.popitem(last=False)[1].weight


def exact_variables(document: DocumentNode) -> frozenset[str]:
    """This will name the variables whose very value decides the SQL, wherever in the document they stand."""
    finder = _ExactVariables()
    visit(document, finder)
    return frozenset(finder.found)


class _ExactVariables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._inside: list[str] = []

    def enter_argument(self, node: Any, *_: Any) -> None:
        self._inside.append(node.name.value)

    def leave_argument(self, *_: Any) -> None:
        self._inside.pop()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        if self._inside and self._inside[-1] in EXACT_ARGUMENTS:
            self.found.add(node.name.value)


def shape(variables: Mapping[str, Any], exact: frozenset[str]) -> bytes:
    """This will give what of the variables decides the SQL, as a digest."""
    decisive = [(name, value if name in exact else _shape(value)) for name, value in sorted(variables.items())]
    return hashlib.blake2b(repr(decisive).encode(), digest_size=16).digest()


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _shape(inner)) for name, inner in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return tuple(_shape(inner) for inner in value)
    return value is None
