"""Finding any record again by its id."""

import strawberry

from api.graph.connections import Node, any_many, any_one


@strawberry.type
class NodeQueries:
    node: Node | None = any_one(description="Any record by its id; unknown, hidden and malformed ids give null.")
    nodes: list[Node | None] = any_many(
        description="Records by their ids, in the order of the ids, null where there is none to be seen."
    )
