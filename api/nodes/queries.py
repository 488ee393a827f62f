"""Finding any record again by its id."""

from collections import defaultdict
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from graphql import GraphQLError
from strawberry.types import Info

from api.graph.connections import Node
from api.graph.engine import Request, record_texts
from api.graph.entity import ENTITIES, Entity
from domain.kernel.ids import split_id

MOST_NODES = 100


@strawberry.type
class NodeQueries:
    @strawberry.field(description="Any record by its id; unknown, hidden and malformed ids give null.")
    async def node(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The id of the record.")]
    ) -> Node | None:
        return cast(Node | None, (await _found(info, [id]))[0])

    @strawberry.field(description="Records by their ids, in the order of the ids, null where there is none to be seen.")
    async def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="The ids, at most 100.")],
    ) -> list[Node | None]:
        if len(ids) > MOST_NODES:
            raise GraphQLError(f"ids lists {len(ids)} ids; at most {MOST_NODES} are read at once.")
        return cast(list[Node | None], await _found(info, ids))


async def _found(info: Info, ids: list[strawberry.ID]) -> list[Any]:
    raw, request = info._raw_info, cast(Request, info.context)
    request.actor.must_be_known()
    by_prefix = {entity.prefix: entity for entity in ENTITIES.values()}
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for prefix, key in filter(None, map(split_id, ids)):
        wanted[prefix].add(key)
    texts: dict[tuple[str, UUID], Any] = {}
    for prefix, keys in sorted(wanted.items()):
        entity: Entity | None = by_prefix.get(prefix)
        if entity is not None:
            place = ("nodes", raw.path.key, prefix)
            found = await record_texts(request, place, entity, raw.field_nodes, sorted(keys))
            texts |= {(prefix, key): text for key, text in found.items()}
    return [texts.get(split_id(id) or ("", UUID(int=0))) for id in ids]
