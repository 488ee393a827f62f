"""The connection types of the Relay cursor specification, and the fields by which entities are asked for."""

from collections.abc import Callable
from enum import Enum
from typing import Any, Generic, TypeVar

import strawberry
from strawberry.types.arguments import StrawberryArgument

from api.graph.entity import EntityField, Root, ToMany
from api.graph.inputs import ORDER, related
from api.graph.narrowing import argument, narrowing
from api.graph.search import MOST_RANKED
from domain.kernel.actor import Actor
from domain.kernel.permissions import Permission

T = TypeVar("T")


@strawberry.interface(description="Anything that has an id of its own and can be found again by it.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque and unique among all records.")


@strawberry.enum(description="How far a count goes.")
class Precision(Enum):
    EXACT = strawberry.enum_value("exact", description="Every row was counted.")
    AT_LEAST = strawberry.enum_value("at_least", description="There are more; counting stopped at this number.")


@strawberry.type(description="How many rows a list has; counting stops at 10,000.")
class TotalCount:
    value: int = strawberry.field(description="The number of rows, at most 10,000.")
    precision: Precision = strawberry.field(description="Whether the number is exact or a lower bound.")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether rows follow behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows stand before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first row; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last row; null on an empty page.")


@strawberry.type(description="A row of a page, with its place in the list.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The place of this row: pages continue behind or before it.")
    node: T = strawberry.field(description="The record itself.")


@strawberry.type(description="A page of a list, in a stated order.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The rows of the page with their cursors.")
    nodes: list[T] = strawberry.field(description="The records of the page, for clients that need no cursors.")
    page_info: PageInfo = strawberry.field(description="Whether there is more, and the cursors of both ends.")
    total_count: TotalCount = strawberry.field(description="How many rows the whole list has; costs a count.")


_PAGING: tuple[tuple[str, Any, str], ...] = (
    ("first", int | None, "How many rows to read forward, 1 to 100; 50 where neither end is named."),
    ("after", str | None, "Read forward from behind the row of this cursor."),
    ("last", int | None, "How many rows to read backward from the end, 1 to 100."),
    ("before", str | None, "Read backward from before the row of this cursor."),
)

_BEST_FIRST = (
    f"The best matches stand first, or the newest where over {MOST_RANKED:,} match; with `orderBy`, that order holds. "
)


class ConnectionField(EntityField):
    """A field that gives a page of an entity; its arguments are those of every connection."""

    @property
    def arguments(self) -> list[StrawberryArgument]:
        name, _ = related(self.type_annotation.raw_annotation if self.type_annotation else None)
        orders: Any = list.__class_getitem__(ORDER[name])
        return [
            *(argument(*each) for each in _PAGING),
            *narrowing(name, _BEST_FIRST),
            argument("order_by", orders | None, "The order of the list; each key breaks the ties of those before it."),
        ]

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        raise AttributeError("the arguments of a connection are derived")


class RecordField(EntityField):
    """A field that gives one record: by its `id` argument, or by a key of the actor's own."""

    @property
    def arguments(self) -> list[StrawberryArgument]:
        if self.root and self.root.key:
            return []
        return [argument("id", strawberry.ID, "The id of the record; unknown, hidden and malformed ids give null.")]

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        raise AttributeError("the arguments of a record field are derived")


class NodeField(EntityField):
    """A field that gives any record by its `id` argument."""

    @property
    def arguments(self) -> list[StrawberryArgument]:
        return [argument("id", strawberry.ID, "The id of the record.")]

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        raise AttributeError("the arguments of a node field are derived")


class NodesField(EntityField):
    """A field that gives records of any types by their `ids` argument, in its order."""

    @property
    def arguments(self) -> list[StrawberryArgument]:
        return [argument("ids", list[strawberry.ID], "The ids, at most 100.")]

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        raise AttributeError("the arguments of a nodes field are derived")


def any_one(*, description: str) -> Any:
    """This will make the field that asks for a record of any type by its id; annotate it `Node | None`."""
    return NodeField(description=description)


def any_many(*, description: str) -> Any:
    """This will make the field that asks for records of any types by their ids; annotate it `list[Node | None]`."""
    return NodesField(description=description)


def many(*, description: str, order: tuple[str, ...] = ()) -> Any:
    """This will make the field that asks for an entity in pages; annotate it with `Connection[T]`."""
    field = ConnectionField(description=description)
    field.root = Root(order=order)
    return field


def one(*, description: str, key: Callable[[Actor], Any] | None = None) -> Any:
    """This will make the field that asks for one record, by id or by the actor's own key; annotate it `T | None`."""
    field = RecordField(description=description)
    field.root = Root(key=key)
    return field


def to_many(
    key: str,
    *,
    through: tuple[str, ...] = (),
    order: tuple[str, ...] = (),
    filter: bool = False,
    needs: Permission | None = None,
    description: str,
) -> Any:
    """This will declare the pages of records whose column `key` points here, in that order where none is asked for.

    `through` names a table in between instead: the table, its column of this side, its column of the other side.
    """
    field = ConnectionField(description=description)
    field.declaration, field.filterable, field.needs = (lambda _, owner: ToMany(key, order, through)), filter, needs
    return field
