"""The short road of mutations: one whose payload holds a record and the errors needs no executor to be put together.

Its resolver is called as the executor calls it, with the same arguments and the same information.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLLeafType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    get_argument_values,
    get_named_type,
    located_error,
)
from graphql.pyutils import Path, is_awaitable

from api.graph.answers import content_of
from api.graph.entity import ENTITIES, named_type, snake_name
from api.graph.request import Request

ERRORS = "userErrors"
NO_HELP: Any = None
"""The executor's helpers for work in the background, of which our resolvers have none."""
Write = Callable[[Any], Any]
"""Gives the value of a field, as JSON has it, from the object that it is a field of."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """The only field of a mutation: its place in the answer, and how each field of its payload is written."""

    key: str
    nodes: list[FieldNode]
    definition: GraphQLField
    writers: Mapping[str, Write]


def mutation_of(request: Request, selected: Mapping[str, list[FieldNode]]) -> Mutation | None:
    """This will plan a mutation that is the only field of its operation; None where the executor is needed for it."""
    if len(selected) != 1 or not request.actor.authenticated:
        return None
    ((key, nodes),) = selected.items()
    definition = cast(GraphQLObjectType, request.schema.mutation_type).fields.get(nodes[0].name.value)
    payload = definition and get_named_type(definition.type)
    if not (definition and isinstance(payload, GraphQLObjectType)):
        return None
    try:
        writers = _writers(request, payload, nodes)
    except GraphQLError:  # which the executor finds again, and words
        return None
    return None if writers is None else Mutation(key, nodes, definition, writers)


async def mutated(request: Request, mutation: Mutation) -> bytes:
    """This will run a mutation and write the answer; whatever is raised is an error at its place."""
    try:
        made = await _resolved(request, mutation)
        payload = {key: write(made) for key, write in mutation.writers.items()}
    except Exception as error:
        located = located_error(error, mutation.nodes, [mutation.key])
        must_be = isinstance(mutation.definition.type, GraphQLNonNull)
        return content_of(None if must_be else {mutation.key: None}, [located], executed=True)
    return content_of({mutation.key: payload}, [], executed=True)


async def _resolved(request: Request, mutation: Mutation) -> Any:
    definition, node = mutation.definition, mutation.nodes[0]
    resolve, owner = cast(Any, definition.resolve), cast(GraphQLObjectType, request.schema.mutation_type)
    info = GraphQLResolveInfo(
        node.name.value, mutation.nodes, definition.type, owner, Path(None, mutation.key, owner.name), request.schema,
        request.prepared.fragments, None, request.operation, request.variables, request, is_awaitable, None, NO_HELP,
    )  # fmt: skip
    return await resolve(None, info, **get_argument_values(definition, node, request.variables))


def _writers(request: Request, payload: GraphQLObjectType, nodes: list[FieldNode]) -> dict[str, Write] | None:
    """How the selected fields of a payload are written; None where one of them is left to the executor."""
    writers: dict[str, Write] = {}
    for key, same in request.scope.fields(payload, nodes).items():
        name = same[0].name.value
        if name == "__typename":
            writers[key] = _constant(payload.name)
        elif name == ERRORS:
            writers[key] = _errors(request, payload, same)
        elif named_type(payload.fields[name].type) in ENTITIES:
            writers[key] = _record(snake_name(name), key)
        else:
            return None
    return writers


def _constant(value: Any) -> Write:
    return lambda _: value


def _record(name: str, key: str) -> Write:
    def write(made: Any) -> Any:
        texts: Mapping[str, Any] | None = getattr(made, name)
        return texts and texts[key]

    return write


def _errors(request: Request, payload: GraphQLObjectType, nodes: list[FieldNode]) -> Write:
    kind = cast(GraphQLObjectType, get_named_type(payload.fields[ERRORS].type))
    writers = {
        key: _constant(kind.name) if same[0].name.value == "__typename" else _leaf(kind, same[0].name.value)
        for key, same in request.scope.fields(kind, nodes).items()
    }
    return lambda made: [{key: write(error) for key, write in writers.items()} for error in made.user_errors]


def _leaf(owner: GraphQLObjectType, name: str) -> Write:
    kind, place = cast(GraphQLLeafType, get_named_type(owner.fields[name].type)), snake_name(name)

    def write(value: Any) -> Any:
        found = getattr(value, place)
        return [*map(kind.coerce_output_value, found)] if isinstance(found, list) else kind.coerce_output_value(found)

    return write
