"""Verbs of roles: write one's own, change and remove them; those that came with the house stay as they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from domain.access import rules
from domain.access.models import Role, RoleAssignment, RoleGrant
from domain.access.queries import grants_of_roles
from domain.access.users import TooFar
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, raise_taken
from domain.kernel.events import emit
from domain.kernel.one_record import insert_record
from domain.kernel.permissions import Grants, Permission
from domain.kernel.refusals import Conflict
from domain.kernel.storing import insert_parts
from domain.kernel.transactions import one_transaction

TOPIC = "access.role"


class NameTaken(Conflict):
    """Another role has this name."""

    def __init__(self) -> None:
        super().__init__("Another role has this name; choose one that tells them apart.", "name")


class BuiltIn(Conflict):
    """The role came with the house; others rely on what it means."""

    def __init__(self) -> None:
        super().__init__("This role came with the house and stays as it is; write one of your own instead.", "id")


class RoleInUse(Conflict):
    """Somebody still has the role."""

    def __init__(self, count: int) -> None:
        super().__init__(f"Users still have this role: {count:,}; give them another first.", "id")


async def create_role(given: Mapping[str, Any], grants: Grants, *, by: Actor, at: datetime) -> Role:
    """This will write a role. Needs `name` and `description`.

    Raises Unauthenticated, Forbidden, Invalid, TooFar, NameTaken.
    """
    by.must(Permission.ACCESS_WRITE)
    values = check_fields(given, rules.ROLE, required=rules.ROLE)
    if not by.grants.covers(grants):
        raise TooFar("grants")
    async with one_transaction():
        told = {**values, "grants": rules.told_grants(grants)}
        role = Role.born(values, at)
        try:
            await insert_record(role, told, f"{TOPIC}.created", by=by, at=at)
        except IntegrityError:
            raise_taken(NameTaken())
        await _store(role, grants, at)
    return role


async def update_role(
    key: UUID | None,
    given: Mapping[str, Any],
    grants: Grants | None = None,
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Role:
    """This will change a role's name or description, or all that it grants; whoever has it feels it within 5 seconds.

    Raises Unauthenticated, Forbidden, Invalid, NotFound, Stale, TooFar, NameTaken, BuiltIn.
    """
    by.must(Permission.ACCESS_WRITE)
    values = check_fields(given, rules.ROLE, required=rules.ROLE)
    async with one_transaction():
        role = await Role.locked(key, expected_version=expected_version, by=by)
        if role.is_built_in:
            raise BuiltIn
        before = await grants_of_roles([role.id])
        if not by.grants.covers(before):
            raise TooFar("id")
        if grants is not None and not by.grants.covers(grants):
            raise TooFar("grants")
        changed = await apply_changes(role, values, f"{TOPIC}.updated", by=by, at=at, taken=NameTaken())
        if grants is not None and grants is not before:
            await _grant(role, before, grants, counted=bool(changed), by=by, at=at)
    return role


async def _grant(role: Role, before: Grants, grants: Grants, *, counted: bool, by: Actor, at: datetime) -> None:
    """Gives a locked role other grants, and a version of its own unless the change is `counted` already."""
    if not counted:
        role.version, role.updated_at = role.version + 1, at
        await Role.filter(id=role.id).update(version=role.version, updated_at=at)
    await RoleGrant.filter(role_id=role.id).delete()
    await _store(role, grants, at)
    was, now = rules.told_grants(before), rules.told_grants(grants)
    await emit(f"{TOPIC}.granted", role.id, by=by, at=at, before={"grants": was}, grants=now)


async def _store(role: Role, grants: Grants, at: datetime) -> None:
    parts = [
        RoleGrant.born({"role_id": role.id, "permission": permission.value, "reach": reach.name.lower()}, at)
        for permission, reach in grants.given().items()
    ]
    if parts:
        await insert_parts(parts)


async def delete_role(key: UUID | None, *, by: Actor, at: datetime) -> UUID:
    """This will remove a role that nobody has; returns its key. Raises Unauthenticated, Forbidden, NotFound, BuiltIn,
    RoleInUse."""
    by.must(Permission.ACCESS_WRITE)
    async with one_transaction():
        role = await Role.locked(key, by=by)
        if role.is_built_in:
            raise BuiltIn
        if count := await RoleAssignment.filter(role_id=role.id).count():
            raise RoleInUse(count)
        await emit(f"{TOPIC}.deleted", role.id, by=by, at=at, before={"name": role.name})
        await Role.filter(id=role.id).delete()
    return role.id
