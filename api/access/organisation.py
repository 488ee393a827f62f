"""Mutations of roles and teams: what tasks there are, and who works with whom."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.access.types import Role, Team, TeamMembership
from api.graph.payloads import (
    ExpectedVersion,
    IdempotencyKey,
    UserError,
    given,
    key_of,
    keyed,
    optional,
    settle,
    user_errors,
)
from domain.access import models, roles, teams
from domain.access.rules import GrantReach
from domain.kernel.actor import Actor
from domain.kernel.ids import public_id, read_id
from domain.kernel.permissions import Grants, Permission, Reach, granted

RoleID = Annotated[strawberry.ID, strawberry.argument(description="Which role.")]
TeamID = Annotated[strawberry.ID, strawberry.argument(description="Which team.")]
_NOW = "as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="One permission of a role.")
class RoleGrantInput:
    permission: Permission = strawberry.field(description="What is permitted.")
    reach: GrantReach = strawberry.field(description="How far.")


@strawberry.input(description="A new role.")
class RoleCreateInput:
    name: str = strawberry.field(description="What it is called, 1 to 100 characters; unique.")
    description: str = strawberry.field(description="Whose task it is, 1 to 300 characters.")
    grants: list[RoleGrantInput] = strawberry.field(
        description="What it permits, each permission once at the furthest; no more than you may do yourself."
    )


@strawberry.input(description="What to change of a role: what is left out stays as it is.")
class RoleUpdateInput:
    name: str | None = optional("What it is called; not null.")
    description: str | None = optional("Whose task it is; not null.")
    grants: list[RoleGrantInput] | None = optional("All that it permits, instead of what it did; not null.")


@strawberry.input(description="A new team.")
class TeamCreateInput:
    name: str = strawberry.field(description="What it is called, 1 to 100 characters; unique.")
    parent_id: strawberry.ID | None = optional("The team above; left out: none.")
    manager_id: strawberry.ID | None = optional("Who leads it; left out: nobody yet.")


@strawberry.input(description="What to change of a team: what is left out stays as it is, null empties.")
class TeamUpdateInput:
    name: str | None = optional("What it is called; not null.")
    parent_id: strawberry.ID | None = optional("The team above.")
    manager_id: strawberry.ID | None = optional("Who leads it.")


@strawberry.input(description="Who belongs to which team, and when.")
class TeamMembershipCreateInput:
    team_id: strawberry.ID = strawberry.field(description="The team.")
    user_id: strawberry.ID = strawberry.field(description="Who belongs to it.")
    starts_at: datetime | None = strawberry.field(default=None, description="From when on; now where left out.")
    ends_at: datetime | None = strawberry.field(default=None, description="Until when; left out: for good.")


@strawberry.input(description="When a membership ends.")
class TeamMembershipEndInput:
    ends_at: datetime | None = strawberry.field(default=None, description="Until when; now where left out.")


@strawberry.type(description="The new role, or why there is none.")
class RoleCreatePayload:
    role: Role | None = strawberry.field(description="The role as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed role, or why it was not changed.")
class RoleUpdatePayload:
    role: Role | None = strawberry.field(description=f"The role {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The role that is gone, or why it is still there.")
class RoleDeletePayload:
    deleted_role_id: strawberry.ID | None = strawberry.field(description="Its id; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new team, or why there is none.")
class TeamCreatePayload:
    team: Team | None = strawberry.field(description="The team as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed team, or why it was not changed.")
class TeamUpdatePayload:
    team: Team | None = strawberry.field(description=f"The team {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The team that is gone, or why it is still there.")
class TeamDeletePayload:
    deleted_team_id: strawberry.ID | None = strawberry.field(description="Its id; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new membership, or why there is none.")
class TeamMembershipCreatePayload:
    team_membership: TeamMembership | None = strawberry.field(
        description="The membership as it was stored; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The membership with its end, or why it does not end.")
class TeamMembershipEndPayload:
    team_membership: TeamMembership | None = strawberry.field(
        description="The membership as it now stands; null where refused."
    )
    user_errors: list[UserError] = user_errors()


def _grants(given: Sequence[RoleGrantInput]) -> Grants:
    furthest: dict[Permission, Reach] = {}
    for each in given:
        furthest[each.permission] = max(furthest.get(each.permission, Reach.NONE), Reach[each.reach.name])
    return granted(furthest)


async def _delete_role(id: strawberry.ID, by: Actor, at: datetime) -> dict[str, str]:
    key = await roles.delete_role(read_id(models.Role.prefix, id), by=by, at=at)
    return {"deleted_role_id": public_id(models.Role.prefix, key)}


async def _delete_team(id: strawberry.ID, by: Actor, at: datetime) -> dict[str, str]:
    key = await teams.delete_team(read_id(models.Team.prefix, id), by=by, at=at)
    return {"deleted_team_id": public_id(models.Team.prefix, key)}


_OF_TEAM = {"parent_id": models.Team, "manager_id": models.User}


@strawberry.type
class OrganisationMutations:
    @strawberry.mutation(description="Writes a role. Needs ACCESS_WRITE.")
    async def role_create(
        self,
        info: Info,
        input: Annotated[RoleCreateInput, strawberry.argument(description="What it is, and what it permits.")],
        idempotency_key: IdempotencyKey = None,
    ) -> RoleCreatePayload:
        values = {"name": input.name, "description": input.description}
        return await settle(
            info,
            lambda by, at: roles.create_role(values, _grants(input.grants), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(
        description="Changes a role that did not come with the house; who has it feels it within 5 seconds. Needs "
        "ACCESS_WRITE."
    )
    async def role_update(
        self,
        info: Info,
        id: RoleID,
        input: Annotated[RoleUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> RoleUpdatePayload:
        key = read_id(models.Role.prefix, id)
        values = given(input)
        grants = _grants(values.pop("grants") or ()) if "grants" in values else None
        return await settle(
            info,
            lambda by, at: roles.update_role(key, values, grants, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Removes a role that nobody has. Needs ACCESS_WRITE.")
    async def role_delete(self, info: Info, id: RoleID) -> RoleDeletePayload:
        return await settle(info, lambda by, at: _delete_role(id, by, at))

    @strawberry.mutation(description="Sets up a team. Needs ACCESS_WRITE.")
    async def team_create(
        self,
        info: Info,
        input: Annotated[TeamCreateInput, strawberry.argument(description="What it is.")],
        idempotency_key: IdempotencyKey = None,
    ) -> TeamCreatePayload:
        values = keyed(given(input), _OF_TEAM)
        return await settle(
            info, lambda by, at: teams.create_team(values, by=by, at=at), idempotency_key=idempotency_key
        )

    @strawberry.mutation(
        description="Renames a team, puts it elsewhere in the tree, or under another manager. Needs ACCESS_WRITE."
    )
    async def team_update(
        self,
        info: Info,
        id: TeamID,
        input: Annotated[TeamUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> TeamUpdatePayload:
        key, values = read_id(models.Team.prefix, id), keyed(given(input), _OF_TEAM)
        return await settle(
            info, lambda by, at: teams.update_team(key, values, expected_version=expected_version, by=by, at=at)
        )

    @strawberry.mutation(
        description="Removes a team that nobody belongs to any more, and that none is within. Needs ACCESS_WRITE."
    )
    async def team_delete(self, info: Info, id: TeamID) -> TeamDeletePayload:
        return await settle(info, lambda by, at: _delete_team(id, by, at))

    @strawberry.mutation(
        description="Has a user belong to a team for a time, or for good; what is theirs is seen by the team within "
        "5 seconds, and the other way round. Needs ACCESS_WRITE."
    )
    async def team_membership_create(
        self,
        info: Info,
        input: Annotated[TeamMembershipCreateInput, strawberry.argument(description="Who, where, and when.")],
        idempotency_key: IdempotencyKey = None,
    ) -> TeamMembershipCreatePayload:
        team, user = key_of(models.Team, input.team_id), key_of(models.User, input.user_id)
        return await settle(
            info,
            lambda by, at: teams.add_member(team, user, starts_at=input.starts_at, ends_at=input.ends_at, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Ends a membership, now or at another time. Needs ACCESS_WRITE.")
    async def team_membership_end(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which membership.")],
        input: Annotated[TeamMembershipEndInput, strawberry.argument(description="When it ends.")],
    ) -> TeamMembershipEndPayload:
        key = read_id(models.TeamMembership.prefix, id)
        return await settle(info, lambda by, at: teams.end_membership(key, input.ends_at, by=by, at=at))
