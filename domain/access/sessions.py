"""Verbs of sessions: sign in, renew the tokens of a device, sign out, and end sessions from afar.

A refresh token is good once. One that comes a second time was copied, and its session is ended, with one exception:
whoever lost the answer on a poor network may ask again for a minute, while what they were given is still unused.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from domain.access import queries, rules, tokens
from domain.access.ending import EndReason, end_all
from domain.access.models import RefreshToken, Session, User
from domain.access.second_factor import check_code, has_second_factor
from domain.kernel.actor import HERE, Actor, Origin
from domain.kernel.events import emit
from domain.kernel.refusals import Code, Unauthenticated
from domain.kernel.text import clean_text
from domain.kernel.transactions import one_transaction

TOPIC = "access.session"
UNUSED_DAYS = timedelta(days=30)
"""After so long without a renewal a session is over."""
LOST_ANSWER = timedelta(minutes=1)
LONGEST_DEVICE = 200
NO_USER = UUID(int=0)
"""Whom failed logins are about where nobody has the address that was given."""


class WrongCredentials(Unauthenticated):
    """The address is unknown or the password is not its own; which of the two is not told."""


class SecondFactorNeeded(Unauthenticated):
    """The password is right; a code of the user's authenticator is wanted too, or the one given is wrong."""

    code = Code.SECOND_FACTOR_NEEDED


class SessionOver(Unauthenticated):
    """The refresh token is not one of ours, was used before, or its session has ended."""

    def __init__(self) -> None:
        super().__init__("This session is over; sign in again with `login`.")


class Way(StrEnum):
    """How somebody has proved who they are, as the audit trail tells it."""

    PASSWORD = "password"
    SSO = "sso"
    UNASKED = "unasked"


class SignedIn(NamedTuple):
    """What a device is given: the token to send, and the one to renew it with."""

    access: tokens.Token
    refresh: tokens.Token


@dataclass(frozen=True, slots=True)
class Attempt:
    """Who tries to sign in, with what, on which device, from where."""

    email: str
    password: str
    code: str | None = None
    device: str | None = None
    origin: Origin = HERE


async def log_in(
    attempt: Attempt, *, key: tokens.TokenKey, at: datetime, aside: Callable[..., Awaitable[Any]]
) -> SignedIn:
    """This will let a user in with the right password, which `aside` compares off the event loop, and the right code.

    Not in a transaction until the password is known: no connection is held meanwhile. Raises WrongCredentials, after
    the same time in every case, and SecondFactorNeeded.
    """
    email, password = attempt.email, attempt.password
    storable = "\x00" not in email and email.isprintable() and len(email) <= 254
    user = await queries.user_named(email) if storable else None
    hashed = user.password_hash if user and user.password_hash else rules.NOBODYS_HASH
    matches = await aside(rules.password_matches, password[: rules.LONGEST_PASSWORD + 1], hashed)
    if user is None or not user.password_hash or not matches:
        await tell_failed(user, attempt.origin, at=at)
        raise WrongCredentials("The e-mail address or the password is wrong.")
    by = Actor(user.name, user.id, origin=attempt.origin)
    if await has_second_factor(user.id) and not await check_code(user.id, attempt.code, key=key, by=by, at=at):
        if attempt.code is not None:
            await tell_failed(user, attempt.origin, at=at)
        raise SecondFactorNeeded("The code of your authenticator is missing or wrong; send it as `code`.")
    return await sign_in(user, attempt.device, attempt.origin, way=Way.PASSWORD, key=key, at=at)


async def sign_in(
    user: User, device: str | None, origin: Origin, *, way: Way, key: tokens.TokenKey, at: datetime
) -> SignedIn:
    """This will begin a session for a user who has proved who they are. Raises Invalid for an impossible device."""
    named = device_named(device)
    values = {
        "user_id": user.id, "device": named, "address": origin.address and origin.address[:64], "last_used_at": at,
        "expires_at": at + UNUSED_DAYS,
    }  # fmt: skip
    async with one_transaction():
        session = Session.born(values, at)
        await session.save(force_create=True)
        refresh = await _issue(session, at)
        by = Actor(user.name, user.id, origin=replace(origin, session_id=session.id))
        await emit(f"{TOPIC}.began", session.id, by=by, at=at, device=named, way=way.value)
    return SignedIn(tokens.sign_token(user.id, session.id, key, at=at), refresh)


def device_named(device: str | None) -> str:
    """This will give what a device is called in the list of sessions. Raises Invalid for what it cannot be called."""
    return clean_text(device or "", "device", longest=LONGEST_DEVICE, blank=True) or "an unnamed device"


async def renew(refresh: str, *, origin: Origin, key: tokens.TokenKey, at: datetime) -> SignedIn:
    """This will give a session new tokens for a refresh token, which is good no more. Raises SessionOver.

    That a token came a second time ends the session, also where it is refused.
    """
    async with in_transaction():  # of its own: what it finds out stays, whatever is answered
        found = await _found(refresh)
        renewed = found and await _renewed(*found, origin, key, at)
    if not renewed:
        raise SessionOver
    return renewed


async def sign_out(*, by: Actor, at: datetime) -> Session:
    """This will end the session that the actor is signed in by. Raises Unauthenticated, SessionOver."""
    by.must_be_known()
    async with one_transaction():
        if by.origin.session_id is None:
            raise SessionOver
        session = await Session.locked(by.origin.session_id, by=by)
        await _end(session, EndReason.SIGNED_OUT, by=by, at=at)
    return session


async def revoke_session(key: UUID | None, *, by: Actor, at: datetime) -> Session:
    """This will end a session of one's own, or of somebody over whom the actor may do so; within 5 seconds it is out.

    Raises Unauthenticated, NotFound, Forbidden.
    """
    by.must_be_in_person()
    async with one_transaction():
        session = await Session.locked(key, by=by)
        await _end(session, EndReason.REVOKED, by=by, at=at)
    return session


async def revoke_other_sessions(*, by: Actor, at: datetime) -> int:
    """This will end all sessions of the actor but the one they are signed in by; returns how many.

    Raises Unauthenticated, Forbidden.
    """
    by.must_be_in_person()
    if by.user_id is None:
        return 0
    async with one_transaction():
        live = await Session.filter(user_id=by.user_id, ended_at=None).exclude(id=by.origin.session_id).count()
        await end_all(by.user_id, EndReason.REVOKED, at=at, but=by.origin.session_id)
        if live:
            await emit(f"{TOPIC}.others_revoked", by.user_id, by=by, at=at, count=live)
    return live


async def _found(refresh: str) -> tuple[RefreshToken, Session] | None:
    """The token with its session, locked: of many who send it at once, one is the first."""
    digest = tokens.digest_of(refresh)
    rows = await get_connection("default").execute_query_dict(
        "SELECT s.id FROM access_refresh_token t JOIN access_session s ON s.id = t.session_id WHERE t.digest = $1 "
        "FOR UPDATE OF s",
        [digest],
    )
    if not rows:
        return None
    return await RefreshToken.get(digest=digest), await Session.get(id=rows[0]["id"])


async def _renewed(
    token: RefreshToken, session: Session, origin: Origin, key: tokens.TokenKey, at: datetime
) -> SignedIn | None:
    user = await User.get_or_none(id=session.user_id, is_active=True)
    if user is None or session.ended_at is not None or at >= session.expires_at:
        return None
    by = Actor(user.name, user.id, origin=replace(origin, session_id=session.id))
    if token.is_void or (token.used_at is not None and not await _answer_was_lost(token, at)):
        await _end(session, EndReason.REUSED, by=by, at=at)
        return None
    refresh = await _issue(session, at, instead_of=token)
    await Session.filter(id=session.id).update(last_used_at=at, expires_at=at + UNUSED_DAYS, updated_at=at)
    return SignedIn(tokens.sign_token(user.id, session.id, key, at=at), refresh)


async def _answer_was_lost(token: RefreshToken, at: datetime) -> bool:
    """Whether the answer with the next token may have been lost: nobody has used that one, and it was just now."""
    if token.used_at is None or at - token.used_at > LOST_ANSWER:
        return False
    return bool(await RefreshToken.filter(id=token.successor_id, used_at=None).update(is_void=True))


async def _issue(session: Session, at: datetime, instead_of: RefreshToken | None = None) -> tokens.Token:
    secret = tokens.new_secret()
    token = RefreshToken.born({"session_id": session.id, "digest": tokens.digest_of(secret)}, at)
    await token.save(force_create=True)
    if instead_of is not None:
        used_at = instead_of.used_at or at
        await RefreshToken.filter(id=instead_of.id).update(used_at=used_at, successor_id=token.id, updated_at=at)
    return tokens.Token(secret, (at + UNUSED_DAYS).replace(microsecond=0))


async def _end(session: Session, reason: EndReason, *, by: Actor, at: datetime) -> None:
    """Ends a locked session; one that has ended stays as it is."""
    if session.ended_at is not None:
        return
    session.ended_at, session.end_reason = at, reason.value
    session.updated_at, session.version = at, session.version + 1
    await session.save(update_fields=["ended_at", "end_reason", "updated_at", "version"])
    await emit(f"{TOPIC}.ended", session.id, by=by, at=at, reason=reason.value, user_id=session.user_id)


async def tell_failed(user: User | None, origin: Origin, *, at: datetime, way: Way = Way.PASSWORD) -> None:
    """This will write down that somebody failed to sign in, in a transaction of its own.

    It is about NO_USER where nobody is known to be meant: it takes as long.
    """
    by = Actor("nobody", origin=origin)
    async with in_transaction():
        await emit("access.user.login_failed", user.id if user else NO_USER, by=by, at=at, way=way.value)
