"""From a selection to one SQL statement that returns the answer as JSON text.

Leaves become pieces of a `concat`, to-one relations joins, to-many connections LATERAL subqueries that page by key.
Whatever the depth of the selection, one statement reads it, and PostgreSQL writes the JSON. Who may see a row is
asked of the entity wherever it appears; there is no other road to a row.

Every select gives two columns: `v`, the JSON text, and `w`, how many values really stand in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType, get_named_type

from api.graph.aggregates import ENTITY_OF
from api.graph.arguments import Bind, Given, arguments_of
from api.graph.budget import Budget
from api.graph.codecs import minor_units
from api.graph.entity import ENTITIES, Entity, Figures, Leaf, Pair, Root, Source, ToMany, ToOne
from api.graph.figures import Aggregate
from api.graph.ordering import Ordering, ordering_of
from api.graph.paging import Connection, Link, page_of
from api.graph.rights import permitted
from api.graph.search import by_rank, sought
from api.graph.selection import Scope
from api.graph.sight import predicate
from api.graph.statement import Pieces, Row, Statement, concat, json_object, literal
from domain.kernel.actor import Actor

ONE_BY_ONE = "OFFSET 0"
"""Keeps PostgreSQL from joining a page with the whole of a table, for which it would have to sort the page anew."""


@dataclass(slots=True)
class Compiler:
    """One compilation: the scope it reads from, who asks, the budget it spends, and the statement it writes to.

    `around` is the number of rows that what is compiled just now may stand in, `width` the values that it gives in each
    of them.
    """

    scope: Scope
    actor: Actor
    budget: Budget
    statement: Statement = field(default_factory=Statement)
    around: int = 1
    width: int = 0

    def record(self, entity: Entity, nodes: Sequence[FieldNode], bind: Bind) -> str:
        """This will give the select of one record by key: a row, or no row."""
        row = Row(entity, self.statement.alias("t"))
        key = self.statement.parameter(bind, "uuid")
        return self._select(row, nodes, f"{row.alias}.id = {key}")

    def stored(self, entity: Entity, nodes: Sequence[FieldNode]) -> str:
        """This will give the select of one record out of `stored`, which stands for the row just written."""
        return self._select(Row(entity, self.statement.alias("t")), nodes, "TRUE", table="stored")

    def records(self, entity: Entity, nodes: Sequence[FieldNode], keys: str, *, most: int) -> str:
        """This will give the select of several records by an SQL array of keys: a row with its `id` for each found."""
        around, self.around = self.around, self.around * most
        row = Row(entity, self.statement.alias("t"))
        select = self._select(row, nodes, f"{row.alias}.id = ANY({keys})", f"{row.alias}.id AS id, ")
        self.around = around
        return select

    def _select(
        self, row: Row, nodes: Sequence[FieldNode], condition: str, key: str = "", table: str | None = None
    ) -> str:
        self.budget.charge("relations")
        width, self.width = self.width, 0
        value = concat(self.object(row, nodes))
        weight = " + ".join([str(self.width), *row.weights])
        self.width = width
        found = f"{table or row.entity.table} {row.alias}{''.join(row.joins)}"
        return (
            f"SELECT {key}{value} AS v, {weight} AS w FROM {found} WHERE {condition}{self.seen(row.entity, row.alias)}"
        )

    def connection(self, definition: GraphQLField, nodes: Sequence[FieldNode], root: Root) -> str:
        """This will give the select of a page of an entity: one row."""
        entity = self._entity_of(definition.type)
        return self._connection(entity, definition, nodes, root.order or entity.order, link=None)

    def aggregate(self, definition: GraphQLField, nodes: Sequence[FieldNode], link: Link | None = None) -> str:
        """This will give the select of figures over an entity, or over what is linked to a row: one row."""
        arguments = arguments_of(definition, nodes[0], self.scope.variables)
        owner = cast(GraphQLObjectType, get_named_type(definition.type))
        entity = self._entity_of(definition.type)
        words = self._sought(entity, arguments)
        return Aggregate(self, entity, owner, link, arguments.get("where"), words).select(nodes)

    def fields(self, owner: GraphQLObjectType, nodes: Sequence[FieldNode]) -> dict[str, list[FieldNode]]:
        """This will collect what is selected on an object type, by response key, and charge for it."""
        selected = self.scope.fields(owner, nodes)
        self.budget.charge("columns", len(selected))
        self.weigh(len(selected))
        return selected

    def weigh(self, values: int) -> None:
        """This will charge for so many values in every row around."""
        self.width += values
        self.budget.charge("cells", self.around * values)

    def seen(self, entity: Entity, alias: str) -> str:
        """This will give ` AND …` for the rows that the actor may see; nothing where that is all of them."""
        sql = predicate(entity, self.actor, alias, self.statement)
        return f" AND {sql}" if sql else ""

    def source(self, entity: Entity, name: str) -> Source:
        """This will give where a field comes from. Raises Withheld where it is not for this actor."""
        return permitted(entity, name, self.actor)

    def related(self, entity: Entity, name: str) -> Entity:
        """This will give the entity on the other side of a relation."""
        owner = cast(GraphQLObjectType, self.scope.schema.get_type(entity.name))
        return self._entity_of(owner.fields[name].type)

    def _entity_of(self, output: GraphQLOutputType) -> Entity:
        named = cast(GraphQLObjectType, get_named_type(output))
        if name := ENTITY_OF.get(named.name, named.name if named.name in ENTITIES else None):
            return ENTITIES[name]
        return ENTITIES[get_named_type(named.fields["nodes"].type).name]

    def object(self, row: Row, nodes: Sequence[FieldNode]) -> Pieces:
        """This will give the pieces of a row as a JSON object, adding the joins that it needs to the row."""
        owner = cast(GraphQLObjectType, self.scope.schema.get_type(row.entity.name))
        selected = self.fields(owner, nodes)
        return json_object([(key, self._value(row, owner, same)) for key, same in selected.items()])

    def _value(self, row: Row, owner: GraphQLObjectType, nodes: list[FieldNode]) -> Pieces:
        name = nodes[0].name.value
        if name == "__typename":
            return [literal(f'"{owner.name}"')]
        match self.source(row.entity, name):
            case Leaf() as leaf:
                return leaf.codec.json(leaf.sql.replace("{t}", row.alias), nullable=leaf.nullable)
            case Pair() as pair:
                return self._money(
                    pair, row.alias, cast(GraphQLObjectType, get_named_type(owner.fields[name].type)), nodes
                )
            case ToOne() as relation:
                return self.to_one(row, relation, self._entity_of(owner.fields[name].type), nodes)
            case ToMany() as relation:
                return self._to_many(row, relation, owner.fields[name], nodes)
            case Figures() as figures:
                relation = cast(ToMany, self.source(row.entity, figures.over))
                select = self.aggregate(owner.fields[name], nodes, lambda other: relation.link(other, row.alias))
                return self.beside(row, select)

    def _money(self, pair: Pair, alias: str, owner: GraphQLObjectType, nodes: list[FieldNode]) -> Pieces:
        amount, currency = pair.amount.replace("{t}", alias), pair.currency.replace("{t}", alias)
        pieces = self.money(amount, currency, owner, nodes)
        return [f"CASE WHEN {amount} IS NULL THEN 'null' ELSE {concat(pieces)} END"] if pair.nullable else pieces

    def money(self, amount: str, currency: str, owner: GraphQLObjectType, nodes: list[FieldNode]) -> Pieces:
        """This will give the pieces of a Money, from the SQL of an amount and of its currency."""
        values = {
            "amount": [literal('"'), minor_units(amount, currency), literal('"')],
            "currency": [f"to_json({currency})"],
            "__typename": [literal(f'"{owner.name}"')],
        }
        selected = self.fields(owner, nodes)
        return json_object([(key, values[same[0].name.value]) for key, same in selected.items()])

    def to_one(self, row: Row, relation: ToOne, entity: Entity, nodes: list[FieldNode]) -> Pieces:
        """This will give the pieces of the one record that is related to the row."""
        self.budget.charge("relations")
        other = Row(entity, self.statement.alias("j"))
        seen = self.seen(entity, other.alias)
        pieces = self.object(other, nodes)
        found = f"SELECT * FROM {entity.table} {other.alias} WHERE {relation.link(other.alias, row.alias)}{seen}"
        row.joins.append(f" LEFT JOIN LATERAL ({found} {ONE_BY_ONE}) {other.alias} ON TRUE")
        row.joins += other.joins
        row.weights += other.weights
        if relation.nullable or seen:
            return [f"CASE WHEN {other.alias}.id IS NULL THEN 'null' ELSE {concat(pieces)} END"]
        return pieces

    def _to_many(self, row: Row, relation: ToMany, definition: GraphQLField, nodes: list[FieldNode]) -> Pieces:
        entity = self._entity_of(definition.type)

        def link(other: str) -> str:
            return relation.link(other, row.alias)

        select = self._connection(entity, definition, nodes, relation.order or entity.order, link=link)
        return self.beside(row, select)

    def beside(self, row: Row, select: str) -> Pieces:
        """This will join a select of one row to a row, and give the piece that it comes to."""
        alias = self.statement.alias("l")
        row.joins.append(f" LEFT JOIN LATERAL ({select}) {alias}(v, w) ON TRUE")
        row.weights.append(f"{alias}.w")
        return [f"{alias}.v"]

    def _connection(
        self,
        entity: Entity,
        definition: GraphQLField,
        nodes: Sequence[FieldNode],
        order: Sequence[str],
        *,
        link: Link | None,
    ) -> str:
        arguments = arguments_of(definition, nodes[0], self.scope.variables)
        words, asked = self._sought(entity, arguments), arguments.get("orderBy")
        ranked = words is not None and not (asked and asked.value)
        ordering = by_rank(entity) if ranked else self._ordering(entity, asked, order)
        owner, page = cast(GraphQLObjectType, get_named_type(definition.type)), page_of(arguments)
        connection = Connection(self, entity, owner, ordering, page, arguments.get("where"), link, words)
        around, width = self.around, self.width
        self.around, self.width = around * page.size, 0
        self.budget.charge("relations")
        self.budget.charge("rows", self.around)
        select = connection.select(nodes)
        self.around, self.width = around, width
        return select

    def _sought(self, entity: Entity, arguments: Mapping[str, Given]) -> Given | None:
        """The words that are sought, if any. Raises Withheld where some of it is not for the actor."""
        words = sought(arguments.get("search"))
        if words is not None:
            for name in entity.search:
                self.source(entity, name)
        return words

    def _ordering(self, entity: Entity, asked: Given | None, order: Sequence[str]) -> Ordering:
        ordering = ordering_of(entity, asked, order)
        for key in ordering.keys:
            self.source(entity, key.name)
        return ordering
