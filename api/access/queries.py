"""Root fields over access."""

from math import ceil

import strawberry
from strawberry.types import Info

from api.access.types import RateLimit, Role, Team, TeamMembership, User, UserAggregate, ViewerPermission
from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.graph.course import ROWS
from api.graph.request import Request
from domain.access.rules import GrantReach
from domain.kernel.permissions import Permission


@strawberry.type
class AccessQueries:
    viewer: User | None = one(description="The user who asks.", key=lambda actor: actor.user_id)
    user: User | None = one(description="One colleague by id.")
    users: Connection[User] = many(description="All colleagues, by name unless ordered otherwise.")
    users_aggregate: UserAggregate = aggregate(description="What all users come to, the whole or by groups.")

    role: Role | None = one(description="One role by id.")
    roles: Connection[Role] = many(description="What users may do, as roles; those that came with the house first.")
    team: Team | None = one(description="One team by id.")
    teams: Connection[Team] = many(description="All teams, by name unless ordered otherwise.")
    team_memberships: Connection[TeamMembership] = many(description="Who belongs to which team, from when until when.")

    @strawberry.field(
        description="What you may do, and how far, by all of your roles together: for pages to show what fits.",
        metadata={ROWS: len(Permission)},
    )
    def viewer_permissions(self, info: Info) -> list[ViewerPermission]:
        request: Request = info.context
        request.actor.must_be_known()
        return [
            ViewerPermission(permission=permission, reach=GrantReach[reach.name])
            for permission, reach in request.actor.grants.given().items()
        ]

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
