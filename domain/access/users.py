"""Verbs of users: take them in, change what is known of them, say what they may do, let them go and come back."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError

from domain.access import rules
from domain.access.ending import EndReason, end_all
from domain.access.handover import hand_over
from domain.access.models import Role, RoleAssignment, User
from domain.access.queries import ADMINISTRATOR, grants_of_roles, has_administrator, owned_count
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, raise_taken
from domain.kernel.events import emit
from domain.kernel.one_record import insert_record
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Forbidden, Invalid
from domain.kernel.storing import insert_parts
from domain.kernel.transactions import one_transaction

TOPIC = "access.user"


class EmailTaken(Conflict):
    """Another user signs in with this address."""

    def __init__(self) -> None:
        super().__init__(
            "Another user has this address; addresses are unique, whether users are active or not.", "email"
        )


class TooFar(Forbidden):
    """Nobody gives away what they do not have."""

    def __init__(self, *field: str) -> None:
        super().__init__(
            "{field} would permit more than your own roles do; ask somebody whose roles reach further.", *field
        )


class LastAdministrator(Conflict):
    """Somebody has to be able to let others in."""

    def __init__(self, field: str) -> None:
        super().__init__("This is the last active administrator; make somebody else one first.", field)


class SuccessorNeeded(Conflict):
    """The user owns records, which somebody has to look after."""

    def __init__(self, count: int) -> None:
        super().__init__(f"Records are still theirs: {count:,}; name in {{field}} who is to have them.", "successor_id")


async def create_user(
    email: str,
    name: str,
    password: str | None = None,
    *,
    roles: Collection[UUID | None] = (),
    by: Actor,
    at: datetime,
) -> User:
    """This will take in a user who can sign in, with the password if there is one, and do what their roles permit.

    Without a password they choose one by an invitation, or never sign in by one: machines have API keys. Raises
    Unauthenticated, Forbidden, Invalid, NotFound, EmailTaken, TooFar.
    """
    by.must(Permission.ACCESS_WRITE)
    values = check_fields({"email": email, "name": name}, rules.USER, required=rules.USER)
    hashed = None
    if password is not None:
        hashed = await asyncio.to_thread(rules.hash_password, rules.check_password(password, "password"))
    async with one_transaction():
        names = await _given_roles(roles, "role_ids", by=by)
        user = User.born({**values, "password_hash": hashed}, at)
        try:
            await insert_record(user, {**values, "roles": names}, f"{TOPIC}.created", by=by, at=at)
        except IntegrityError:
            raise_taken(EmailTaken())
        await _assign(user, roles, at)
    return user


async def update_user(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> User:
    """This will change the name or the address of a user. Raises Unauthenticated, Forbidden, Invalid, NotFound, Stale,
    EmailTaken."""
    by.must(Permission.ACCESS_WRITE)
    values = check_fields(given, rules.USER, required=rules.USER)
    async with one_transaction():
        user = await User.locked(key, expected_version=expected_version, by=by)
        await must_reach(user.id, "id", by=by)
        await apply_changes(user, values, f"{TOPIC}.updated", by=by, at=at, taken=EmailTaken())
    return user


async def set_roles(
    key: UUID | None,
    roles: Sequence[UUID | None],
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> User:
    """This will say which roles a user has from now on, instead of those before; it holds within 5 seconds.

    Raises Unauthenticated, Forbidden, NotFound, Stale, TooFar, LastAdministrator.
    """
    by.must(Permission.ACCESS_WRITE)
    async with one_transaction():
        user = await User.locked(key, expected_version=expected_version, by=by)
        await must_reach(user.id, "id", by=by)
        before = await _role_names(user.id)
        names = await _given_roles(roles, "role_ids", by=by)
        if sorted(before) == sorted(names):
            return user
        await RoleAssignment.filter(user_id=user.id).delete()
        await _assign(user, roles, at)
        if ADMINISTRATOR in before:
            await _one_administrator_remains("role_ids")
        user.version, user.updated_at = user.version + 1, at
        await User.filter(id=user.id).update(version=user.version, updated_at=at)
        await emit(f"{TOPIC}.roles_set", user.id, by=by, at=at, before={"roles": before}, roles=names)
    return user


async def deactivate_user(
    key: UUID | None, successor: UUID | None = None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> User:
    """This will lock a user out within 5 seconds, and give all that is theirs to a successor.

    Where nothing is theirs none is needed. Raises Unauthenticated, Forbidden, NotFound, Stale, SuccessorNeeded,
    LastAdministrator.
    """
    by.must(Permission.ACCESS_WRITE)
    async with one_transaction():
        user = await User.locked(key, expected_version=expected_version, by=by)
        await must_reach(user.id, "id", by=by)
        if successor is not None:
            await _hold_successor(user, successor, by=by)
        elif count := await owned_count(user.id):
            raise SuccessorNeeded(count)
        changed = await apply_changes(user, {"is_active": False}, f"{TOPIC}.deactivated", by=by, at=at)
        await end_all(user.id, EndReason.DEACTIVATED, at=at)
        if changed and ADMINISTRATOR in await _role_names(user.id):
            await _one_administrator_remains("id")
        if successor is not None:
            await hand_over(user.id, successor, by=by, at=at)
    return user


async def reactivate_user(key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime) -> User:
    """This will let a user in again who was deactivated, with the roles they had. Raises Unauthenticated, Forbidden,
    NotFound, Stale."""
    by.must(Permission.ACCESS_WRITE)
    async with one_transaction():
        user = await User.locked(key, expected_version=expected_version, by=by)
        await must_reach(user.id, "id", by=by)
        await apply_changes(user, {"is_active": True}, f"{TOPIC}.reactivated", by=by, at=at)
    return user


async def _hold_successor(user: User, successor: UUID, *, by: Actor) -> None:
    await User.held([successor], "successor_id", by=by)
    if successor == user.id or not await User.exists(id=successor, is_active=True):
        raise Invalid("{field} must be another user, who is active.", "successor_id")


async def _one_administrator_remains(field: str) -> None:
    """One administrator goes at a time, so that two who go at once do not count on each other. Raises
    LastAdministrator."""
    await get_connection("default").execute_query(
        "SELECT FROM access_role WHERE is_built_in AND name = $1 FOR NO KEY UPDATE", [ADMINISTRATOR]
    )
    if not await has_administrator():
        raise LastAdministrator(field)


async def must_reach(key: UUID, field: str, *, by: Actor) -> None:
    """This will refuse whoever would change somebody who may do more than they themselves. Raises TooFar."""
    held = [each.role_id for each in await RoleAssignment.filter(user_id=key)]
    if not by.grants.covers(await grants_of_roles(held)):
        raise TooFar(field)


async def _given_roles(roles: Collection[UUID | None], field: str, *, by: Actor) -> list[str]:
    """Holds roles to be given; returns their names. Raises NotFound, TooFar."""
    await Role.held(roles, field, by=by)
    if not by.grants.covers(await grants_of_roles([role for role in roles if role])):
        raise TooFar(field)
    return sorted([role.name for role in await Role.filter(id__in=list(roles))])


async def _role_names(key: UUID) -> list[str]:
    return sorted([each.role.name for each in await RoleAssignment.filter(user_id=key).prefetch_related("role")])


async def _assign(user: User, roles: Collection[UUID | None], at: datetime) -> None:
    parts = [RoleAssignment.born({"user_id": user.id, "role_id": role}, at) for role in dict.fromkeys(roles)]
    if parts:
        await insert_parts(parts)
