"""The ordinary road: graphql-core's executor, with resolvers that hand over texts which the database has written."""

from collections.abc import Mapping
from typing import Any

import orjson
from graphql import Executor, GraphQLObjectType, GraphQLOutputType, GraphQLResolveInfo, GraphQLSchema

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
