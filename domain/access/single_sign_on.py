"""Single sign-on: people come in by a provider that vouches for them, and is asked outside of this context.

A way through the provider begins with a state, which travels with the browser, and a verifier, which stays with the
client that began; what was begun elsewhere nobody can be made to end (login CSRF). Nothing is stored until it comes
back: the state is signed, and all else is derived from the verifier. A state is good once, for ten minutes.

Who was vouched for once is known by the provider's own name for them from then on, whatever becomes of the e-mail
address. The first time a verified address leads to the user who was invited by it, or to a new one where newcomers of
its domain are taken in.
"""

import base64
import hmac
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from domain.access import tokens
from domain.access.ending import EndReason, end_all
from domain.access.models import Identity, Role, SpentState, User
from domain.access.rules import check_address, login_name
from domain.access.sessions import SignedIn, Way, device_named, sign_in, tell_failed
from domain.access.users import create_user, must_reach
from domain.kernel.actor import SYSTEM, Actor, Origin
from domain.kernel.events import emit
from domain.kernel.ids import new_id
from domain.kernel.one_record import insert_record
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Invalid, Unauthenticated
from domain.kernel.text import clean_text
from domain.kernel.transactions import one_transaction

LIFETIME = timedelta(minutes=10)
MOST_SWEPT = 100
_FIRST_TIMES = "SELECT pg_advisory_xact_lock(hashtext('salesloop identities'))"
_SWEEP = """DELETE FROM access_spent_state WHERE id IN (
    SELECT id FROM access_spent_state WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)"""


class SsoRefused(Unauthenticated):
    """Nobody comes in this way: the provider does not vouch for them, or they are none of ours."""


class StateIsNoGood(SsoRefused):
    """The state is none of ours, has expired, was used, or was begun by another client; which, is not told."""

    def __init__(self) -> None:
        super().__init__("{field} is good no more, or was begun elsewhere; begin again with `ssoBegin`.", "state")


class Begun(NamedTuple):
    """What a client goes to the provider with: the state to send along, and the verifier to keep to itself."""

    state: str
    verifier: str
    expires_at: datetime


class Course(NamedTuple):
    """What is agreed with the provider for one way through it: where it leads back to, and what proves it is that."""

    redirect_uri: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider vouches for: its name for them, and their address if it has verified that."""

    issuer: str
    subject: str
    email: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Newcomers:
    """From which e-mail domains people are taken in who are not known yet, and which role they get, by its name."""

    domains: Collection[str] = ()
    role: str = ""


NOBODY_NEW = Newcomers()


def begin(redirect_uri: str, *, key: tokens.TokenKey, at: datetime) -> Begun:
    """This will begin a way through the provider that leads back to an address, which the caller has checked."""
    verifier = tokens.new_secret()
    state = tokens.State(new_id(), redirect_uri, tokens.digest_of(verifier), at + LIFETIME)
    return Begun(tokens.sign_state(state, key, at=at), verifier, state.expires_at.replace(microsecond=0))


def course_of(redirect_uri: str, verifier: str) -> Course:
    """This will derive what is agreed with the provider from the verifier: both ends come to the same, and to nothing
    that gives the verifier away."""
    secret = verifier.encode(errors="surrogatepass")
    nonce, code_verifier = (_text(tokens.derived(secret, b"salesloop sso " + what)) for what in (b"nonce", b"pkce"))
    return Course(redirect_uri, nonce, code_verifier)


async def spend(
    state: str, verifier: str, device: str | None, *, origin: Origin, key: tokens.TokenKey, at: datetime
) -> Course:
    """This will use a state up that comes back with its verifier, before the provider is asked, whatever it says then.

    Raises Invalid for an impossible device, which costs no state, and StateIsNoGood.
    """
    device_named(device)
    read = tokens.read_state(state, key, at=at)
    whole = read is not None and hmac.compare_digest(read.verifier_digest, tokens.digest_of(verifier))
    if read is None or not whole or not await _spent(read, at):
        await tell_failed(None, origin, at=at, way=Way.SSO)
        raise StateIsNoGood
    return course_of(read.redirect_uri, verifier)


async def let_in(
    person: Person,
    device: str | None,
    *,
    newcomers: Newcomers = NOBODY_NEW,
    origin: Origin,
    key: tokens.TokenKey,
    at: datetime,
) -> SignedIn:
    """This will begin a session for whom the provider vouches for, if they are ours or are to be taken in.

    Raises SsoRefused, which is on record.
    """
    user = None
    try:
        async with in_transaction():
            user = await _known(person) or await _first_time(person, newcomers, origin, at)
            if not user.is_active:
                raise SsoRefused("You have been locked out here; ask an administrator to let you in again.")
            return await sign_in(user, device, origin, way=Way.SSO, key=key, at=at)
    except SsoRefused:
        await tell_failed(user, origin, at=at, way=Way.SSO)
        raise


async def refused(reason: str, *, origin: Origin, at: datetime) -> SsoRefused:
    """This will write down that the provider did not vouch for somebody, and make the refusal."""
    await tell_failed(None, origin, at=at, way=Way.SSO)
    return SsoRefused(reason)


async def unlink_user(key: UUID | None, *, by: Actor, at: datetime) -> User:
    """This will forget what providers call a user, and end all their sessions: they come in by address once more.

    Raises Unauthenticated, Forbidden, NotFound, TooFar.
    """
    by.must(Permission.ACCESS_WRITE)
    async with one_transaction():
        user = await User.locked(key, by=by)
        await must_reach(user.id, "id", by=by)
        issuers = await Identity.filter(user_id=user.id).order_by("issuer").values_list("issuer", flat=True)
        if issuers:
            await Identity.filter(user_id=user.id).delete()
            await end_all(user.id, EndReason.REVOKED, at=at)
            await emit("access.user.unlinked", user.id, by=by, at=at, issuers=issuers)
    return user


async def _spent(state: tokens.State, at: datetime) -> bool:
    """Whether a state was unused until now; sweeps up some that would have expired anyhow."""
    try:
        async with in_transaction() as connection:
            await connection.execute_query(_SWEEP, [at, MOST_SWEPT])
            await SpentState.born({"id": state.id, "expires_at": state.expires_at}, at).save(force_create=True)
    except IntegrityError:
        return False
    return True


async def _known(person: Person) -> User | None:
    identity = await Identity.get_or_none(issuer=person.issuer, subject=person.subject)
    return await User.get(id=identity.user_id) if identity else None


async def _first_time(person: Person, newcomers: Newcomers, origin: Origin, at: datetime) -> User:
    """Links somebody with their user; one at a time, so that two who come at once do not both become one, or two."""
    await get_connection("default").execute_query(_FIRST_TIMES)
    if known := await _known(person):
        return known
    email = _address(person)
    user = await User.get_or_none(email=email) or await _taken_in(person, email, newcomers, origin, at)
    if user.is_active:
        await _link(user, person, origin, at)
    return user


def _address(person: Person) -> str:
    """The address that the provider has verified. Raises SsoRefused."""
    try:
        return check_address(person.email or "", "email")
    except Invalid:
        raise SsoRefused(
            "The provider does not say that your e-mail address is yours; have it verified there."
        ) from None


async def _taken_in(person: Person, email: str, newcomers: Newcomers, origin: Origin, at: datetime) -> User:
    role = await Role.get_or_none(name=newcomers.role) if newcomers.role else None
    if role is None or email.rpartition("@")[2] not in map(login_name, newcomers.domains):
        raise SsoRefused("You have no account here; ask an administrator to take you in.")
    by = replace(SYSTEM, origin=origin)
    return await create_user(email, _name(person) or email[:200], roles=[role.id], by=by, at=at)


def _name(person: Person) -> str | None:
    """What the provider calls somebody, if that is a name."""
    try:
        return clean_text(person.name or "", "name", longest=200)
    except Invalid:
        return None


async def _link(user: User, person: Person, origin: Origin, at: datetime) -> None:
    if await Identity.exists(user_id=user.id, issuer=person.issuer):
        raise SsoRefused("Your address belongs to another account at the provider; ask an administrator to part them.")
    values = {"user_id": user.id, "issuer": person.issuer, "subject": person.subject}
    by = Actor(user.name, user.id, origin=origin)
    await insert_record(Identity.born(values, at), values, "access.identity.linked", by=by, at=at)


def _text(secret: bytes) -> str:
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
