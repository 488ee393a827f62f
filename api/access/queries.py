"""Root fields over access."""

from math import ceil

import strawberry
from strawberry.types import Info

from api.access.types import RateLimit, User, UserAggregate
from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.graph.request import Request


@strawberry.type
class AccessQueries:
    viewer: User | None = one(description="The user who asks.", key=lambda actor: actor.user_id)
    users: Connection[User] = many(description="All colleagues, by name unless ordered otherwise.")
    users_aggregate: UserAggregate = aggregate(description="What all users come to, the whole or by groups.")

    @strawberry.field(description="What is left of the allowance that your operations are charged to, this one paid.")
    def rate_limit(self, info: Info) -> RateLimit:
        request: Request = info.context
        standing = request.standing
        missing = standing.capacity - standing.available
        return RateLimit(
            cost=request.cost,
            available=standing.available,
            capacity=standing.capacity,
            restore_rate=standing.restore_rate,
            full_in_seconds=ceil(missing / standing.restore_rate),
        )
