"""Root fields over access."""

import strawberry

from api.access.types import User
from api.graph.connections import one


@strawberry.type
class AccessQueries:
    viewer: User | None = one(description="The user who asks.", key=lambda actor: actor.user_id)
