"""Pages of an entity: an inner select finds the rows by key, an outer one writes them, and what is said of the page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from graphql import FieldNode, GraphQLObjectType, get_named_type
from tortoise.indexes import Index

from api.graph.arguments import Given
from api.graph.budget import CELLS_OF_A_COUNT
from api.graph.entity import Entity
from api.graph.ordering import Ordering, Stretch
from api.graph.problems import bad_input
from api.graph.search import MOST_RANKED, Search
from api.graph.sight import bound_in
from api.graph.statement import Pieces, Row, concat, json_object, literal, unseen
from api.graph.where import conditions
from domain.kernel.actor import FEW_OWNERS

if TYPE_CHECKING:
    from api.graph.compiler import Compiler

PAGE = 50
LARGEST_PAGE = 100
MOST_COUNTED = MOST_RANKED

Link = Callable[[str], str]
"""Gives the predicate that ties a connection's rows, by their alias, to the row that it hangs on."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of a connection are asked for: how many, from which end, and between which cursors."""

    size: int
    backward: bool
    after: Given | None
    before: Given | None


@dataclass(slots=True)
class Connection:
    """A page of an entity being compiled: an inner select that finds the rows, an outer one that writes the JSON."""

    compiler: "Compiler"
    entity: Entity
    owner: GraphQLObjectType
    ordering: Ordering
    page: Page
    where: Given | None
    link: Link | None
    words: Given | None = None
    search: Search | None = None
    columns: list[str] = field(default_factory=list)
    wants_ends: bool = False
    wants_cursor: bool = False
    fixed: int = 0
    owners: str | None = None
    """The keys of those whose rows may be seen, as SQL, where the page can be merged from a stretch of each of them."""

    def select(self, nodes: Sequence[FieldNode]) -> str:
        """This will give the select: one row."""
        compiler, statement = self.compiler, self.compiler.statement
        row, rows = Row(self.entity, statement.alias("t")), statement.alias("r")
        base = conditions(compiler, self.entity, row.alias, self.link, self.where)
        self.owners = self._owners()
        head = self._begin_search(row.alias, base)
        pieces = json_object(
            [(key, self._field(row, rows, base, same)) for key, same in compiler.fields(self.owner, nodes).items()]
        )
        keys = [f"{key.sql(row.alias)} AS k{place}" for place, key in enumerate(self.ordering.keys)]
        ends = [f"{row.alias}.n", f"{row.alias}.beyond"] if self.wants_ends else []
        cursor = [f"{self.ordering.cursor(row.alias)} AS cursor"] if self.wants_cursor else []
        weight = [f"{' + '.join(row.weights)} AS w"] if row.weights else []
        columns = ", ".join([*keys, *ends, *cursor, *self.columns, *weight])
        found = f"SELECT {columns} FROM ({self._found(row.alias, base)}) {row.alias}{''.join(row.joins)}"
        below = f" + coalesce(sum({rows}.w), 0)::int8" if row.weights else ""
        return (
            f"{head}SELECT {concat(pieces)} AS v, {self.fixed} + count(*) * {compiler.width}{below} AS w "
            f"FROM ({found}) {rows} HAVING TRUE"
        )

    def _begin_search(self, alias: str, base: list[str]) -> str:
        if self.words is None:
            return ""
        compiler, statement = self.compiler, self.compiler.statement
        compiler.budget.charge("cells", compiler.around // self.page.size * CELLS_OF_A_COUNT)
        self.fixed += CELLS_OF_A_COUNT
        self.search = Search(self.ordering, statement, self.words, alias, statement.alias("q"), statement.alias("f"))
        return self.search.head(base)

    def _found(self, alias: str, base: list[str]) -> str:
        page = self.page
        order = (self.ordering.flipped() if page.backward else self.ordering).order_by(alias)
        ends, window = "", ""
        if self.wants_ends:
            ends, window = ", row_number() OVER w AS n, lead(true) OVER w AS beyond", f" WINDOW w AS (ORDER BY {order})"
        found = self._source(alias, base)
        return f"SELECT {alias}.*{ends} FROM {found}{window} ORDER BY {order} LIMIT {page.size}"

    def _source(self, alias: str, base: list[str]) -> str:
        page, statement = self.page, self.compiler.statement
        cursor = page.before if page.backward else page.after
        given = cursor if cursor is not None and cursor.value is not None else None
        if self.search:
            parts = list(self.search.parts(base, given, page.size + 1, backward=page.backward))
            return f"({' UNION ALL '.join(parts)}) {alias}"
        stretches = self.ordering.stretches(alias, given, statement, backward=page.backward)
        if self.owners:
            parts = [part for each in stretches for part in self._merged(alias, self.owners, base, each)]
            return f"({' UNION ALL '.join(parts)}) {alias}"
        if len(stretches) == 1:
            return self._rows([*base, *stretches[0].conditions], alias)
        parts = [
            f"(SELECT {alias}.* FROM {self._rows([*base, *each.conditions], alias)} "
            f"ORDER BY {each.order} LIMIT {page.size + 1})"
            for each in stretches
        ]
        return f"({' UNION ALL '.join(parts)}) {alias}"

    def _owners(self) -> str | None:
        """Where owners are few, and an index has each one's rows in the order of the page, they are read from there.

        A scan in the order of the page would pass over everybody else's rows: one of 40 teams, 2,000 for a page of 50.
        """
        guard, first, actor = self.entity.model.guard, self.ordering.keys[0], self.compiler.actor
        if self.link or self.words is not None or not (owners := guard.owners(actor)):
            return None
        if "{colleagues}" in owners and len(actor.sight.colleagues) > FEW_OWNERS:
            return None
        indexed = [tuple(index.fields[:2]) for index in self.entity.model._meta.indexes if isinstance(index, Index)]
        return owners if (guard.owner, first.leaf.sql.removeprefix("{t}.")) in indexed else None

    def _merged(self, alias: str, owners: str, base: Sequence[str], stretch: Stretch) -> Iterator[str]:
        """The selects of a stretch: the rows of each owner, merged by their keys, and what was shared beside."""
        statement, whose = self.compiler.statement, f"{alias}.{self.entity.model.guard.owner}"
        others = [unseen(each) for each in (*base[:-1], *stretch.conditions)]
        them, mine = bound_in(statement, owners), statement.alias("o")
        first = self._first(alias, self._rows([f"{whose} = {mine}.key", *others], alias), them, mine, stretch.order)
        row = f"SELECT * FROM {self.entity.table} {alias} WHERE {alias}.id = {mine}.id OFFSET 0"
        yield f"(SELECT {alias}.* FROM ({first}) {mine} CROSS JOIN LATERAL ({row}) {alias})"
        if self.compiler.actor.sight.shared:
            shared = bound_in(statement, f"{alias}.id = ANY({{shared}})")
            beside = [shared, f"({whose} = ANY({them})) IS NOT TRUE", *others]
            end = f"ORDER BY {stretch.order} LIMIT {self.page.size + 1}"
            yield f"(SELECT {alias}.* FROM {self._rows(beside, alias)} {end})"

    def _first(self, alias: str, rows: str, them: str, mine: str, order: str) -> str:
        """The ids of the first of the rows of each of several owners.

        Of each its fair share is read, twice over and some more; only where somebody's share all stands on the page,
        so that more of theirs may belong there, as many of each as the page has.
        """
        size, few, fair = self.page.size + 1, self.compiler.statement.alias("f"), self.compiler.statement.alias("f")
        keys = ", ".join(dict.fromkeys([f"{alias}.id", *(key.sql(alias) for key in self.ordering.keys)]))
        share = f"least({size}, {size // 10} + {2 * size} / greatest(1, cardinality({them})))"

        def merged(what: str, most: object) -> str:
            of_each = f"(SELECT {keys} FROM {rows} ORDER BY {order} LIMIT {most}) {alias}"
            each = f"unnest({them}) {mine}(key) CROSS JOIN LATERAL {of_each}"
            return f"SELECT {what} FROM {each} ORDER BY {order} LIMIT {size}"

        return (
            f"WITH {few} AS MATERIALIZED ({merged(f'{mine}.key, {alias}.id', f'(SELECT {share})')}), "
            f"{fair} AS MATERIALIZED (SELECT {share} = {size} OR coalesce(max(n), 0) < {share} AS enough "
            f"FROM (SELECT count(*) AS n FROM {few} GROUP BY key) shares) "
            f"SELECT id FROM {few} WHERE (SELECT enough FROM {fair}) UNION ALL "
            f"SELECT id FROM ({merged(f'{alias}.id', size)}) {few} WHERE NOT (SELECT enough FROM {fair})"
        )

    def _rows(self, conditions: Sequence[str], alias: str) -> str:
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"{self.entity.table} {alias}{where}"

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
        for key, same in self.compiler.fields(edge, nodes).items():
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
        selected = self.compiler.fields(info, nodes)
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
        compiler = self.compiler
        compiler.budget.charge("counts")
        compiler.budget.charge("cells", compiler.around // self.page.size * CELLS_OF_A_COUNT)
        self.fixed += CELLS_OF_A_COUNT
        where = f" WHERE {' AND '.join(base)}" if base else ""
        counted = f"SELECT 1 FROM {self.entity.table} {alias}{where} LIMIT {MOST_COUNTED + 1}"
        if self.search:
            counted = f"SELECT 1 FROM {self.search.few}"
        values: dict[str, Pieces] = {
            "value": [f"least(n, {MOST_COUNTED})"],
            "precision": [f"CASE WHEN n > {MOST_COUNTED} THEN '\"AT_LEAST\"' ELSE '\"EXACT\"' END"],
            "__typename": [literal('"TotalCount"')],
        }
        owner = cast(GraphQLObjectType, get_named_type(self.owner.fields["totalCount"].type))
        selected = compiler.fields(owner, nodes)
        pieces = json_object([(key, values[same[0].name.value]) for key, same in selected.items()])
        return [f"(SELECT {concat(pieces)} FROM (SELECT count(*) AS n FROM ({counted}) c) c)"]


def page_of(arguments: Mapping[str, Given]) -> Page:
    """This will read which rows are asked for. Raises Problem where the arguments contradict each other."""
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
