"""Verbs of teams: who works with whom, under whom, from when until when."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.access import rules
from domain.access.models import Team, TeamMembership, User
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.events import emit
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.transactions import one_transaction

TOPIC, MEMBERSHIP = "access.team", "access.membership"
DEEPEST = 20
_TREE_LOCK = "SELECT pg_advisory_xact_lock(hashtext('salesloop teams'))"
_ABOVE = """WITH RECURSIVE above AS (
    SELECT id, parent_id, 1 AS level FROM access_team WHERE id = $1
    UNION ALL SELECT t.id, t.parent_id, above.level + 1 FROM access_team t JOIN above ON t.id = above.parent_id
) SELECT id FROM above"""
_DEPTH = """WITH RECURSIVE below AS (
    SELECT id, 1 AS level FROM access_team WHERE id = $1
    UNION ALL SELECT t.id, below.level + 1 FROM access_team t JOIN below ON t.parent_id = below.id
) SELECT coalesce(max(level), 1) AS depth FROM below"""


class NameTaken(Conflict):
    """Another team has this name."""

    def __init__(self) -> None:
        super().__init__("Another team has this name; choose one that tells them apart.", "name")


class WithinItself(Invalid):
    """A team cannot be within itself, nor within one that is within it."""

    def __init__(self) -> None:
        super().__init__("{field} is the team itself, or within it; choose one that is not.", "parent_id")


class TeamInUse(Conflict):
    """People belong to the team, or other teams are within it."""

    def __init__(self) -> None:
        super().__init__("Somebody belongs to this team, or a team is within it; end or move those first.", "id")


class MemberAlready(Conflict):
    """The user belongs to the team in that time."""

    def __init__(self) -> None:
        super().__init__("{field} belongs to this team in that time already; end that membership first.", "user_id")


async def create_team(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Team:
    """This will set up a team. Needs `name`; `parent_id` is the team above, `manager_id` leads it.

    Raises Unauthenticated, Forbidden, Invalid, NotFound, NameTaken.
    """
    by.must(Permission.ACCESS_WRITE)
    keys = {name: given[name] for name in ("parent_id", "manager_id") if name in given}
    values = check_fields({"name": given["name"]}, rules.TEAM, required=rules.TEAM)
    async with one_transaction():
        await _one_change_of_the_tree(keys)
        await _hold(None, keys, by=by)
        return await store_new(Team, values | keys, f"{TOPIC}.created", by=by, at=at, taken=NameTaken())


async def update_team(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Team:
    """This will rename a team, put it elsewhere in the tree, or under another manager.

    Raises Unauthenticated, Forbidden, Invalid, NotFound, Stale, NameTaken, WithinItself.
    """
    by.must(Permission.ACCESS_WRITE)
    keys = {name: given[name] for name in ("parent_id", "manager_id") if name in given}
    values = check_fields({n: given[n] for n in given if n not in keys}, rules.TEAM, required=rules.TEAM)
    async with one_transaction():
        await _one_change_of_the_tree(keys)
        team = await Team.locked(key, expected_version=expected_version, by=by)
        await _hold(team.id, keys, by=by)
        await apply_changes(team, values | keys, f"{TOPIC}.updated", by=by, at=at, taken=NameTaken())
    return team


async def delete_team(key: UUID | None, *, by: Actor, at: datetime) -> UUID:
    """This will remove a team that nobody belongs to and none is within; returns its key.

    Past memberships go with it; the event log keeps them. Raises Unauthenticated, Forbidden, NotFound, TeamInUse.
    """
    by.must(Permission.ACCESS_WRITE)
    async with one_transaction():
        await _one_change_of_the_tree({"parent_id": key})
        team = await Team.locked(key, by=by)
        ending = TeamMembership.filter(team_id=team.id)
        if await ending.filter(ends_at=None).exists() or await ending.filter(ends_at__gt=at).exists():
            raise TeamInUse
        if await Team.exists(parent_id=team.id):
            raise TeamInUse
        await emit(f"{TOPIC}.deleted", team.id, by=by, at=at, before={"name": team.name})
        await Team.filter(id=team.id).delete()
    return team.id


async def add_member(
    team: UUID | None,
    user: UUID | None,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> TeamMembership:
    """This will have a user belong to a team from `starts_at`, now unless given, until `ends_at`, or for good.

    Raises Unauthenticated, Forbidden, Invalid, NotFound, MemberAlready.
    """
    by.must(Permission.ACCESS_WRITE)
    begins = starts_at or at
    ends = rules.check_ends(begins, ends_at, "ends_at")
    values = {"team_id": team, "user_id": user, "starts_at": begins, "ends_at": ends}
    async with one_transaction():
        await Team.locked(team, "team_id", by=by)
        await User.held([user], "user_id", by=by)
        others = await TeamMembership.filter(team_id=team, user_id=user)
        if any(rules.overlap((begins, ends), (other.starts_at, other.ends_at)) for other in others):
            raise MemberAlready
        return await store_new(TeamMembership, values, f"{MEMBERSHIP}.created", by=by, at=at)


async def end_membership(
    key: UUID | None, ends_at: datetime | None = None, *, by: Actor, at: datetime
) -> TeamMembership:
    """This will have a membership end, now unless another time is given, which must be after its beginning.

    Raises Unauthenticated, Forbidden, Invalid, NotFound.
    """
    by.must(Permission.ACCESS_WRITE)
    async with one_transaction():
        membership = await TeamMembership.locked(key, by=by)
        ends = rules.check_ends(membership.starts_at, ends_at or at, "ends_at")
        await apply_changes(membership, {"ends_at": ends}, f"{MEMBERSHIP}.ended", by=by, at=at)
    return membership


async def _one_change_of_the_tree(keys: Mapping[str, UUID | None]) -> None:
    """Waits for other changes of the tree, before any team is locked, if this is to be one."""
    if keys.get("parent_id") is not None:
        await get_connection("default").execute_query(_TREE_LOCK)


async def _hold(team: UUID | None, keys: Mapping[str, UUID | None], *, by: Actor) -> None:
    """Holds the team above and the manager. Raises NotFound, WithinItself."""
    if keys.get("manager_id") is not None:
        await User.held([keys["manager_id"]], "manager_id", by=by)
    if keys.get("parent_id") is None:
        return
    connection = get_connection("default")
    await Team.held([keys["parent_id"]], "parent_id", by=by)
    above = [row["id"] for row in await connection.execute_query_dict(_ABOVE, [keys["parent_id"]])]
    if team in above:
        raise WithinItself
    (below,) = await connection.execute_query_dict(_DEPTH, [team])
    if len(above) + below["depth"] > DEEPEST:
        raise Invalid(f"{{field}} would make the tree deeper than {DEEPEST} teams.", "parent_id")
