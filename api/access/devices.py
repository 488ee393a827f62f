"""Sessions, API keys and shares as the graph shows them."""

from datetime import datetime

import strawberry

from api.access.types import Team, User
from api.graph.connections import Connection, Node, many, one
from api.graph.entity import column, entity, expression, identity, to_one
from api.graph.inputs import order_input, where_input
from api.graph.scalars import JSON
from domain.access import models
from domain.access.ending import EndReason


@entity(models.Session, order=("-lastUsedAt",))
class Session(Node):
    """A device that somebody is signed in on, until they sign out, it is revoked, or it has not been used for long."""

    id: strawberry.ID = identity()
    user: User = to_one("user_id", filter=True, description="Who is signed in.")
    device: str = column()
    address: str | None = column(filter=True)
    created_at: datetime = column(order=True, description="When it signed in (UTC).")
    last_used_at: datetime = column(order=True, filter=True)
    expires_at: datetime = column(filter=True)
    ended_at: datetime | None = column(filter=True)
    end_reason: EndReason | None = column(filter=True)


@entity(models.ApiKey, order=("-createdAt",))
class ApiKey(Node):
    """What a program signs in with, in the name of a user, for some of what that user may do, until it expires."""

    id: strawberry.ID = identity()
    user: User = to_one("user_id", filter=True, description="In whose name it acts.")
    name: str = column(filter=True)
    start: str = column()
    permissions: JSON = expression(
        "(SELECT coalesce(jsonb_agg(upper(p) ORDER BY p), '[]') FROM jsonb_array_elements_text({t}.permissions) p)",
        "JSONField",
        description="The names of the permissions it may be used for, as far as its user has them.",
    )
    created_at: datetime = column(order=True)
    expires_at: datetime = column(filter=True)
    last_used_at: datetime | None = column(filter=True)
    revoked_at: datetime | None = column(filter=True)


@entity(models.Share, order=("-createdAt",))
class Share(Node):
    """That a record is open to somebody, or to a team, beside those whom their roles let see it."""

    id: strawberry.ID = identity()
    record_id: strawberry.ID = expression(
        "({t}.record_prefix || '_' || replace({t}.record_id::text, '-', ''))",
        "CharField",
        description="The public id of the record; `node` finds it.",
    )
    user: User | None = to_one("user_id", nullable=True, filter=True, description="For whom; null for a team.")
    team: Team | None = to_one("team_id", nullable=True, filter=True, description="For which team; null for a user.")
    may_change: bool = column(filter=True)
    expires_at: datetime | None = column(filter=True)
    given_by: User | None = to_one("shared_by_id", nullable=True, filter=True, description="Who shared it.")
    created_at: datetime = column(order=True)


SessionWhere = where_input("SessionWhere", Session)
SessionOrderBy = order_input("SessionOrderBy", Session)
ApiKeyWhere = where_input("ApiKeyWhere", ApiKey)
ApiKeyOrderBy = order_input("ApiKeyOrderBy", ApiKey)
ShareWhere = where_input("ShareWhere", Share)
ShareOrderBy = order_input("ShareOrderBy", Share)


@strawberry.type
class DeviceQueries:
    sessions: Connection[Session] = many(
        description="Your sessions, and those of others over whom you have ACCESS_READ, the last used first."
    )
    session: Session | None = one(description="One session by id.")
    api_keys: Connection[ApiKey] = many(
        description="Your API keys, and those of others over whom you have ACCESS_READ, the newest first."
    )
    api_key: ApiKey | None = one(description="One API key by id.")
    shares: Connection[Share] = many(description="The shares that you made, or that your ACCESS_SHARE lets you see.")
    share: Share | None = one(description="One share by id.")
