"""Filters: the input types that an entity's fields give, and the SQL predicate that a filter becomes.

`XWhere` holds `and`, `or`, `not`, an operator input for each filterable field, the other side's `Where` for a to-one
relation, and some/none/every for a to-many. An omitted operator does not narrow; null is refused, `isNull` asks for it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.graph.arguments import Given
from api.graph.entity import Entity, Leaf, Source, ToMany, ToOne
from api.graph.problems import bad_input
from api.graph.statement import Statement

if TYPE_CHECKING:
    from api.graph.compiler import Compiler

MOST_DEEP = 10
MOST_LISTED = 1000
COMPARISONS = {"eq": "=", "ne": "IS DISTINCT FROM", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter in translation: which entity it narrows, under which alias, and how deep we are."""

    compiler: "Compiler"
    entity: Entity
    alias: str
    depth: int = 0

    @property
    def statement(self) -> Statement:
        return self.compiler.statement

    def sql(self, where: Given) -> str:
        """This will give the predicate, TRUE where the filter is empty. Raises Problem."""
        if self.depth > MOST_DEEP:
            raise bad_input(f"where is nested more than {MOST_DEEP} deep.")
        self.compiler.budget.charge("operators", 1 + len(where.value))
        parts = [part for name in where.value for part in self._part(name, where[name])]
        return " AND ".join(parts) if parts else "TRUE"

    def _part(self, name: str, given: Given) -> Iterator[str]:
        if given.value is None:
            raise bad_input(f"where.{name} is null; leave it out, or ask `isNull: true` of a field.")
        match name:
            case "and" | "or":
                inner = [f"({self._deeper().sql(given[index])})" for index in range(len(given.value))]
                joined = f" {name.upper()} ".join(inner) or ("TRUE" if name == "and" else "FALSE")
                yield f"({joined})"
            case "not":
                yield f"(({self._deeper().sql(given)}) IS NOT TRUE)"
            case _:
                yield from self._field(name, self.compiler.source(self.entity, name), given)

    def _deeper(self) -> "Filter":
        return Filter(self.compiler, self.entity, self.alias, self.depth + 1)

    def _field(self, name: str, source: Source, given: Given) -> Iterator[str]:
        match source:
            case ToOne():
                other = self._related(name)
                yield self._exists(other, given, lambda alias: source.link(alias, self.alias))
            case ToMany():
                for quantifier in given.value:
                    yield self._quantified(name, source, quantifier, given[quantifier])
            case Leaf():
                self.compiler.budget.charge("operators", len(given.value))
                for operator in given.value:
                    yield self._operator(name, source, operator, given[operator])

    def _quantified(self, name: str, source: ToMany, quantifier: str, given: Given) -> str:
        if given.value is None:
            raise bad_input(f"where.{name}.{quantifier} is null; leave it out.")
        other = self._related(name)

        def link(alias: str) -> str:
            return source.link(alias, self.alias)

        match quantifier:
            case "some":
                return self._exists(other, given, link)
            case "none":
                return f"NOT {self._exists(other, given, link)}"
        return f"NOT {self._exists(other, given, link, unless=True)}"

    def _exists(self, other: Entity, given: Given, link: Callable[[str], str], *, unless: bool = False) -> str:
        self.compiler.budget.charge("relations")
        alias = self.statement.alias("w")
        inner = Filter(self.compiler, other, alias, self.depth + 1).sql(given)
        judged = f"({inner}) IS NOT TRUE" if unless else f"({inner})"
        seen = self.compiler.seen(other, alias)
        return f"EXISTS (SELECT 1 FROM {other.table} {alias} WHERE {link(alias)} AND {judged}{seen})"

    def _related(self, name: str) -> Entity:
        return self.compiler.related(self.entity, name)

    def _operator(self, name: str, leaf: Leaf, operator: str, given: Given) -> str:
        if given.value is None:
            raise bad_input(f"where.{name}.{operator} is null; leave it out, or ask `isNull: true`.")
        sql, codec = leaf.sql.replace("{t}", self.alias), leaf.codec
        if operator == "isNull":
            return f"({sql} IS NULL) = {self.statement.parameter(given.bind(bool), 'bool')}"
        if operator in COMPARISONS:
            value = self.statement.parameter(given.bind(codec.bind), codec.cast)
            return f"{sql} {COMPARISONS[operator]} {value}"
        if operator in ("in", "notIn"):
            if len(given.value) > MOST_LISTED:
                raise bad_input(f"where.{name}.{operator} lists over {MOST_LISTED} values.")
            listed = self.statement.parameter(given.bind(_each(codec.bind, name)), f"{codec.cast}[]")
            return f"{sql} = ANY({listed})" if operator == "in" else f"({sql} = ANY({listed})) IS NOT TRUE"
        ends = ("%", "%") if operator == "contains" else ("", "%")
        pattern = self.statement.parameter(given.bind(_pattern(*ends)), "text")
        return f"{sql} ILIKE {pattern}"


def conditions(
    compiler: "Compiler", entity: Entity, alias: str, link: Callable[[str], str] | None, where: Given | None
) -> list[str]:
    """This will give what must be true of the rows of a list: its link to the row around, its filter, and its sight."""
    found = [link(alias)] if link else []
    if where is not None and where.value is not None:
        found.append(f"({Filter(compiler, entity, alias).sql(where)})")
    if seen := compiler.seen(entity, alias):
        found.append(seen.removeprefix(" AND "))
    return found


def _each(convert: Callable[[Any], Any], name: str) -> Callable[[Any], list[Any]]:
    def listed(values: Any) -> list[Any]:
        if len(values) > MOST_LISTED:
            raise bad_input(f"where.{name} lists over {MOST_LISTED} values.")
        return [convert(value) for value in values]

    return listed


def _pattern(before: str, after: str) -> Callable[[str], str]:
    def pattern(text: str) -> str:
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return f"{before}{escaped}{after}"

    return pattern
