"""Verbs of links that are mailed: an invitation, by which somebody chooses a first password, and the reset of one.

A link is a signed token that names a row; the row says whether it was used. A newer one voids those before it.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.access import rules, tokens
from domain.access.ending import EndReason, end_all
from domain.access.models import AccessLink, User
from domain.kernel.actor import Actor, Origin
from domain.kernel.events import emit
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.transactions import one_transaction


class Purpose(StrEnum):
    """What a link is for."""

    INVITATION = "invitation"
    RESET = "reset"


LIFETIMES = {Purpose.INVITATION: timedelta(days=7), Purpose.RESET: timedelta(hours=1)}


class LinkIsNoGood(Conflict):
    """The link is none of ours, has expired, or was used."""

    def __init__(self) -> None:
        super().__init__("{field} is good no more, or was never; ask for a new link.", "token")


class WrongPassword(Invalid):
    """The old password is not the present one."""

    def __init__(self) -> None:
        super().__init__("{field} is not your present password.", "current_password")


async def make_link(user: User, purpose: Purpose, *, key: tokens.TokenKey, at: datetime) -> tokens.Token:
    """This will make a link for a user, and void the others of that purpose."""
    async with one_transaction():
        live = AccessLink.filter(user_id=user.id, purpose=purpose.value, used_at=None)
        await live.update(used_at=at, updated_at=at)
        until = at + LIFETIMES[purpose]
        link = AccessLink.born({"user_id": user.id, "purpose": purpose.value, "expires_at": until}, at)
        await link.save(force_create=True)
    return tokens.sign_link(link.id, key, at=at, until=until)


async def choose_password(
    token: str,
    password: str,
    *,
    origin: Origin,
    key: tokens.TokenKey,
    at: datetime,
    aside: Callable[..., Awaitable[Any]],
) -> User:
    """This will use a link up, give its user that password, and end all their sessions.

    Raises Invalid, LinkIsNoGood.
    """
    rules.check_password(password, "password")
    key_of_link = tokens.read_link(token, key, at=at)
    if key_of_link is None:
        raise LinkIsNoGood
    hashed = await aside(rules.hash_password, password)
    async with one_transaction():
        link = await AccessLink.filter(id=key_of_link).select_for_update().first()
        if link is None:
            raise LinkIsNoGood
        user = await User.get_or_none(id=link.user_id, is_active=True)
        if user is None or link.used_at is not None or at >= link.expires_at:
            raise LinkIsNoGood
        await AccessLink.filter(id=link.id).update(used_at=at, updated_at=at)
        by = Actor(user.name, user.id, origin=origin)
        await _store(user, hashed, by=by, at=at, way=link.purpose)
    return user


async def change_password(
    current: str, password: str, *, by: Actor, at: datetime, aside: Callable[..., Awaitable[Any]]
) -> User:
    """This will give the actor another password, and end all their sessions but this one.

    Raises Unauthenticated, Forbidden, Invalid, WrongPassword.
    """
    by.must_be_in_person()
    rules.check_password(password, "password")
    user = await User.get_or_none(id=by.user_id)
    if user is None or not await aside(
        rules.password_matches, current[: rules.LONGEST_PASSWORD + 1], user.password_hash or rules.NOBODYS_HASH
    ):
        raise WrongPassword
    hashed = await aside(rules.hash_password, password)
    async with one_transaction():
        await _store(user, hashed, by=by, at=at, way="change", but=by.origin.session_id)
    return user


async def _store(user: User, hashed: str, *, by: Actor, at: datetime, way: str, but: UUID | None = None) -> None:
    user.password_hash, user.updated_at, user.version = hashed, at, user.version + 1
    await user.save(update_fields=["password_hash", "updated_at", "version"])
    await end_all(user.id, EndReason.PASSWORD, at=at, but=but)
    await emit("access.user.password_set", user.id, by=by, at=at, way=way)
