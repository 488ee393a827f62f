"""Aggregates as the schema shows them: the types of an entity's figures, and the fields by which they are asked for.

`aggregate_of` reads what an entity's declaration measures, and what it forms groups by. The names of the types are
written where it is called.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar, cast

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from api.graph.entity import EntityField, Figures, Root, graphql_name
from api.graph.inputs import bare, class_of, entity_fields, related
from api.graph.money import Money
from api.graph.narrowing import argument, narrowing
from api.graph.periods import Period
from api.graph.scalars import TimeZone
from domain.kernel.period import Grain

T = TypeVar("T")
Fields = list[tuple[str, Any, Any]]
GROUPS, MOST_GROUPS = 100, 1_000
DIGITS_OF_A_MEAN = 6
NUMBERS = {int: Decimal | None, Decimal: Decimal | None, float: float | None, Money: list[Money]}
"""What sums and means are, by what is measured."""
BOUNDS = {**NUMBERS, int: int | None, datetime: datetime | None}
"""What the smallest and the largest are, by what is measured."""
COUNT = "How many records there are."
SUM = "What they add up to, exactly; null where none has a value."
AVG = (
    "Their arithmetic means over the records that have a value; null where none has. Rounded to 6 digits behind the "
    "point, halves away from zero; money to the digits of its currency; a Float is not rounded."
)
MIN = "The smallest, earliest of their values; null where none has one."
MAX = "The largest, latest of their values; null where none has one."
EACH_CURRENCY = "One amount for each currency, by its code; amounts of different currencies are never added."
KEY = "Null where groups are not formed by it, or have no value."
PERIOD = "As a period of the time zone that was asked for."
FIRST = f"How many groups to give, 1 to {MOST_GROUPS:,}; the rest is left out. Each counts in full in the cost."

ENTITY_OF: dict[str, str] = {}
"""The name of the entity, by the name of the type of its aggregates."""


@strawberry.enum(description="In which order groups come.")
class GroupOrder(Enum):
    KEY = strawberry.enum_value(
        "key", description="By their keys upwards: A to Z, the oldest period or record first; without a value last."
    )
    COUNT = strawberry.enum_value("count", description="The largest first, by their number of records; then by key.")


class AggregateField(EntityField):
    """A field that gives figures over an entity; it narrows as the list does."""

    @property
    def arguments(self) -> list[StrawberryArgument]:
        return narrowing(ENTITY_OF[related(_annotation(self))[0]])

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        raise AttributeError("the arguments of an aggregate are derived")


class GroupsField(StrawberryField):
    """The field of an aggregate that gives the same figures for each group."""

    by: Any = None

    @property
    def arguments(self) -> list[StrawberryArgument]:
        by = "What the records of a group have in common; each field once."
        return [
            argument("by", list[self.by], by),  # type: ignore[name-defined]
            argument("first", int, FIRST, GROUPS),
            argument("order_by", GroupOrder, "Which groups come first.", GroupOrder.KEY),
        ]

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        raise AttributeError("the arguments of groups are derived")

    def __copy__(self) -> "GroupsField":
        twin = super().__copy__()
        twin.by = self.by
        return twin


def aggregate(over: str | None = None, *, description: str) -> Any:
    """This will make the field that gives figures over a connection of the entity, or as a root field over them all.

    Annotate it with the class that `aggregate_of` decorates.
    """
    field = AggregateField(description=description)
    if over is None:
        field.root = Root()
    else:
        field.declaration = lambda _field, _owner: Figures(graphql_name(over))
    return field


def aggregate_of(
    of: type, *, numbers: str | None = None, bounds: str, group: str, key: str, by: str
) -> Callable[[type[T]], type[T]]:
    """This will make a class the type of the figures over an entity; its docstring is the type's description.

    The other names are those of the types of its sums and means, of its smallest and largest values, of its groups, of
    their keys, and of the input that says what groups are formed by.
    """

    kinds = {bare(_annotation(field)) for field in entity_fields(of) if field.measurable}
    if not kinds <= BOUNDS.keys() or bool(kinds & NUMBERS.keys()) != bool(numbers):
        raise TypeError(f"{of.__name__} measures numbers, money and moments; `numbers` names the type of its sums")

    def make(cls: type[T]) -> type[T]:
        name, module = of.__name__, of.__module__
        figures = _figures(of, numbers, bounds)
        keys = strawberry.type(class_of(key, module, _keys(of)), description=f"What a group of {name} records shares.")
        key_field = ("key", keys, strawberry.field(description="What the records of the group have in common."))
        described = f"{name} records that have something in common, and what they come to."
        groups = GroupsField(description="The same figures for each group of records.")
        groups.by = _by_input(of, by)
        grouped = strawberry.type(class_of(group, module, [key_field, *figures]), description=described)
        made = class_of(cls.__name__, module, [*figures, ("groups", list[grouped], groups)])  # type: ignore[valid-type]
        ENTITY_OF[cls.__name__] = name
        return cast(type[T], strawberry.type(made, description=(cls.__doc__ or "").strip()))

    return make


def _figures(of: type, numbers: str | None, bounds: str) -> Fields:
    module, about = of.__module__, of.__name__
    fields: Fields = [("count", int, strawberry.field(description=COUNT))]
    if numbers:
        described = f"What can be added up of {about} records."
        added = strawberry.type(class_of(numbers, module, _measures(of, NUMBERS)), description=described)
        fields += [("sum", added, strawberry.field(description=SUM)), ("avg", added, strawberry.field(description=AVG))]
    described = f"What can be compared of {about} records."
    compared = strawberry.type(class_of(bounds, module, _measures(of, BOUNDS)), description=described)
    return [
        *fields,
        ("min", compared, strawberry.field(description=MIN)),
        ("max", compared, strawberry.field(description=MAX)),
    ]


def _measures(of: type, kinds: Mapping[Any, Any]) -> Fields:
    found: Fields = []
    for field in entity_fields(of):
        kind = bare(_annotation(field))
        if not field.measurable or kind not in kinds:
            continue
        about = f"{field.description} {EACH_CURRENCY}" if kind is Money else field.description
        found.append((field.python_name, kinds[kind], strawberry.field(description=about)))
    return found


def _keys(of: type) -> Fields:
    found: Fields = []
    for field in _groupable(of):
        kind, about = bare(_annotation(field)), f"{field.description} {KEY}"
        if kind is datetime:
            kind, about = Period, f"{field.description} {PERIOD} {KEY}"
        found.append((field.python_name, kind | None, strawberry.field(description=about)))
    return found


def _by_input(of: type, name: str) -> type:
    words = {
        field.python_name.upper(): strawberry.enum_value(
            graphql_name(field.python_name),
            description=f"By {field.python_name.replace('_', ' ')}: {field.description}",
        )
        for field in _groupable(of)
    }
    make_enum: Any = Enum
    described = f"What groups of {of.__name__} records can be formed by."
    enum = strawberry.enum(make_enum(f"{name}Field", words, module=of.__module__), description=described)
    fields: Fields = [("field", enum, strawberry.field(description="What the records of a group have in common."))]
    if any(bare(_annotation(field)) is datetime for field in _groupable(of)):
        grain = strawberry.field(
            default=strawberry.UNSET, description="How long its periods are, for a moment: required there."
        )
        zoned = strawberry.field(default="UTC", description="The time zone whose calendar cuts the periods.")
        fields += [("grain", Grain | None, grain), ("time_zone", TimeZone, zoned)]
    described = f"Something that {of.__name__} records have in common; a moment is cut into periods of a time zone."
    return strawberry.input(class_of(name, of.__module__, fields), description=described)


def _groupable(of: type) -> list[EntityField]:
    return [field for field in entity_fields(of) if field.groupable]


def _annotation(field: StrawberryField) -> Any:
    return field.type_annotation.raw_annotation if field.type_annotation else None
