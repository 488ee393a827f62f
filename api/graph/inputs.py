"""The input types of filters and orderings: one operator input per kind of value, and what an entity's fields give.

`where_input` and `order_input` read an entity's declaration; their names are written where they are called.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Generic, TypeVar, get_args, get_origin

import strawberry
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import StrawberryLazyReference

from api.graph.entity import EntityField, graphql_name

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


def _operator(description: str, name: str | None = None) -> Any:
    return strawberry.field(name=name, description=description, default=strawberry.UNSET)


_EQ, _NE = "Equal to this value.", "Not equal to this value; rows without a value match too."
_IN, _NOT_IN = "Equal to one of these values, at most 1000.", "Equal to none of these values, at most 1000."
_GT, _GTE = "Greater than this value.", "Greater than or equal to this value."
_LT, _LTE = "Less than this value.", "Less than or equal to this value."
_IS_NULL = "Whether there is no value: true finds the rows without, false those with one."


@strawberry.input(description="Narrows by an id; an id of another type matches nothing.")
class IDFilter:
    eq: strawberry.ID | None = _operator(_EQ)
    ne: strawberry.ID | None = _operator(_NE)
    in_: list[strawberry.ID] | None = _operator(_IN, "in")
    not_in: list[strawberry.ID] | None = _operator(_NOT_IN)


@strawberry.input(description="Narrows by a text. All operators given must hold.")
class StringFilter:
    eq: str | None = _operator(_EQ)
    ne: str | None = _operator(_NE)
    in_: list[str] | None = _operator(_IN, "in")
    not_in: list[str] | None = _operator(_NOT_IN)
    contains: str | None = _operator("Holds this text, in capitals or not.")
    starts_with: str | None = _operator("Begins with this text, in capitals or not.")
    is_null: bool | None = _operator(_IS_NULL)


@strawberry.input(description="Narrows by a whole number. All operators given must hold.")
class IntFilter:
    eq: int | None = _operator(_EQ)
    ne: int | None = _operator(_NE)
    in_: list[int] | None = _operator(_IN, "in")
    not_in: list[int] | None = _operator(_NOT_IN)
    gt: int | None = _operator(_GT)
    gte: int | None = _operator(_GTE)
    lt: int | None = _operator(_LT)
    lte: int | None = _operator(_LTE)
    is_null: bool | None = _operator(_IS_NULL)


@strawberry.input(description="Narrows by a number. All operators given must hold.")
class FloatFilter:
    gt: float | None = _operator(_GT)
    gte: float | None = _operator(_GTE)
    lt: float | None = _operator(_LT)
    lte: float | None = _operator(_LTE)
    is_null: bool | None = _operator(_IS_NULL)


@strawberry.input(description="Narrows by a decimal number. All operators given must hold.")
class DecimalFilter:
    eq: Decimal | None = _operator(_EQ)
    ne: Decimal | None = _operator(_NE)
    in_: list[Decimal] | None = _operator(_IN, "in")
    not_in: list[Decimal] | None = _operator(_NOT_IN)
    gt: Decimal | None = _operator(_GT)
    gte: Decimal | None = _operator(_GTE)
    lt: Decimal | None = _operator(_LT)
    lte: Decimal | None = _operator(_LTE)
    is_null: bool | None = _operator(_IS_NULL)


@strawberry.input(description="Narrows by a moment. All operators given must hold.")
class DateTimeFilter:
    eq: datetime | None = _operator(_EQ)
    ne: datetime | None = _operator(_NE)
    gt: datetime | None = _operator(_GT)
    gte: datetime | None = _operator(_GTE)
    lt: datetime | None = _operator(_LT)
    lte: datetime | None = _operator(_LTE)
    is_null: bool | None = _operator(_IS_NULL)


@strawberry.input(description="Narrows by a day. All operators given must hold.")
class DateFilter:
    eq: date | None = _operator(_EQ)
    ne: date | None = _operator(_NE)
    gt: date | None = _operator(_GT)
    gte: date | None = _operator(_GTE)
    lt: date | None = _operator(_LT)
    lte: date | None = _operator(_LTE)
    is_null: bool | None = _operator(_IS_NULL)


@strawberry.input(description="Narrows by yes or no.")
class BooleanFilter:
    eq: bool | None = _operator(_EQ)
    is_null: bool | None = _operator(_IS_NULL)


@strawberry.input(description="Narrows by a word of an enum. All operators given must hold.")
class EnumFilter(Generic[E]):
    eq: E | None = _operator(_EQ)
    ne: E | None = _operator(_NE)
    in_: list[E] | None = _operator(_IN, "in")
    not_in: list[E] | None = _operator(_NOT_IN)
    is_null: bool | None = _operator(_IS_NULL)


@strawberry.input(description="Narrows by the records on the other side of a relation. All that is given must hold.")
class ListFilter(Generic[T]):
    some: T | None = _operator("At least one of them matches.")
    none: T | None = _operator("None of them matches.")
    every: T | None = _operator("All of them match; so it is where there are none.")


@strawberry.enum(description="Which way values run down a page.")
class Direction(Enum):
    ASC = strawberry.enum_value(
        "asc", description="From the smallest to the largest, the oldest to the newest, A to Z."
    )
    DESC = strawberry.enum_value(
        "desc", description="From the largest to the smallest, the newest to the oldest, Z to A."
    )


@strawberry.enum(description="Where rows without a value stand.")
class Nulls(Enum):
    FIRST = strawberry.enum_value("first", description="Before all rows with a value, in either direction.")
    LAST = strawberry.enum_value("last", description="Behind all rows with a value, in either direction.")


_OPERATORS: dict[Any, Any] = {
    strawberry.ID: IDFilter,
    str: StringFilter,
    int: IntFilter,
    float: FloatFilter,
    Decimal: DecimalFilter,
    datetime: DateTimeFilter,
    date: DateFilter,
    bool: BooleanFilter,
}

WHERE: dict[str, Any] = {}
ORDER: dict[str, Any] = {}


def where_input(name: str, of: type) -> Any:
    """This will make the filter of an entity: `and`, `or`, `not`, and what its filterable fields give."""
    itself = Annotated[name, strawberry.lazy(of.__module__)]  # type: ignore[valid-type]
    fields: list[tuple[str, Any, Any]] = [
        ("and_", list[itself] | None, _operator("All of these must hold.", "and")),
        (
            "or_",
            list[itself] | None,
            _operator("At least one of these must hold; an empty list holds for no row.", "or"),
        ),
        (
            "not_",
            itself | None,
            _operator("This must not hold; a filter that is unknown for want of a value does not hold.", "not"),
        ),
    ]
    for field in entity_fields(of):
        if field.filterable:
            about = f"Narrows by {field.python_name.replace('_', ' ')}: {field.description}"
            fields.append((field.python_name, _filter_of(field) | None, _operator(about)))
    WHERE[of.__name__] = strawberry.input(
        class_of(name, of.__module__, fields),
        name=name,
        description=f"Narrows {of.__name__} records. All that is given must hold; what is left out does not narrow.",
    )
    return WHERE[of.__name__]


def order_input(name: str, of: type) -> Any:
    """This will make the ordering of an entity: one of its sortable fields, a direction, and a place for NULLs."""
    sortable = [field for field in entity_fields(of) if field.sortable]
    values = {
        field.python_name.upper(): strawberry.enum_value(
            graphql_name(field.python_name),
            description=f"By {field.python_name.replace('_', ' ')}: {field.description}",
        )
        for field in sortable
    }
    make_enum: Any = Enum
    words = make_enum(f"{name}Field", values, module=of.__module__)
    described = f"What {of.__name__} records can be sorted by."
    enum = strawberry.enum(words, name=f"{name}Field", description=described)
    fields: list[tuple[str, Any, Any]] = [
        ("field", enum, strawberry.field(description="What to sort by.")),
        ("direction", Direction, strawberry.field(description="Which way; upwards by default.", default=Direction.ASC)),
        (
            "nulls",
            Nulls,
            strawberry.field(description="Where rows without a value stand; last by default.", default=Nulls.LAST),
        ),
    ]
    ORDER[of.__name__] = strawberry.input(
        class_of(name, of.__module__, fields),
        name=name,
        description=f"One key to sort {of.__name__} records by; ties go to the next key, and at last to the id.",
    )
    return ORDER[of.__name__]


def class_of(name: str, module: str, fields: Sequence[tuple[str, Any, Any]]) -> type:
    """This will make a class with annotated fields, for Strawberry to make a type of."""
    annotations = {field: annotation for field, annotation, _ in fields}
    return type(
        name, (), {"__module__": module, "__annotations__": annotations, **{field: made for field, _, made in fields}}
    )


def related(annotation: Any) -> tuple[str, str | None]:
    """This will read, of the annotation of a relation, the other type's name, and its module where it is lazy."""
    if get_origin(annotation) is Annotated:
        first, *rest = get_args(annotation)
        for mark in rest:
            if isinstance(mark, StrawberryLazyReference):
                return getattr(first, "__forward_arg__", first), mark.module
        return related(first)
    inner = [argument for argument in get_args(annotation) if argument is not type(None)]
    return related(inner[0]) if inner else (annotation.__name__, None)


def _filter_of(field: EntityField) -> Any:
    annotation = bare(field.type_annotation.raw_annotation if field.type_annotation else None)
    if annotation in _OPERATORS:
        return _OPERATORS[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return EnumFilter[annotation]  # type: ignore[valid-type]
    name, module = related(annotation)
    where: Any = Annotated[f"{name}Where", strawberry.lazy(module)] if module else WHERE[name]
    is_many = get_origin(annotation) is not Annotated and bool(get_args(annotation))
    return ListFilter[where] if is_many else where


def bare(annotation: Any) -> Any:
    """This will give an annotation without its `| None`."""
    inner = [argument for argument in get_args(annotation) if argument is not type(None)]
    optional = type(None) in get_args(annotation)
    return inner[0] if optional else annotation


def entity_fields(of: Any) -> list[EntityField]:
    """This will give the declared fields of an entity, in the order of its declaration."""
    fields: list[StrawberryField] = of.__strawberry_definition__.fields
    return [field for field in fields if isinstance(field, EntityField)]
