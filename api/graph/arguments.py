"""Arguments at compile time: every value together with where it will come from when the plan runs again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    GraphQLField,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    get_argument_values,
)
from graphql.execution.values import VariableValues

from domain.kernel.actor import Actor


class Call(NamedTuple):
    """What a plan runs with: the coerced variables, who asks, and keys that a command has just made."""

    variables: Mapping[str, Any]
    actor: Actor
    key: Any = None


Bind = Callable[[Call], Any]
"""Gives the value of one SQL parameter for a call."""


@dataclass(frozen=True, slots=True)
class FromVariable:
    """The place of a value inside the request's variables."""

    name: str
    path: tuple[str | int, ...] = ()

    def find(self, variables: Mapping[str, Any]) -> Any:
        value = variables[self.name]
        for step in self.path:
            value = value[step]
        return value


@dataclass(frozen=True, slots=True)
class Given:
    """A value as it is now, and its origin: a place in the variables, the parts of a literal, or None: a constant."""

    value: Any
    origin: Any
    variables: Mapping[str, Any]

    def __getitem__(self, key: str | int) -> "Given":
        return Given(self.value[key], self._origin_of(key), self.variables)

    def _origin_of(self, key: str | int) -> Any:
        if isinstance(self.origin, FromVariable):
            wrapped = isinstance(self.value, list) and not isinstance(self.origin.find(self.variables), list)
            return self.origin if wrapped else FromVariable(self.origin.name, (*self.origin.path, key))
        if isinstance(self.origin, dict):
            return self.origin if isinstance(key, int) else self.origin.get(key)
        if isinstance(self.origin, list):
            return self.origin[int(key)]
        return None

    def bind(self, convert: Callable[[Any], Any]) -> Bind:
        """This will give the binder of this very value, converted."""
        if isinstance(self.origin, FromVariable):
            origin = self.origin
            return lambda call: convert(origin.find(call.variables))
        if isinstance(self.origin, list) and any(part is not None for part in self.origin):
            parts = [self[index].bind(lambda item: item) for index in range(len(self.value))]
            return lambda call: convert([part(call) for part in parts])
        constant = convert(self.value)
        return lambda call: constant


def arguments_of(field: GraphQLField, node: FieldNode, variables: VariableValues) -> dict[str, Given]:
    """This will coerce a field's arguments by graphql-core's rules, and note where each came from."""
    origins = {argument.name.value: _origin(argument.value) for argument in node.arguments or ()}
    values = get_argument_values(field, node, variables)
    return {name: Given(value, origins.get(name), variables.coerced) for name, value in values.items()}


def _origin(node: ValueNode) -> Any:
    match node:
        case VariableNode():
            return FromVariable(node.name.value)
        case ObjectValueNode():
            return {field.name.value: _origin(field.value) for field in node.fields}
        case ListValueNode():
            return [_origin(item) for item in node.values]
    return None
