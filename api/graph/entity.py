"""How an entity is declared: each field says once where it comes from; that gives output, filter, order, figures.

A type below `@entity(Model, …)` is bound to a Tortoise model. Strawberry makes the schema of what it declares, the
compiler SQL; no resolver ever touches a row. This is the whole vocabulary:

    id: strawberry.ID = identity()                                   the public id
    name: str = column(filter=True, order=True)                      a column
    kind: CustomerKind = column(filter=True, group=True)             an enum: the column of a `word_enum`
    payload: JSON = column()                                         JSON: a column of the users' own content, untouched
    mood: float | None = expression("{t}.mood / 1e3", "FloatField")  what SQL computes from the row `{t}`
    total: Money = money("total", "currency", measure=True)          an amount and its currency
    customer: Customer = to_one("customer_id", filter=True)          the record that a key points to
    practice: Practice | None = one_back("cycle_id")                 the one record whose unique key points here
    orders: Connection[Order] = to_many("customer_id")               a connection: the records that point here
    themes: Connection[Theme] = to_many("id", through=(…))           many-to-many, by a table in between
    orders_aggregate: OrderAggregate = aggregate("orders")           figures over a connection, whole or by groups

A column is described by its model unless told otherwise by `description=…`; everything below it must be so described.
What else may be said of a field, each in one word:

    filter=True         `where` narrows by it
    order=True          `orderBy` sorts by it
    measure=True        aggregates have its `sum` and `avg`, `min` and `max` (of a moment only the latter)
    group=True          aggregates form groups by it: by value, by record, or a moment by period and time zone
    needs=Permission.…  it is there only for actors with that permission, in filters, orders and aggregates too

`where_input`, `order_input` and `@aggregate_of` then make the inputs and the figures of the entity; `many`, `one` and
`aggregate` the root fields by which it is asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict, TypeVar, Unpack, cast

import strawberry
from strawberry.types.field import StrawberryField

from api.graph.codecs import Codec, codec_of
from domain.kernel.actor import Actor
from domain.kernel.permissions import Permission
from domain.kernel.record import Record

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value of the row itself: SQL with `{t}` for the row's alias, and the codec of its type."""

    sql: str
    codec: Codec
    nullable: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """An amount and its currency, two columns that make one Money."""

    amount: str
    currency: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class ToOne:
    """The record that a foreign key of the row points to; or, going `back`, the one whose key points to the row."""

    key: str
    nullable: bool
    back: bool = False

    def link(self, other: str, row: str) -> str:
        """This will give the predicate that ties the other side to the row, by their aliases."""
        return f"{other}.{self.key} = {row}.id" if self.back else f"{other}.id = {row}.{self.key}"


@dataclass(frozen=True, slots=True)
class ToMany:
    """The records whose column `key` points to the row, or that a table in between links to it.

    `through` names that table, its column of the row, its column of the other side, and a condition if there is one.
    """

    key: str
    order: tuple[str, ...]
    through: tuple[str, ...] = ()

    def link(self, other: str, row: str) -> str:
        """This will give the predicate that ties the other side to the row, by their aliases."""
        if not self.through:
            return f"{other}.{self.key} = {row}.id"
        table, here, there, *condition = self.through
        narrowed = "".join(f" AND m.{part}" for part in condition)
        return f"{other}.id IN (SELECT m.{there} FROM {table} m WHERE m.{here} = {row}.id{narrowed})"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the records of a connection of the row come to: how many, their sums and means, the whole or by groups."""

    over: str


Source = Leaf | Pair | ToOne | ToMany | Figures


@dataclass(frozen=True)
class Root:
    """A field by which an entity is asked for: many in pages, or one by key."""

    order: tuple[str, ...] = ()
    key: Callable[[Actor], Any] | None = None


@dataclass(eq=False)
class Entity:
    """A GraphQL type bound to a table: its fields by name, and its prefix."""

    name: str
    model: type[Record]
    prefix: str
    order: tuple[str, ...]
    declared: Mapping[str, "EntityField"]
    search: tuple[str, ...] = ()
    """The fields whose words are searched, as its table's column `search` holds them."""

    @cached_property
    def table(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def sources(self) -> dict[str, Source]:
        """Where each field comes from, by its GraphQL name."""
        return {name: field.declare(self) for name, field in self.declared.items()}

    def leaf(self, name: str) -> Leaf:
        """This will give the leaf of that name; a declaration that orders by anything else is a bug."""
        return cast(Leaf, self.sources[name])


ENTITIES: dict[str, Entity] = {}
"""Every entity by the name of its GraphQL type."""

Declare = Callable[["EntityField", Entity], Source]


class Uses(TypedDict, total=False):
    """What a field is good for beyond being selected, and which permission it needs."""

    filter: bool
    order: bool
    measure: bool
    group: bool
    needs: Permission | None


class EntityField(StrawberryField):
    """A field of an entity; it is never resolved in Python."""

    declaration: Declare | None = None
    column_name: str | None = None
    filterable: bool = False
    sortable: bool = False
    measurable: bool = False
    groupable: bool = False
    needs: Permission | None = None
    root: Root | None = None

    def used(self, uses: Uses) -> None:
        """This will note what the field is good for."""
        self.filterable, self.sortable = uses.get("filter", False), uses.get("order", False)
        self.measurable, self.groupable = uses.get("measure", False), uses.get("group", False)
        self.needs = uses.get("needs")

    def declare(self, owner: Entity) -> Source:
        """This will say where the field comes from, once its owner is known."""
        if self.declaration is None:
            raise TypeError(f"{owner.name}.{self.python_name} asks for an entity; it is not part of one.")
        return self.declaration(self, owner)

    def __copy__(self) -> "EntityField":
        twin = super().__copy__()
        for name in EntityField.__annotations__:
            setattr(twin, name, getattr(self, name))
        return twin


def _field(declare: Declare, uses: Uses, description: str | None = None) -> Any:
    field = EntityField(description=description)
    field.declaration = declare
    field.used(uses)
    return field


def identity() -> Any:
    """This will declare the public id: the type's prefix and the key."""

    def declare(field: EntityField, owner: Entity) -> Source:
        return Leaf("{t}.id", codec_of("id", prefix=owner.prefix), nullable=False)

    return _field(declare, {"filter": True}, "Opaque and unique among all records; `node` finds it again.")


def column(*, name: str | None = None, description: str | None = None, **uses: Unpack[Uses]) -> Any:
    """This will declare a column of the model, described as the model describes it unless told otherwise."""

    def declare(field: EntityField, owner: Entity) -> Source:
        stored = owner.model._meta.fields_map[name or field.python_name]
        codec = codec_of(type(stored).__name__, enum=_enum_of(field))
        return Leaf(f"{{t}}.{stored.source_field or stored.model_field_name}", codec, bool(stored.null))

    field = _field(declare, uses, description)
    field.column_name = name
    return field


def expression(sql: str, kind: str, *, nullable: bool = False, description: str, **uses: Unpack[Uses]) -> Any:
    """This will declare a value that SQL computes from the row; write `{t}` for the row, and name the codec's kind."""

    def declare(field: EntityField, owner: Entity) -> Source:
        return Leaf(sql, codec_of(kind), nullable)

    return _field(declare, uses, description)


def money(amount: str, currency: str, *, nullable: bool = False, description: str, **uses: Unpack[Uses]) -> Any:
    """This will declare a Money from two columns, or SQL over `{t}`: the amount and its currency."""

    def declare(field: EntityField, owner: Entity) -> Source:
        return Pair(_qualified(amount), _qualified(currency), nullable)

    return _field(declare, uses, description)


def to_one(key: str, *, nullable: bool = False, description: str, **uses: Unpack[Uses]) -> Any:
    """This will declare the record that the column `key` points to."""
    return _field(lambda _field, _owner: ToOne(key, nullable), uses, description)


def one_back(key: str, *, description: str, filter: bool = False) -> Any:
    """This will declare the record whose column `key`, unique over there, points to the row; null where none does."""
    return _field(lambda _field, _owner: ToOne(key, nullable=True, back=True), {"filter": filter}, description)


def entity(
    model: type[Record],
    *,
    order: tuple[str, ...] = (),
    search: tuple[str, ...] = (),
    prefix: str | None = None,
) -> Callable[[type[T]], type[T]]:
    """This will bind a class to a model, as a GraphQL object type that implements Node.

    The model's guard narrows its rows to an actor, wherever it appears; `order` is the order of its pages where none is
    asked for (a leading `-` turns it round); `search` names the fields whose words its column `search` holds.
    The class's docstring is the type's description.
    """

    def bind(cls: type[T]) -> type[T]:
        name = cls.__name__
        described = (cls.__doc__ or "").strip()
        made = strawberry.type(cls, name=name, description=described)
        fields = [f for f in made.__strawberry_definition__.fields if isinstance(f, EntityField)]  # type: ignore[attr-defined]
        for field in fields:
            if field.description is None:
                stored = model._meta.fields_map[field.column_name or field.python_name]
                field.description = stored.description
        declared = {graphql_name(field.python_name): field for field in fields}
        ENTITIES[name] = Entity(name, model, prefix or model.prefix, order, declared, search)
        return made

    return bind


def graphql_name(python_name: str) -> str:
    """This will turn snake_case into camelCase, as the schema does."""
    head, *rest = python_name.split("_")
    return head + "".join(word.title() for word in rest)


def snake_name(name: str) -> str:
    """This will turn the schema's camelCase into snake_case."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def named_type(output: Any) -> str:
    """This will give the name of a type of the schema, whatever it is wrapped in."""
    while hasattr(output, "of_type"):
        output = output.of_type
    return cast(str, output.name)


def _qualified(sql: str) -> str:
    return sql if "{t}" in sql else f"{{t}}.{sql}"


def _enum_of(field: EntityField) -> Any:
    annotation = field.type
    inner = getattr(annotation, "of_type", annotation)
    return getattr(inner, "wrapped_cls", None)
