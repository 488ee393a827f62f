"""Tables of access: who may come in and by what, what they may do, whom they work with, what was shared with them."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission, Reach
from domain.kernel.record import Record


class User(Record):
    """A person or a machine that signs in: colleagues who sell, deliver and listen, and those who run the house."""

    prefix = "usr"
    guard = Guard(write=Permission.ACCESS_WRITE)

    email = fields.CharField(max_length=254, unique=True, description="Where mail reaches them; lower case; the login.")
    name = fields.CharField(max_length=200, description="What colleagues call them.")
    password_hash = fields.CharField(
        max_length=200, null=True, description="Argon2id, in the PHC string format; empty until one is chosen."
    )
    is_active = fields.BooleanField(default=True, description="Whether they may sign in.")

    class Meta:
        table = "access_user"
        indexes = (Index(fields=("name", "id")),)


class Role(Record):
    """What somebody may do who has a certain task: a set of permissions, each with its reach."""

    prefix = "rol"
    guard = Guard(read=Permission.ACCESS_READ, write=Permission.ACCESS_WRITE)

    name = fields.CharField(max_length=100, unique=True, description="What it is called; unique.")
    description = fields.CharField(max_length=300, description="Whose task it is.")
    is_built_in = fields.BooleanField(default=False, description="Whether it came with the house, and stays as it is.")

    class Meta:
        table = "access_role"
        indexes = (Index(fields=("created_at", "id")),)


class RoleGrant(Record):
    """One permission of a role, and how far it goes."""

    prefix = "grt"
    guard = Guard(read=Permission.ACCESS_READ, write=Permission.ACCESS_WRITE)

    role: fields.ForeignKeyRelation[Role] = fields.ForeignKeyField(
        Role, related_name="grants", on_delete=fields.CASCADE, description="The role."
    )
    role_id: UUID
    permission = fields.CharField(max_length=60, description="What is permitted: a context, and what is done there.")
    reach = fields.CharField(
        max_length=4, description="Over own records, those of the teams and below as well, or all."
    )

    class Meta:
        table = "access_role_grant"
        constraints = (
            UniqueConstraint(fields=("role_id", "permission"), name="access_role_grant_once"),
            CheckConstraint(check="reach IN ('own', 'team', 'all')", name="access_role_grant_reach"),
        )


class RoleAssignment(Record):
    """That somebody has a role."""

    prefix = "asg"
    guard = Guard(read=Permission.ACCESS_READ, write=Permission.ACCESS_WRITE)

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        User, related_name="assignments", on_delete=fields.CASCADE, description="Who has it."
    )
    user_id: UUID
    role: fields.ForeignKeyRelation[Role] = fields.ForeignKeyField(
        Role, related_name="assignments", on_delete=fields.CASCADE, description="The role."
    )
    role_id: UUID

    class Meta:
        table = "access_role_assignment"
        indexes = (Index(fields=("role_id", "id")),)
        constraints = (UniqueConstraint(fields=("user_id", "role_id"), name="access_role_assignment_once"),)


class Team(Record):
    """People who work together, under a manager, within another team perhaps."""

    prefix = "tea"
    guard = Guard(write=Permission.ACCESS_WRITE)

    name = fields.CharField(max_length=100, unique=True, description="What it is called; unique.")
    parent: fields.ForeignKeyNullableRelation["Team"] = fields.ForeignKeyField(
        "salesloop.Team", related_name="children", null=True, on_delete=fields.RESTRICT, description="The team above."
    )
    parent_id: UUID | None
    manager: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="managed_teams", null=True, on_delete=fields.SET_NULL, description="Who leads it."
    )
    manager_id: UUID | None

    class Meta:
        table = "access_team"
        indexes = (Index(fields=("parent_id", "id")), Index(fields=("manager_id", "id")))


class TeamMembership(Record):
    """That somebody belongs to a team, from a moment on, until another or for good."""

    prefix = "mem"
    guard = Guard(write=Permission.ACCESS_WRITE)

    team: fields.ForeignKeyRelation[Team] = fields.ForeignKeyField(
        Team, related_name="memberships", on_delete=fields.CASCADE, description="The team."
    )
    team_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        User, related_name="memberships", on_delete=fields.CASCADE, description="Who belongs to it."
    )
    user_id: UUID
    starts_at = fields.DatetimeField(description="From when on (UTC).")
    ends_at = fields.DatetimeField(null=True, description="Until when (UTC), itself not included; empty: for good.")

    class Meta:
        table = "access_team_membership"
        indexes = (
            Index(fields=("team_id", "starts_at", "id")),
            Index(fields=("user_id", "starts_at", "id")),
        )
        constraints = (CheckConstraint(check="ends_at > starts_at", name="access_team_membership_runs_forward"),)


class Share(Record):
    """That a record is open to somebody, or to a team, beside those whom their roles let see it."""

    prefix = "shr"
    guard = Guard(read=Permission.ACCESS_SHARE, write=Permission.ACCESS_SHARE, owner="shared_by_id")

    record_prefix = fields.CharField(max_length=3, description="What kind of record it is: how its public id begins.")
    record_id = fields.UUIDField(description="The key of the record.")
    user: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="shares", null=True, on_delete=fields.CASCADE, description="For whom; or a team."
    )
    user_id: UUID | None
    team: fields.ForeignKeyNullableRelation[Team] = fields.ForeignKeyField(
        Team, related_name="shares", null=True, on_delete=fields.CASCADE, description="For which team; or a user."
    )
    team_id: UUID | None
    may_change = fields.BooleanField(default=False, description="Whether it may be changed, too.")
    expires_at = fields.DatetimeField(null=True, description="Until when it holds (UTC); empty: until it is revoked.")
    shared_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="given_shares", null=True, on_delete=fields.SET_NULL, description="Who shared it."
    )
    shared_by_id: UUID | None

    class Meta:
        table = "access_share"
        indexes = (
            Index(fields=("record_id", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("shared_by_id", "created_at", "id")),
        )
        constraints = (
            UniqueConstraint(fields=("user_id", "record_id"), name="access_share_once_a_user"),
            UniqueConstraint(fields=("team_id", "record_id"), name="access_share_once_a_team"),
            CheckConstraint(check="num_nonnulls(user_id, team_id) = 1", name="access_share_is_with_somebody"),
        )


class Session(Record):
    """A device that somebody is signed in on, until they sign out, it is revoked, or it has not been used for long."""

    prefix = "ses"
    guard = Guard(read=Permission.ACCESS_READ, write=Permission.ACCESS_WRITE, owner="user_id", everyone=Reach.OWN)

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        User, related_name="sessions", on_delete=fields.CASCADE, description="Who is signed in."
    )
    user_id: UUID
    device = fields.CharField(max_length=200, description="What the device calls itself.")
    address = fields.CharField(max_length=64, null=True, description="The network address it signed in from.")
    last_used_at = fields.DatetimeField(description="When it signed in, or last renewed its tokens (UTC).")
    expires_at = fields.DatetimeField(description="When it ends unless it renews its tokens before (UTC).")
    ended_at = fields.DatetimeField(null=True, description="When it was ended (UTC); empty while it is good.")
    end_reason = fields.CharField(max_length=20, null=True, description="Why it was ended.")

    class Meta:
        table = "access_session"
        indexes = (
            Index(fields=("user_id", "created_at", "id")),
            Index(fields=("last_used_at", "id")),
            Index(fields=("expires_at", "id")),
        )
        constraints = (
            CheckConstraint(check="(ended_at IS NULL) = (end_reason IS NULL)", name="access_session_ends_for_a_reason"),
        )


class RefreshToken(Record):
    """What a session renews its tokens with, once: the digest of it, and what came in its place."""

    prefix = "rtk"
    guard = Guard()

    session: fields.ForeignKeyRelation[Session] = fields.ForeignKeyField(
        Session, related_name="refresh_tokens", on_delete=fields.CASCADE, description="The session."
    )
    session_id: UUID
    digest = fields.CharField(
        max_length=64, unique=True, description="SHA-256 of the token, as hex; the token itself is not kept."
    )
    used_at = fields.DatetimeField(null=True, description="When it was used (UTC); empty: not yet.")
    successor_id = fields.UUIDField(null=True, description="The token that came in its place.")
    is_void = fields.BooleanField(default=False, description="Whether another took its place before it was used.")

    class Meta:
        table = "access_refresh_token"
        indexes = (Index(fields=("session_id", "id")),)


class ApiKey(Record):
    """What a program signs in with, in the name of a user, for some of what that user may do, until it expires."""

    prefix = "key"
    guard = Guard(read=Permission.ACCESS_READ, write=Permission.ACCESS_WRITE, owner="user_id", everyone=Reach.OWN)

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        User, related_name="api_keys", on_delete=fields.CASCADE, description="In whose name it acts."
    )
    user_id: UUID
    name = fields.CharField(max_length=100, description="What it is for.")
    start = fields.CharField(max_length=16, description="How the key begins, to tell keys apart.")
    digest = fields.CharField(max_length=64, description="SHA-256 of the key, as hex; the key itself is not kept.")
    permissions: Any = fields.JSONField(description="What it may be used for, as far as its user may do so.")
    expires_at = fields.DatetimeField(description="Until when it is good (UTC).")
    last_used_at = fields.DatetimeField(null=True, description="When it was last used (UTC), to the minute.")
    revoked_at = fields.DatetimeField(null=True, description="When it was revoked (UTC); empty while it is good.")

    class Meta:
        table = "access_api_key"
        indexes = (
            Index(fields=("user_id", "created_at", "id")),
            Index(fields=("created_at", "id")),
        )


class SecondFactor(Record):
    """The authenticator that a user gives a code of when signing in, beside the password."""

    prefix = "sfa"
    guard = Guard()

    user: fields.OneToOneRelation[User] = fields.OneToOneField(
        User, related_name="second_factor", on_delete=fields.CASCADE, description="Whose it is."
    )
    user_id: UUID
    secret = fields.TextField(description="The shared secret, encrypted with a key of the house.")
    confirmed_at = fields.DatetimeField(null=True, description="When a first code proved it (UTC); empty: not in use.")
    last_step = fields.BigIntField(default=0, description="The time step of the last code, which is good once.")
    recovery_digests: Any = fields.JSONField(description="SHA-256 of each recovery code that is left, as hex.")

    class Meta:
        table = "access_second_factor"


class Identity(Record):
    """Whom the provider that people sign in by has vouched for once: from then on its name for them is what counts."""

    prefix = "idn"
    guard = Guard()

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        User, related_name="identities", on_delete=fields.CASCADE, description="Who signs in by it."
    )
    user_id: UUID
    issuer = fields.CharField(max_length=255, description="The provider, as it calls itself.")
    subject = fields.CharField(max_length=255, description="What the provider calls them; it never changes.")

    class Meta:
        table = "access_identity"
        constraints = (
            UniqueConstraint(fields=("issuer", "subject"), name="access_identity_of_one_user"),
            UniqueConstraint(fields=("user_id", "issuer"), name="access_identity_once_a_provider"),
        )


class SpentState(Record):
    """That somebody has come back from the provider with a state, which is good once; kept until it would expire."""

    prefix = "spt"
    guard = Guard()

    expires_at = fields.DatetimeField(description="Until when the state would have been good (UTC).")

    class Meta:
        table = "access_spent_state"
        indexes = (Index(fields=("expires_at",)),)


class AccessLink(Record):
    """A link that was mailed to somebody, good once: to choose their first password, or a new one."""

    prefix = "lnk"
    guard = Guard()

    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        User, related_name="links", on_delete=fields.CASCADE, description="Whom it was sent to."
    )
    user_id: UUID
    purpose = fields.CharField(max_length=12, description="Invitation or reset.")
    expires_at = fields.DatetimeField(description="Until when it is good (UTC).")
    used_at = fields.DatetimeField(null=True, description="When it was used, or another took its place (UTC).")

    class Meta:
        table = "access_link"
        indexes = (Index(fields=("user_id", "id")),)
