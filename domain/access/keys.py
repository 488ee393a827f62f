"""Verbs of API keys: make one that is shown once, and revoke it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from tortoise.expressions import Q

from domain.access import tokens
from domain.access.models import ApiKey, User
from domain.access.queries import actor_of
from domain.access.users import TooFar
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes
from domain.kernel.ids import new_id
from domain.kernel.one_record import insert_record
from domain.kernel.permissions import Grants, Permission, Reach
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text
from domain.kernel.transactions import one_transaction

TOPIC = "access.api_key"
LONGEST = timedelta(days=366)
SHOWN = 12
"""So many characters of a key are kept, by which its owner tells it from others."""


class MadeKey(NamedTuple):
    """A new API key, and its text, which nobody can read again."""

    record: ApiKey
    text: str


async def create_key(
    given: Mapping[str, Any], permissions: Sequence[Permission], *, by: Actor, at: datetime
) -> MadeKey:
    """This will make an API key. Needs `name` and `expires_at`, within a year; it is the actor's unless `user_id` says.

    It may be used for those permissions, as far as its user's own roles let them. Raises Unauthenticated, Forbidden,
    Invalid, NotFound, TooFar.
    """
    by.must_be_in_person()
    name = clean_text(given["name"], "name", longest=100)
    expires_at: datetime = given["expires_at"]
    if not at < expires_at <= at + LONGEST:
        raise Invalid(f"{{field}} must be within {LONGEST.days} days from now.", "expires_at")
    if not permissions:
        raise Invalid("{field} must name what the key may be used for.", "permissions")
    owner = given.get("user_id", by.user_id)
    if owner != by.user_id:
        by.must(Permission.ACCESS_WRITE, Reach.ALL)
    key_id, secret = new_id(), tokens.new_secret()
    text = tokens.write_key(key_id, secret)
    scope = sorted({permission.value for permission in permissions})
    values = {"user_id": owner, "name": name, "permissions": scope, "expires_at": expires_at}
    async with one_transaction():
        await User.held([owner], "user_id", by=by)
        if owner != by.user_id and not by.grants.covers(await _grants(owner, permissions)):
            raise TooFar("permissions")
        hidden = {"start": text[:SHOWN], "digest": tokens.digest_of(secret)}
        record = ApiKey.born({"id": key_id, **values, **hidden}, at)
        await insert_record(record, values, f"{TOPIC}.created", by=by, at=at)
    return MadeKey(record, text)


async def revoke_key(key: UUID | None, *, by: Actor, at: datetime) -> ApiKey:
    """This will revoke an API key; within 5 seconds it is good for nothing. Raises Unauthenticated, Forbidden,
    NotFound."""
    by.must_be_known()
    async with one_transaction():
        record = await ApiKey.locked(key, by=by)
        if record.revoked_at is None:
            await apply_changes(record, {"revoked_at": at}, f"{TOPIC}.revoked", by=by, at=at)
    return record


async def note_use(key_id: UUID, *, at: datetime) -> None:
    """This will write down that a key was used, to the minute."""
    minute = at.replace(second=0, microsecond=0)
    unused = Q(last_used_at__isnull=True) | Q(last_used_at__lt=minute)
    await ApiKey.filter(unused, id=key_id).update(last_used_at=minute)


async def _grants(owner: UUID, permissions: Sequence[Permission]) -> Grants:
    actor = await actor_of(owner)
    if actor is None:
        raise Invalid("{field} is somebody who is no longer active.", "user_id")
    return actor.grants.within(permissions)
