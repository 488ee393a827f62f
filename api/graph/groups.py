"""Groups of an aggregate as SQL: formed by value, by related record, or by period of a time zone, in a stated order."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from graphql import FieldNode, GraphQLObjectType, get_named_type

from api.graph.aggregates import MOST_GROUPS, GroupOrder
from api.graph.arguments import Given, arguments_of
from api.graph.entity import Leaf, ToOne
from api.graph.levels import Levels
from api.graph.problems import bad_input
from api.graph.statement import Pieces, Row, concat, json_object, literal
from domain.kernel.period import Grain

if TYPE_CHECKING:
    from api.graph.compiler import Compiler
    from api.graph.figures import Aggregate

STEPS = {
    Grain.DAY: "1 day",
    Grain.WEEK: "7 days",
    Grain.MONTH: "1 month",
    Grain.QUARTER: "3 months",
    Grain.YEAR: "1 year",
}


@dataclass(frozen=True, slots=True)
class Key:
    """What the records of a group have in common: a field, the SQL of its value, and how long its periods are."""

    source: Leaf | ToOne
    sql: str
    grain: Grain | None = None


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of figures being compiled."""

    figures: "Aggregate"

    @property
    def compiler(self) -> "Compiler":
        return self.figures.compiler

    def select(self, nodes: list[FieldNode]) -> str:
        """This will give the select of the groups: one row, a list. Raises Problem."""
        compiler, field = self.compiler, self.figures.owner.fields["groups"]
        arguments = arguments_of(field, nodes[0], compiler.scope.variables)
        size = arguments["first"].value
        if not 1 <= size <= MOST_GROUPS:
            raise bad_input(f"first is {size}; 1 to {MOST_GROUPS:,} groups can be asked for.")
        price = self.figures.charge()
        around, width = compiler.around, compiler.width
        compiler.around, compiler.width = around * size, 0
        compiler.budget.charge("rows", compiler.around)
        each = self._each(cast(GraphQLObjectType, get_named_type(field.type)), nodes, arguments, size)
        compiler.around, compiler.width = around, width
        return (
            "SELECT concat('[', string_agg(g.v, ',' ORDER BY g.place), ']') AS v, "
            f"{price} + coalesce(sum(g.w), 0)::int8 AS w FROM ({each}) g"
        )

    def _each(self, owner: GraphQLObjectType, nodes: list[FieldNode], arguments: dict[str, Given], size: int) -> str:
        """The select of the groups: a row each."""
        compiler, statement, joins = self.compiler, self.compiler.statement, list[str]()
        alias, row = statement.alias("t"), Row(self.figures.entity, statement.alias("a"))
        keys = self._keys(arguments["by"], alias, joins)
        levels = Levels(row.alias, [key.sql for key in keys.values()])
        order = [f"{levels.count()} DESC"] if arguments["orderBy"].value is GroupOrder.COUNT else []
        order += [f"{row.alias}.k{place}" for place in range(len(keys))]
        fields = list[tuple[str, Pieces]]()
        for name, same in compiler.fields(owner, nodes).items():
            if same[0].name.value == "key":
                shared = cast(GraphQLObjectType, get_named_type(owner.fields["key"].type))
                fields.append((name, self._key(shared, keys, row, same)))
            else:
                fields.append((name, self.figures.figure(owner, levels, alias, same)))
        weight = " + ".join([str(compiler.width), *row.weights])
        found = (
            f"SELECT {row.alias}.*, row_number() OVER (ORDER BY {', '.join(order)}) AS place "
            f"FROM ({levels.sql(self.figures.rows(alias, joins))}) {row.alias} ORDER BY place LIMIT {size}"
        )
        return (
            f"SELECT {concat(json_object(fields))} AS v, {weight} AS w, {row.alias}.place "
            f"FROM ({found}) {row.alias}{''.join(row.joins)}"
        )

    def _keys(self, by: Given, alias: str, joins: list[str]) -> dict[str, Key]:
        """What groups are formed by, by the names of the fields. Raises Problem."""
        keys = dict[str, Key]()
        for place, item in enumerate(by.value):
            name, grain = item["field"].value, item.get("grain")
            if name in keys:
                raise bad_input(f"by names {name} twice; groups are formed once by each field.")
            source = self.compiler.source(self.figures.entity, name)
            if isinstance(source, Leaf) and source.codec.kind == "datetime":
                keys[name] = self._period(name, source, grain, by[place]["timeZone"], alias)
                continue
            if grain is not None:
                raise bad_input(f"by.grain cuts moments into periods; {name} is none, leave it out.")
            if isinstance(source, ToOne):
                keys[name] = Key(source, self._other(name, source, alias, joins))
            else:
                leaf = cast(Leaf, source)
                keys[name] = Key(leaf, leaf.sql.replace("{t}", alias))
        if not keys:
            raise bad_input(
                "by is empty; name a field that groups are formed by, or ask for the figures without groups."
            )
        return keys

    def _period(self, name: str, leaf: Leaf, grain: Grain | None, zone: Given, alias: str) -> Key:
        """The first day of the period, as calendars of the time zone have it: changes of its clocks move no record."""
        if grain is None:
            raise bad_input(f"by.grain is missing: say how long the periods of {name} are.")
        local = (
            f"{leaf.sql.replace('{t}', alias)} AT TIME ZONE {self.compiler.statement.parameter(zone.bind(str), 'text')}"
        )
        begin = local if grain is Grain.DAY else f"date_trunc('{grain.value}', {local})"
        return Key(leaf, f"({begin})::date", grain)

    def _other(self, name: str, relation: ToOne, alias: str, joins: list[str]) -> str:
        """The related record; those that the actor may not see form one group with those that are not there."""
        other, entity = self.compiler.statement.alias("w"), self.compiler.related(self.figures.entity, name)
        if seen := self.compiler.seen(entity, other):
            joins.append(f" LEFT JOIN {entity.table} {other} ON {other}.id = {alias}.{relation.key}{seen}")
            return f"{other}.id"
        return f"{alias}.{relation.key}"

    def _key(self, owner: GraphQLObjectType, keys: dict[str, Key], row: Row, nodes: list[FieldNode]) -> Pieces:
        places = {name: place for place, name in enumerate(keys)}
        fields = list[tuple[str, Pieces]]()
        for response_key, same in self.compiler.fields(owner, nodes).items():
            name = same[0].name.value
            if name == "__typename":
                fields.append((response_key, [literal(f'"{owner.name}"')]))
            elif name not in keys:
                fields.append((response_key, [literal("null")]))
            else:
                fields.append((response_key, self._shared(name, keys[name], places[name], row, same)))
        return json_object(fields)

    def _shared(self, name: str, key: Key, place: int, row: Row, nodes: list[FieldNode]) -> Pieces:
        sql = f"{row.alias}.k{place}"
        if isinstance(key.source, ToOne):
            other = self.compiler.related(self.figures.entity, name)
            return self.compiler.to_one(row, ToOne(f"k{place}", nullable=True), other, nodes)
        if key.grain is None:
            return key.source.codec.json(sql, nullable=True)
        values: dict[str, Pieces] = {
            "start": [f"to_json({sql})"],
            "end": [f"to_json(({sql} + interval '{STEPS[key.grain]}')::date)"],
            "__typename": [literal('"Period"')],
        }
        period = cast(GraphQLObjectType, self.compiler.scope.schema.get_type("Period"))
        selected = self.compiler.fields(period, nodes)
        pieces = json_object([(response_key, values[same[0].name.value]) for response_key, same in selected.items()])
        return [f"CASE WHEN {sql} IS NULL THEN 'null' ELSE {concat(pieces)} END"]
