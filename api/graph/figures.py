"""Figures over an entity as SQL: the count, sums, means and bounds of all that matches; `groups.py` does so by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from graphql import FieldNode, GraphQLObjectType, get_named_type

from api.graph.aggregates import DIGITS_OF_A_MEAN
from api.graph.arguments import Given
from api.graph.budget import CELLS_OF_A_WHOLE_AGGREGATE, CELLS_OF_AN_AGGREGATE
from api.graph.codecs import CODECS
from api.graph.entity import Entity, Leaf, Pair
from api.graph.groups import Groups
from api.graph.levels import Levels
from api.graph.search import holds
from api.graph.statement import Pieces, Row, concat, json_object, literal
from api.graph.where import conditions

if TYPE_CHECKING:
    from api.graph.compiler import Compiler
    from api.graph.paging import Link


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Figures over an entity being compiled, narrowed by what links it to a row around, a filter, words and sight."""

    compiler: "Compiler"
    entity: Entity
    owner: GraphQLObjectType
    link: "Link | None"
    where: Given | None
    words: Given | None

    def select(self, nodes: Sequence[FieldNode]) -> str:
        """This will give the select of the figures over all that matches: one row."""
        compiler, statement = self.compiler, self.compiler.statement
        price = self.charge()
        width, compiler.width = compiler.width, 0
        alias, row = statement.alias("t"), Row(self.entity, statement.alias("a"))
        levels, fields = Levels(row.alias), list[tuple[str, Pieces]]()
        levels.count()
        for key, same in compiler.fields(self.owner, nodes).items():
            if same[0].name.value == "groups":
                fields.append((key, compiler.beside(row, Groups(self).select(same))))
            else:
                fields.append((key, self.figure(self.owner, levels, alias, same)))
        weight = " + ".join([str(price + compiler.width), *row.weights])
        compiler.width = width
        found = f"({levels.sql(self.rows(alias))}) {row.alias}{''.join(row.joins)}"
        return f"SELECT {concat(json_object(fields))} AS v, {weight} AS w FROM {found}"

    def charge(self) -> int:
        """This will charge for one pass over the rows, and give its price."""
        price, budget = CELLS_OF_AN_AGGREGATE if self.link else CELLS_OF_A_WHOLE_AGGREGATE, self.compiler.budget
        budget.charge("relations")
        budget.charge("counts")
        budget.charge("cells", self.compiler.around * price)
        return price

    def rows(self, alias: str, joins: Sequence[str] = ()) -> str:
        """This will give the FROM and WHERE clauses of the first level."""
        narrowed = conditions(self.compiler, self.entity, alias, self.link, self.where)
        if self.words is not None:
            narrowed.append(holds(self.compiler.statement, self.words, alias))
        where = f" WHERE {' AND '.join(narrowed)}" if narrowed else ""
        return f"{self.entity.table} {alias}{''.join(joins)}{where}"

    def figure(self, owner: GraphQLObjectType, levels: Levels, alias: str, nodes: list[FieldNode]) -> Pieces:
        """This will give the pieces of a field of an aggregate, or of a group."""
        name = nodes[0].name.value
        if name == "__typename":
            return [literal(f'"{owner.name}"')]
        if name == "count":
            return [levels.count()]
        kind, fields = cast(GraphQLObjectType, get_named_type(owner.fields[name].type)), list[tuple[str, Pieces]]()
        for key, same in self.compiler.fields(kind, nodes).items():
            of = same[0].name.value
            if of == "__typename":
                fields.append((key, [literal(f'"{kind.name}"')]))
                continue
            match self.compiler.source(self.entity, of):
                case Leaf() as leaf:
                    fields.append((key, _value(levels, name, leaf, alias)))
                case Pair() as pair:
                    money = cast(GraphQLObjectType, get_named_type(kind.fields[of].type))
                    fields.append((key, self._amounts(levels, name, pair, alias, money, same)))
        return json_object(fields)

    def _amounts(
        self, levels: Levels, name: str, pair: Pair, alias: str, owner: GraphQLObjectType, nodes: list[FieldNode]
    ) -> Pieces:
        """One amount for each currency, which the first level keeps apart."""
        currency = levels.of_currency(pair.currency.replace("{t}", alias))
        amount = pair.amount.replace("{t}", alias)
        total = _mean(f"sum({amount})", f"count({amount})") if name == "avg" else f"{name}({amount})"
        of_one = levels.added(total)  # of one key and currency already
        each = concat(self.compiler.money(of_one, currency, owner, nodes))
        known = f"FILTER (WHERE {of_one} IS NOT NULL AND {currency} IS NOT NULL)"
        return [literal("["), levels.given(f"string_agg({each}, ',' ORDER BY {currency}) {known}"), literal("]")]


def _mean(total: str, count: str) -> str:
    """Divides with 30 digits behind the point, enough to round to any that we give; else PostgreSQL keeps 16 in all."""
    return f"round({total}, 30) / nullif({count}, 0)"


def _value(levels: Levels, name: str, leaf: Leaf, alias: str) -> Pieces:
    sql, codec = leaf.sql.replace("{t}", alias), leaf.codec
    if name in ("min", "max"):
        return codec.json(levels.given(f"{name}({levels.added(f'{name}({sql})')})"), nullable=True)
    exact = f"({sql})::numeric" if codec.kind == "float" else sql  # whatever the order of the rows is
    total = f"sum({levels.added(f'sum({exact})')})"
    if name == "avg":
        total = _mean(total, f"sum({levels.added(f'count({sql})')})")
    if codec.kind == "float":
        return codec.json(levels.given(f"({total})::float8"), nullable=True)
    rounded = f"round({total}, {DIGITS_OF_A_MEAN})" if name == "avg" else total
    return CODECS["DecimalField"].json(levels.given(rounded), nullable=True)
