"""Reads of access: whom a token or a key speaks for, what roles permit them, and who is meant by an e-mail address."""

import hmac
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from domain.access.handover import owned
from domain.access.models import Role, User
from domain.access.rules import login_name
from domain.access.tokens import digest_of
from domain.kernel.actor import HERE, Actor, Origin, Sight
from domain.kernel.permissions import Grants, Permission, Reach, granted

ADMINISTRATOR = "administrator"
_GRANTS = """SELECT coalesce(json_agg(DISTINCT jsonb_build_array(g.permission, g.reach)), '[]')::text
    FROM access_role_assignment a JOIN access_role_grant g ON g.role_id = a.role_id WHERE a.user_id = u.id"""
_SIGHT = """ARRAY(SELECT access_colleagues(u.id)) AS colleagues, ARRAY(SELECT access_shared(u.id, false)) AS shared,
    ARRAY(SELECT access_shared(u.id, true)) AS changeable"""
_ACTOR = f"SELECT u.id, u.name, ({_GRANTS}) AS grants, {_SIGHT} FROM access_user u WHERE u.id = $1 AND u.is_active"
_BY_SESSION = f"""SELECT u.id, u.name, ({_GRANTS}) AS grants, {_SIGHT}
    FROM access_user u JOIN access_session s ON s.user_id = u.id
    WHERE u.id = $1 AND u.is_active AND s.id = $2 AND s.ended_at IS NULL AND s.expires_at > $3"""
_BY_KEY = f"""SELECT u.id, u.name, k.digest, k.permissions::text AS permissions, k.expires_at,
    ({_GRANTS}) AS grants, {_SIGHT} FROM access_api_key k JOIN access_user u ON u.id = k.user_id
    WHERE k.id = $1 AND u.is_active AND k.revoked_at IS NULL AND k.expires_at > $2"""
_KNOWN = {permission.value: permission for permission in Permission}


class KeyHolder(NamedTuple):
    """Whom an API key speaks for, and until when."""

    actor: Actor
    expires_at: datetime


async def actor_of(user_id: UUID) -> Actor | None:
    """This will give the actor that a user is, with what their roles grant; None where they may no longer sign in."""
    rows = await _rows(_ACTOR, user_id)
    return _actor(rows[0], HERE) if rows else None


async def actor_in(session_id: UUID, user_id: UUID, *, at: datetime) -> Actor | None:
    """This will give the actor who is signed in by a session; None where it is over, or they may no longer sign in."""
    rows = await _rows(_BY_SESSION, user_id, session_id, at)
    return _actor(rows[0], Origin(session_id=session_id)) if rows else None


async def actor_by_key(key_id: UUID, secret: str, *, at: datetime) -> KeyHolder | None:
    """This will give the actor that an API key speaks for, with those of its user's grants that it is for.

    None where there is no such key, or it is good no more.
    """
    rows = await _rows(_BY_KEY, key_id, at)
    if not rows or not hmac.compare_digest(rows[0]["digest"], digest_of(secret)):
        return None
    row = rows[0]
    scope = [_KNOWN[name] for name in orjson.loads(row["permissions"]) if name in _KNOWN]
    actor = _actor(row, Origin(key_id=key_id))
    return KeyHolder(replace(actor, grants=actor.grants.within(scope)), row["expires_at"])


def _actor(row: Mapping[str, Any], origin: Origin) -> Actor:
    sight = Sight(tuple(row["colleagues"]), tuple(row["shared"]), tuple(row["changeable"]))
    return Actor(row["name"], row["id"], read_grants(row["grants"]), sight, origin)


async def still_good(ways: Collection[UUID], *, at: datetime) -> set[UUID]:
    """This will tell which of these sessions and API keys are still good, and their users active; in one statement."""
    rows = await _rows(
        """SELECT s.id FROM access_session s JOIN access_user u ON u.id = s.user_id WHERE s.id = ANY($1)
            AND s.ended_at IS NULL AND s.expires_at > $2 AND u.is_active
        UNION ALL SELECT k.id FROM access_api_key k JOIN access_user u ON u.id = k.user_id WHERE k.id = ANY($1)
            AND k.revoked_at IS NULL AND k.expires_at > $2 AND u.is_active""",
        list(ways), at,
    )  # fmt: skip
    return {row["id"] for row in rows}


def read_grants(text: str) -> Grants:
    """This will read grants as the database tells them: JSON, pairs of a permission and its reach; the furthest counts.

    A permission that this version of the house does not know is none.
    """
    furthest: dict[Permission, Reach] = {}
    for name, word in orjson.loads(text):
        if permission := _KNOWN.get(name):
            furthest[permission] = max(furthest.get(permission, Reach.NONE), Reach[word.upper()])
    return granted(furthest)


async def grants_of_roles(roles: Collection[UUID]) -> Grants:
    """This will say what several roles grant together."""
    (row,) = await _rows(
        """SELECT coalesce(json_agg(DISTINCT jsonb_build_array(permission, reach)), '[]')::text AS grants
            FROM access_role_grant WHERE role_id = ANY($1)""",
        list(roles),
    )
    return read_grants(row["grants"])


async def roles_named(*names: str) -> list[UUID]:
    """This will find roles by name, in the order of the names. Raises KeyError where there is none of that name."""
    found = {role.name: role.id for role in await Role.filter(name__in=names)}
    return [found[name] for name in names]


async def has_administrator() -> bool:
    """This will say whether somebody is active who has the built-in role of an administrator."""
    (row,) = await _rows(
        """SELECT EXISTS (SELECT FROM access_role_assignment a JOIN access_role r ON r.id = a.role_id
            JOIN access_user u ON u.id = a.user_id
            WHERE r.is_built_in AND r.name = $1 AND u.is_active) AS found""",
        ADMINISTRATOR,
    )
    return bool(row["found"])


async def owned_count(user_id: UUID) -> int:
    """This will count the records that somebody owns, of all kinds."""
    counts = [f"(SELECT count(*) FROM {model._meta.db_table} WHERE owner_id = $1)" for model in owned()]
    (row,) = await _rows(f"SELECT {' + '.join(counts)} AS count", user_id)
    return int(row["count"])


async def user_named(email: str) -> User | None:
    """This will find an active user by e-mail address."""
    return await User.get_or_none(email=login_name(email), is_active=True)


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql, list(values))
    return rows
