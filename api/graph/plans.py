"""Plans: what compiling gave, kept per document, so that a repeated operation only binds its variables and runs.

A plan is valid for one shape of the variables. Values in filters, ids and cursors are bound; what decides the SQL
itself (page sizes, orderings, the conditions of @skip and @include, which filters are there) is part of the key.
"""

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

EXACT_ARGUMENTS = frozenset({"first", "last", "orderBy", "if", "search"})


@dataclass(frozen=True, slots=True)
class Plan:
    """One statement and the binders of its parameters."""

    sql: str
    binds: tuple[Bind, ...]

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


def shape(variables: Mapping[str, Any], exact: frozenset[str]) -> tuple[Any, ...]:
    """This will give what of the variables decides the SQL, hashable."""
    return tuple(
        (name, _frozen(value) if name in exact else _shape(value)) for name, value in sorted(variables.items())
    )


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _shape(inner)) for name, inner in value.items())
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return tuple(_shape(inner) for inner in value)
    return value is None


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((name, _frozen(inner)) for name, inner in value.items())
    if isinstance(value, list):
        return tuple(_frozen(inner) for inner in value)
    return (type(value).__name__, value)
