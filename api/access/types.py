"""Users, teams and roles as the graph shows them, and what somebody may spend."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.access.words import GrantReach, Permission
from api.graph.aggregates import aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, expression, identity, to_one
from api.graph.inputs import order_input, where_input
from domain.access import models

ADMINISTRATOR = """EXISTS (SELECT FROM access_role_assignment a JOIN access_role r ON r.id = a.role_id
    WHERE a.user_id = {t}.id AND r.is_built_in AND r.name = 'administrator')"""


@entity(models.User, order=("name",))
class User(Node):
    """A person or a machine that signs in: colleagues who sell, deliver and listen, and those who run the house."""

    id: strawberry.ID = identity()
    email: str = column(filter=True, order=True)
    name: str = column(filter=True, order=True)
    is_active: bool = column(filter=True, group=True)
    is_administrator: bool = expression(
        ADMINISTRATOR,
        "BooleanField",
        description="Whether they have the role of an administrator, and may see and do everything.",
        filter=True,
        order=True,
        group=True,
        needs=Permission.ACCESS_READ,
    )
    created_at: datetime = column(order=True, measure=True, group=True)
    roles: Connection[Annotated["Role", strawberry.lazy("api.access.types")]] = to_many(
        "id",
        through=("access_role_assignment", "user_id", "role_id"),
        filter=True,
        needs=Permission.ACCESS_READ,
        description="What they may do, as roles.",
    )
    memberships: Connection[Annotated["TeamMembership", strawberry.lazy("api.access.types")]] = to_many(
        "user_id", order=("-startsAt",), filter=True, description="The teams they belong to, belonged to, or will."
    )
    managed_teams: Connection[Annotated["Team", strawberry.lazy("api.access.types")]] = to_many(
        "manager_id", description="The teams they lead."
    )


@entity(models.Role, order=("createdAt",))
class Role(Node):
    """What somebody may do who has a certain task: a set of permissions, each with its reach."""

    id: strawberry.ID = identity()
    name: str = column(filter=True, order=True)
    description: str = column()
    is_built_in: bool = column(filter=True)
    created_at: datetime = column(order=True)
    updated_at: datetime = column()
    version: int = column(description="1 at birth, one more at each change; for `expectedVersion`.")
    grants: Connection[Annotated["RoleGrant", strawberry.lazy("api.access.types")]] = to_many(
        "role_id", filter=True, description="What it permits."
    )
    users: Connection[User] = to_many(
        "id", through=("access_role_assignment", "role_id", "user_id"), description="Who has it."
    )


@entity(models.RoleGrant, order=("createdAt",))
class RoleGrant(Node):
    """One permission of a role, and how far it goes."""

    id: strawberry.ID = identity()
    permission: Permission = column(filter=True)
    created_at: datetime = column(order=True)
    reach: GrantReach = column(filter=True)
    role: Role = to_one("role_id", description="The role.")


@entity(models.Team, order=("name",))
class Team(Node):
    """People who work together, under a manager, within another team perhaps."""

    id: strawberry.ID = identity()
    name: str = column(filter=True, order=True)
    parent: Annotated["Team", strawberry.lazy("api.access.types")] | None = to_one(
        "parent_id", nullable=True, filter=True, description="The team above; null at the top."
    )
    manager: User | None = to_one("manager_id", nullable=True, filter=True, description="Who leads it.")
    created_at: datetime = column(order=True)
    updated_at: datetime = column()
    version: int = column(description="1 at birth, one more at each change; for `expectedVersion`.")
    children: Connection[Annotated["Team", strawberry.lazy("api.access.types")]] = to_many(
        "parent_id", description="The teams right below."
    )
    memberships: Connection[Annotated["TeamMembership", strawberry.lazy("api.access.types")]] = to_many(
        "team_id", order=("-startsAt",), filter=True, description="Who belongs to it, belonged, or will."
    )


@entity(models.TeamMembership, order=("-startsAt",))
class TeamMembership(Node):
    """That somebody belongs to a team, from a moment on, until another or for good."""

    id: strawberry.ID = identity()
    team: Team = to_one("team_id", filter=True, description="The team.")
    user: User = to_one("user_id", filter=True, description="Who belongs to it.")
    starts_at: datetime = column(filter=True, order=True)
    ends_at: datetime | None = column(filter=True)


UserWhere = where_input("UserWhere", User)
UserOrderBy = order_input("UserOrderBy", User)
RoleWhere = where_input("RoleWhere", Role)
RoleOrderBy = order_input("RoleOrderBy", Role)
RoleGrantWhere = where_input("RoleGrantWhere", RoleGrant)
RoleGrantOrderBy = order_input("RoleGrantOrderBy", RoleGrant)
TeamWhere = where_input("TeamWhere", Team)
TeamOrderBy = order_input("TeamOrderBy", Team)
TeamMembershipWhere = where_input("TeamMembershipWhere", TeamMembership)
TeamMembershipOrderBy = order_input("TeamMembershipOrderBy", TeamMembership)


@aggregate_of(
    User,
    bounds="UserBounds",
    group="UserGroup",
    key="UserGroupKey",
    by="UserGroupBy",
)
class UserAggregate:
    """What users come to: how many, the whole or by groups."""


@strawberry.type(description="A permission that the viewer has, by all of their roles together.")
class ViewerPermission:
    permission: Permission = strawberry.field(description="What is permitted.")
    reach: GrantReach = strawberry.field(description="How far.")


@strawberry.type(description="The allowance that a viewer's operations are charged to: a bucket that fills up again.")
class RateLimit:
    cost: int = strawberry.field(
        description="What this operation is charged at most: its values, each selected field once in every row that it "
        "may stand in. What its pages did not fill is given back."
    )
    available: int = strawberry.field(description="What is left now, with this operation paid; an estimate.")
    capacity: int = strawberry.field(description="What there is when the bucket is full.")
    restore_rate: int = strawberry.field(description="How much comes back in a second.")
    full_in_seconds: int = strawberry.field(description="After how many seconds the bucket is full again.")
