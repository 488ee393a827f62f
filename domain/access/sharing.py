"""Verbs of shares: open one record to somebody, or to a team, whom their roles do not let see it or change it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access.handover import owned
from domain.access.models import Share, Team, User
from domain.kernel.actor import Actor
from domain.kernel.changes import store_new
from domain.kernel.events import emit
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid, NotFound
from domain.kernel.transactions import one_transaction

TOPIC = "access.share"


class SharedAlready(Conflict):
    """The record is shared with them already."""

    def __init__(self, field: str) -> None:
        super().__init__("{field} has this record shared with them already; revoke that share first.", field)


async def share(
    record: tuple[str, UUID] | None,
    *,
    user: UUID | None = None,
    team: UUID | None = None,
    may_change: bool = False,
    expires_at: datetime | None = None,
    by: Actor,
    at: datetime,
) -> Share:
    """This will open a record that the actor may change to a user, or to those who belong to a team now or manage it.

    `record` is the prefix and the key of its public id. With it go its parts. Raises Unauthenticated, Forbidden,
    Invalid, NotFound, SharedAlready.
    """
    by.must(Permission.ACCESS_SHARE)
    if user is None and team is None:
        raise Invalid("{field} is missing, and no team is named; say whom it is for.", "user_id")
    if user is not None and team is not None:
        raise Invalid("{field} stands beside a user; a share is for one of them.", "team_id")
    if expires_at is not None and expires_at <= at:
        raise Invalid("{field} must lie ahead.", "expires_at")
    model = {each.prefix: each for each in owned()}.get(record[0]) if record else None
    if record is None or model is None:
        raise NotFound("There is no record with this id that has an owner; only such are shared.", "record_id")
    values: dict[str, Any] = {
        "record_prefix": record[0], "record_id": record[1], "user_id": user, "team_id": team,
        "may_change": may_change, "expires_at": expires_at, "shared_by_id": by.user_id,
    }  # fmt: skip
    async with one_transaction():
        await model.held([record[1]], "record_id", by=by, to=model.guard.write)
        if user is not None:
            await User.held([user], "user_id", by=by)
        else:
            await Team.held([team], "team_id", by=by)
        taken = SharedAlready("user_id" if user is not None else "team_id")
        await Share.filter(record_id=record[1], user_id=user, team_id=team, expires_at__lte=at).delete()
        return await store_new(Share, values, f"{TOPIC}.created", by=by, at=at, taken=taken)


async def revoke_share(key: UUID | None, *, by: Actor, at: datetime) -> UUID:
    """This will close a record again to whom it was shared with; returns the key of the share.

    Raises Unauthenticated, Forbidden, NotFound.
    """
    by.must(Permission.ACCESS_SHARE)
    async with one_transaction():
        found = await Share.locked(key, by=by)
        before = {"record_id": found.record_id, "user_id": found.user_id, "team_id": found.team_id}
        await emit(f"{TOPIC}.revoked", found.id, by=by, at=at, before=before)
        await Share.filter(id=found.id).delete()
    return found.id
