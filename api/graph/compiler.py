"""From a selection to one SQL statement that returns the answer as JSON text.

Leaves become pieces of a `concat`, to-one relations joins, to-many connections LATERAL subqueries that page by key.
Whatever the depth of the selection, one statement reads it, and PostgreSQL writes the JSON. Who may see a row is
asked of the entity wherever it appears; there is no other road to a row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLOutputType, get_named_type

from api.graph.arguments import Bind, Given, arguments_of
from api.graph.codecs import money_codec
from api.graph.entity import ENTITIES, Entity, Leaf, Pair, Root, ToMany, ToOne
from api.graph.ordering import Ordering, ordering_of
from api.graph.problems import Problem, bad_input
from api.graph.selection import Scope
from api.graph.sight import predicate
from api.graph.statement import Statement, concat, json_object, literal
from api.graph.where import Filter
from domain.kernel.actor import Actor

PAGE = 50
LARGEST_PAGE = 100
MOST_COUNTED = 10_000
MOST_ROWS = 10_000_000

Pieces = list[str]
Link = Callable[[str], str]
"""Gives the predicate that ties a connection's rows, by their alias, to the row that it hangs on."""


@dataclass(slots=True)
class Row:
    """A table row in the FROM clause of a select, with the joins that its selection needs."""

    entity: Entity
    alias: str
    joins: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a connection are asked for: how many, from which end, and between which cursors."""

    size: int
    backward: bool
    after: Given | None
    before: Given | None


@dataclass(slots=True)
class Compiler:
    """One compilation: the scope it reads from, the statement it writes to, and who asks."""

    scope: Scope
    actor: Actor
    statement: Statement = field(default_factory=Statement)
    around: int = 1
    requested: int = 0

    def record(self, entity: Entity, nodes: Sequence[FieldNode], bind: Bind) -> str:
        """This will give the statement for one record by key: a row with JSON text, or no row."""
        row = Row(entity, self.statement.alias("t"))
        key = self.statement.parameter(bind, "uuid")
        value = concat(self.object(row, nodes))
        where = f"{row.alias}.id = {key}{self.seen(entity, row.alias)}"
        return f"SELECT {value} FROM {entity.table} {row.alias}{''.join(row.joins)} WHERE {where}"

    def records(self, entity: Entity, nodes: Sequence[FieldNode], bind: Bind) -> str:
        """This will give the statement for several records by key: rows of key and JSON text, in any order."""
        row = Row(entity, self.statement.alias("t"))
        keys = self.statement.parameter(bind, "uuid[]")
        value = concat(self.object(row, nodes))
        where = f"{row.alias}.id = ANY({keys}){self.seen(entity, row.alias)}"
        return f"SELECT {row.alias}.id, {value} FROM {entity.table} {row.alias}{''.join(row.joins)} WHERE {where}"

    def connection(self, definition: GraphQLField, nodes: Sequence[FieldNode], root: Root) -> str:
        """This will give the statement for a page of an entity: one row with JSON text."""
        entity = self._entity_of(definition.type)
        return self._connection(entity, definition, nodes, root.order or entity.order, link=None)

    def seen(self, entity: Entity, alias: str) -> str:
        """This will give ` AND …` for the rows that the actor may see; nothing where that is all of them."""
        sql = predicate(entity, self.actor, alias, self.statement)
        return f" AND {sql}" if sql else ""

    def related(self, entity: Entity, name: str) -> Entity:
        """This will give the entity on the other side of a relation."""
        owner = cast(GraphQLObjectType, self.scope.schema.get_type(entity.name))
        return self._entity_of(owner.fields[name].type)

    def _entity_of(self, output: GraphQLOutputType) -> Entity:
        named = cast(GraphQLObjectType, get_named_type(output))
        if named.name in ENTITIES:
            return ENTITIES[named.name]
        return ENTITIES[get_named_type(named.fields["nodes"].type).name]

    def object(self, row: Row, nodes: Sequence[FieldNode]) -> Pieces:
        """This will give the pieces of a row as a JSON object, adding the joins that it needs to the row."""
        owner = cast(GraphQLObjectType, self.scope.schema.get_type(row.entity.name))
        selected = self.scope.fields(owner, nodes)
        return json_object([(key, self._value(row, owner, same)) for key, same in selected.items()])

    def _value(self, row: Row, owner: GraphQLObjectType, nodes: list[FieldNode]) -> Pieces:
        name = nodes[0].name.value
        if name == "__typename":
            return [literal(f'"{owner.name}"')]
        match row.entity.sources[name]:
            case Leaf() as leaf:
                return leaf.codec.json(leaf.sql.replace("{t}", row.alias), nullable=leaf.nullable)
            case Pair() as pair:
                return self._money(
                    pair, row.alias, cast(GraphQLObjectType, get_named_type(owner.fields[name].type)), nodes
                )
            case ToOne() as relation:
                return self._to_one(row, relation, self._entity_of(owner.fields[name].type), nodes)
            case ToMany() as relation:
                return self._to_many(row, relation, owner.fields[name], nodes)

    def _money(self, pair: Pair, alias: str, owner: GraphQLObjectType, nodes: list[FieldNode]) -> Pieces:
        amount, currency = pair.amount.replace("{t}", alias), pair.currency.replace("{t}", alias)
        values = {
            "amount": [literal('"'), money_codec(amount, currency), literal('"')],
            "currency": [f"to_json({currency})"],
            "__typename": [literal(f'"{owner.name}"')],
        }
        selected = self.scope.fields(owner, nodes)
        pieces = json_object([(key, values[same[0].name.value]) for key, same in selected.items()])
        return [f"CASE WHEN {amount} IS NULL THEN 'null' ELSE {concat(pieces)} END"] if pair.nullable else pieces

    def _to_one(self, row: Row, relation: ToOne, entity: Entity, nodes: list[FieldNode]) -> Pieces:
        other = Row(entity, self.statement.alias("j"))
        seen = self.seen(entity, other.alias)
        pieces = self.object(other, nodes)
        row.joins.append(
            f" LEFT JOIN {entity.table} {other.alias} ON {other.alias}.id = {row.alias}.{relation.key}{seen}"
        )
        row.joins += other.joins
        if relation.nullable or seen:
            return [f"CASE WHEN {other.alias}.id IS NULL THEN 'null' ELSE {concat(pieces)} END"]
        return pieces

    def _to_many(self, row: Row, relation: ToMany, definition: GraphQLField, nodes: list[FieldNode]) -> Pieces:
        entity = self._entity_of(definition.type)

        def link(other: str) -> str:
            return relation.link(other, row.alias)

        select = self._connection(entity, definition, nodes, relation.order or entity.order, link=link)
        alias = self.statement.alias("l")
        row.joins.append(f" LEFT JOIN LATERAL ({select}) {alias}(v) ON TRUE")
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
        ordering = ordering_of(entity, arguments.get("orderBy"), order)
        owner, page = cast(GraphQLObjectType, get_named_type(definition.type)), _page(arguments)
        connection = Connection(self, entity, owner, ordering, page, arguments.get("where"), link)
        around, self.around = self.around, self.around * page.size
        self._count(self.around)
        select = connection.select(nodes)
        self.around = around
        return select

    def _count(self, rows: int) -> None:
        """Adds to the rows that the pages may hold in all, each within every row around it. Raises Problem."""
        self.requested += rows
        if self.requested > MOST_ROWS:
            message = (
                f"The pages of this query may hold {self.requested:,} rows, each page within every row around it; "
                f"at most {MOST_ROWS:,} are allowed. Ask for smaller pages with `first`."
            )
            raise Problem(message, "QUERY_TOO_LARGE", requested=self.requested, allowed=MOST_ROWS)


@dataclass(slots=True)
class Connection:
    """A page of an entity being compiled: an inner select that finds the rows, an outer one that writes the JSON."""

    compiler: Compiler
    entity: Entity
    owner: GraphQLObjectType
    ordering: Ordering
    page: Page
    where: Given | None
    link: Link | None
    columns: list[str] = field(default_factory=list)
    wants_ends: bool = False
    wants_cursor: bool = False

    def select(self, nodes: Sequence[FieldNode]) -> str:
        """This will give the select: one row, one column of JSON text."""
        scope, statement = self.compiler.scope, self.compiler.statement
        row, rows = Row(self.entity, statement.alias("t")), statement.alias("r")
        base = self._base(row.alias)
        pieces = json_object(
            [(key, self._field(row, rows, base, same)) for key, same in scope.fields(self.owner, nodes).items()]
        )
        keys = [f"{key.sql(row.alias)} AS k{place}" for place, key in enumerate(self.ordering.keys)]
        ends = [f"{row.alias}.n", f"{row.alias}.beyond"] if self.wants_ends else []
        cursor = [f"{self.ordering.cursor(row.alias)} AS cursor"] if self.wants_cursor else []
        columns = ", ".join([*keys, *ends, *cursor, *self.columns])
        found = f"SELECT {columns} FROM ({self._found(row.alias, base)}) {row.alias}{''.join(row.joins)}"
        return f"SELECT {concat(pieces)} AS v FROM ({found}) {rows} HAVING TRUE"

    def _base(self, alias: str) -> list[str]:
        conditions = [self.link(alias)] if self.link else []
        if self.where is not None and self.where.value is not None:
            conditions.append(f"({Filter(self.compiler, self.entity, alias).sql(self.where)})")
        if seen := self.compiler.seen(self.entity, alias):
            conditions.append(seen.removeprefix(" AND "))
        return conditions

    def _found(self, alias: str, base: list[str]) -> str:
        conditions = list(base)
        for cursor, backward in ((self.page.after, False), (self.page.before, True)):
            if cursor is not None and cursor.value is not None:
                beyond = self.ordering.beyond(alias, cursor, self.compiler.statement, backward=backward)
                conditions.append(beyond)
        ordering = self.ordering.flipped() if self.page.backward else self.ordering
        order = ordering.order_by(alias)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        ends, window = "", ""
        if self.wants_ends:
            ends, window = ", row_number() OVER w AS n, lead(true) OVER w AS beyond", f" WINDOW w AS (ORDER BY {order})"
        return (
            f"SELECT {alias}.*{ends} FROM {self.entity.table} {alias}{where}{window} "
            f"ORDER BY {order} LIMIT {self.page.size}"
        )

    def _field(self, row: Row, rows: str, base: list[str], nodes: list[FieldNode]) -> Pieces:
        match nodes[0].name.value:
            case "edges":
                return self._list(rows, self._edge(row, rows, nodes))
            case "nodes":
                return self._list(rows, self._column(row, rows, nodes))
            case "pageInfo":
                return self._page_info(rows, nodes)
            case "totalCount":
                return self._total_count(base, row.alias, nodes)
        return [literal(f'"{self.owner.name}"')]

    def _list(self, rows: str, item: str) -> Pieces:
        order = ", ".join(key.order_as(f"{rows}.k{place}") for place, key in enumerate(self.ordering.keys))
        return [literal("["), f"string_agg({item}, ',' ORDER BY {order})", literal("]")]

    def _column(self, row: Row, rows: str, nodes: list[FieldNode]) -> str:
        name = f"c{len(self.columns) + 1}"
        self.columns.append("")
        self.columns[-1] = f"{concat(self.compiler.object(row, nodes))} AS {name}"
        return f"{rows}.{name}"

    def _edge(self, row: Row, rows: str, nodes: list[FieldNode]) -> str:
        edge = cast(GraphQLObjectType, get_named_type(self.owner.fields["edges"].type))
        fields: list[tuple[str, Pieces]] = []
        for key, same in self.compiler.scope.fields(edge, nodes).items():
            match same[0].name.value:
                case "node":
                    fields.append((key, [self._column(row, rows, same)]))
                case "cursor":
                    self.wants_cursor = True
                    fields.append((key, [literal('"'), f"{rows}.cursor", literal('"')]))
                case _:
                    fields.append((key, [literal(f'"{edge.name}"')]))
        return concat(json_object(fields))

    def _page_info(self, rows: str, nodes: list[FieldNode]) -> Pieces:
        info = cast(GraphQLObjectType, get_named_type(self.owner.fields["pageInfo"].type))
        selected = self.compiler.scope.fields(info, nodes)
        return json_object([(key, self._page_fact(rows, same[0].name.value)) for key, same in selected.items()])

    def _page_fact(self, rows: str, name: str) -> Pieces:
        match name:
            case "hasNextPage" | "hasPreviousPage":
                ahead = (name == "hasNextPage") != self.page.backward
                if ahead:
                    self.wants_ends = True
                    last = f"FILTER (WHERE {rows}.n = {self.page.size})"
                    return [f"to_json(coalesce(bool_or({rows}.beyond) {last}, false))"]
                behind = self.page.before if self.page.backward else self.page.after
                return [literal("true" if behind is not None and behind.value is not None else "false")]
            case "startCursor" | "endCursor":
                self.wants_cursor = self.wants_ends = True
                near = (name == "startCursor") != self.page.backward
                place = f"{rows}.n = 1" if near else f"{rows}.n = {self.page.size} OR {rows}.beyond IS NULL"
                return [f"coalesce(to_json(max({rows}.cursor) FILTER (WHERE {place}))::text, 'null')"]
        return [literal('"PageInfo"')]

    def _total_count(self, base: list[str], alias: str, nodes: list[FieldNode]) -> Pieces:
        where = f" WHERE {' AND '.join(base)}" if base else ""
        counted = f"SELECT 1 FROM {self.entity.table} {alias}{where} LIMIT {MOST_COUNTED + 1}"
        total = f"(SELECT count(*) FROM ({counted}) q)"
        values: dict[str, Pieces] = {
            "value": [f"least({total}, {MOST_COUNTED})"],
            "precision": [f"CASE WHEN {total} > {MOST_COUNTED} THEN '\"AT_LEAST\"' ELSE '\"EXACT\"' END"],
            "__typename": [literal('"TotalCount"')],
        }
        owner = cast(GraphQLObjectType, get_named_type(self.owner.fields["totalCount"].type))
        selected = self.compiler.scope.fields(owner, nodes)
        return json_object([(key, values[same[0].name.value]) for key, same in selected.items()])


def _page(arguments: dict[str, Given]) -> Page:
    given: dict[str, Any] = {name: arguments[name].value for name in ("first", "last") if name in arguments}
    first, last = given.get("first"), given.get("last")
    before, after = arguments.get("before"), arguments.get("after")
    if first is not None and last is not None:
        raise bad_input("Give `first` or `last`, not both: a page is read from one end.")
    backward = last is not None or (first is None and before is not None and before.value is not None)
    asked = last if backward else first
    size = PAGE if asked is None else asked
    if not 1 <= size <= LARGEST_PAGE:
        raise bad_input(f"{'last' if backward else 'first'} is {size}; a page has 1 to {LARGEST_PAGE} rows.")
    wrong = after if backward else before
    if wrong is not None and wrong.value is not None:
        raise bad_input("`first` goes with `after`, `last` with `before`.")
    return Page(size, backward, after, before)
