"""The ordinary road: graphql-core's executor, with resolvers that hand over texts which the database has written."""

from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

import orjson
from graphql import (
    ExecutionResult,
    Executor,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLSchema,
    default_field_resolver,
    default_type_resolver,
)
from graphql.execution.collect_fields import FragmentDetails

from api.graph.entity import ENTITIES, EntityField, named_type, snake_name
from api.graph.reading import DEFINITION
from api.graph.request import Request


class FragmentExecutor(Executor[Any]):
    """The stock executor, except that text which the database has already written passes as it is."""

    def complete_value(self, return_type: GraphQLOutputType, *rest: Any, **more: Any) -> Any:
        result = more["result"] if "result" in more else rest[3]
        if isinstance(result, orjson.Fragment):
            return result
        return super().complete_value(return_type, *rest, **more)


async def execute(request: Request, *, hide_suggestions: bool) -> ExecutionResult:
    """This will walk an operation that is valid, with its variables as they are coerced already."""
    executor = FragmentExecutor(
        request.schema,
        request.prepared.fragments,
        {name: FragmentDetails(fragment, None) for name, fragment in request.prepared.fragments.items()},
        None,
        request,
        request.operation,
        request.variables,
        default_field_resolver,
        default_type_resolver,
        default_field_resolver,
        hide_suggestions=hide_suggestions,
    )
    result: Any = executor.execute_operation()
    done: ExecutionResult = await result if isawaitable(result) else result
    return done


def attach(schema: GraphQLSchema) -> None:
    """This will lead fields that give entities to their texts: roots to what was read, payloads to what was made."""
    for owner in schema.type_map.values():
        if not isinstance(owner, GraphQLObjectType) or owner.name in ENTITIES:
            continue
        for definition in owner.fields.values():
            if owner is schema.query_type and isinstance(definition.extensions.get(DEFINITION), EntityField):
                definition.resolve = _resolve_root
            elif owner.name.endswith("Payload") and named_type(definition.type) in ENTITIES:
                definition.resolve = _resolve_selected


def _resolve_root(_: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    request: Request = info.context
    request.actor.must_be_known()
    text = request.texts[str(info.path.key)]
    if isinstance(text, Exception):
        raise text
    return None if text is None else orjson.Fragment(text)


def _resolve_selected(source: Any, info: GraphQLResolveInfo[Any]) -> Any:
    texts: Mapping[Any, Any] | None = getattr(source, snake_name(info.field_name))
    return texts and texts[info.path.key]
