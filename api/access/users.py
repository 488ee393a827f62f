"""Mutations of users: who comes in, what they may do, and who leaves."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from api.access.types import User
from api.graph.payloads import (
    ExpectedVersion,
    IdempotencyKey,
    UserError,
    given,
    key_of,
    optional,
    settle,
    user_errors,
)
from domain.access import models, users
from domain.kernel.ids import read_id

UserID = Annotated[strawberry.ID, strawberry.argument(description="Which user.")]
_NOW = "The user as they now stand, beside STALE too; null where otherwise refused."


@strawberry.input(description="A new user.")
class UserCreateInput:
    email: str = strawberry.field(description="What they sign in with, and where mail reaches them; unique.")
    name: str = strawberry.field(description="What colleagues call them, 1 to 200 characters.")
    password: str | None = strawberry.field(
        default=None,
        description="12 to 256 characters. Left out, they choose one by `userInvite`, or have API keys only.",
    )
    role_ids: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="What they may do, as roles; no more than you may do yourself."
    )


@strawberry.input(description="What to change of a user: what is left out stays as it is.")
class UserUpdateInput:
    email: str | None = optional("What they sign in with; not null.")
    name: str | None = optional("What colleagues call them, 1 to 200 characters; not null.")


@strawberry.input(description="What a user may do from now on.")
class UserSetRolesInput:
    role_ids: list[strawberry.ID] = strawberry.field(description="All of their roles, instead of those before.")


@strawberry.input(description="How a user leaves.")
class UserDeactivateInput:
    successor_id: strawberry.ID | None = strawberry.field(
        default=None, description="Who is to have all that is theirs; needed where anything is."
    )


@strawberry.type(description="The new user, or why there is none.")
class UserCreatePayload:
    user: User | None = strawberry.field(description="The user as they were stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed user, or why they were not changed.")
class UserUpdatePayload:
    user: User | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The user with other roles, or why they keep those they have.")
class UserSetRolesPayload:
    user: User | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The user who has left, or why they stay.")
class UserDeactivatePayload:
    user: User | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The user who is back, or why not.")
class UserReactivatePayload:
    user: User | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type
class UserMutations:
    @strawberry.mutation(description="Takes in a user. Needs ACCESS_WRITE.")
    async def user_create(
        self,
        info: Info,
        input: Annotated[UserCreateInput, strawberry.argument(description="Who they are, and what they may do.")],
        idempotency_key: IdempotencyKey = None,
    ) -> UserCreatePayload:
        roles = [key_of(models.Role, role) for role in input.role_ids]
        return await settle(
            info,
            lambda by, at: users.create_user(input.email, input.name, input.password, roles=roles, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes the name or the address of a user. Needs ACCESS_WRITE.")
    async def user_update(
        self,
        info: Info,
        id: UserID,
        input: Annotated[UserUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> UserUpdatePayload:
        key = read_id(models.User.prefix, id)
        return await settle(
            info,
            lambda by, at: users.update_user(key, given(input), expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(
        description="Says what a user may do, as roles, instead of those before; it holds within 5 seconds. Nobody "
        "gives more than they have, and the last administrator stays one. Needs ACCESS_WRITE."
    )
    async def user_set_roles(
        self,
        info: Info,
        id: UserID,
        input: Annotated[UserSetRolesInput, strawberry.argument(description="The roles.")],
        expected_version: ExpectedVersion = None,
    ) -> UserSetRolesPayload:
        key = read_id(models.User.prefix, id)
        roles = [key_of(models.Role, role) for role in input.role_ids]
        return await settle(
            info, lambda by, at: users.set_roles(key, roles, expected_version=expected_version, by=by, at=at)
        )

    @strawberry.mutation(
        description="Locks a user out within 5 seconds, with their sessions and API keys, and gives all that is theirs "
        "to a successor, in one transaction. Needs ACCESS_WRITE."
    )
    async def user_deactivate(
        self,
        info: Info,
        id: UserID,
        input: Annotated[UserDeactivateInput, strawberry.argument(description="Who takes over.")],
        expected_version: ExpectedVersion = None,
    ) -> UserDeactivatePayload:
        key = read_id(models.User.prefix, id)
        successor = key_of(models.User, input.successor_id)
        return await settle(
            info,
            lambda by, at: users.deactivate_user(key, successor, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(
        description="Lets a user in again who was deactivated, with the roles they had, and nothing that they have "
        "handed over. Needs ACCESS_WRITE."
    )
    async def user_reactivate(
        self, info: Info, id: UserID, expected_version: ExpectedVersion = None
    ) -> UserReactivatePayload:
        key = read_id(models.User.prefix, id)
        return await settle(
            info, lambda by, at: users.reactivate_user(key, expected_version=expected_version, by=by, at=at)
        )
