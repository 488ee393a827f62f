from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0026_job_before")]

    initial = False

    operations = [
        ops.CreateModel(
            name="AccessLink",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "user",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="user_id",
                        description="Whom it was sent to.",
                        db_constraint=True,
                        to_field="id",
                        related_name="links",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("purpose", fields.CharField(description="Invitation or reset.", max_length=12)),
                (
                    "expires_at",
                    fields.DatetimeField(
                        description="Until when it is good (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "used_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was used, or another took its place (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "access_link",
                "app": "salesloop",
                "indexes": [Index(fields=["user_id", "id"])],
                "pk_attr": "id",
                "table_description": "A link that was mailed to somebody, good once: to choose their first password, or a new one.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ApiKey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "user",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="user_id",
                        description="In whose name it acts.",
                        db_constraint=True,
                        to_field="id",
                        related_name="api_keys",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("name", fields.CharField(description="What it is for.", max_length=100)),
                ("start", fields.CharField(description="How the key begins, to tell keys apart.", max_length=16)),
                (
                    "digest",
                    fields.CharField(
                        description="SHA-256 of the key, as hex; the key itself is not kept.", max_length=64
                    ),
                ),
                ("permissions", fields.JSONField(description="What it may be used for, as far as its user may do so.")),
                (
                    "expires_at",
                    fields.DatetimeField(
                        description="Until when it is good (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "last_used_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was last used (UTC), to the minute.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "revoked_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was revoked (UTC); empty while it is good.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "access_api_key",
                "app": "salesloop",
                "indexes": [Index(fields=["user_id", "created_at", "id"]), Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "What a program signs in with, in the name of a user, for some of what that user may do, until it expires.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="EventSeal",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=True,
                        primary_key=True,
                        unique=True,
                        db_index=True,
                        description="Its place in the chain: 1, 2, … without a gap.",
                    ),
                ),
                (
                    "transaction_id",
                    fields.BigIntField(description="The transaction that wrote the event: by both, readers go."),
                ),
                ("event_id", fields.BigIntField(unique=True, description="The event that it seals.")),
                (
                    "key_name",
                    fields.CharField(description="The key that both digests are made with, by name.", max_length=16),
                ),
                (
                    "digest",
                    fields.CharField(description="HMAC-SHA-256 of all that the event says, as hex.", max_length=64),
                ),
                (
                    "chain",
                    fields.CharField(
                        description="HMAC-SHA-256 of the seal before and this one's digest.", max_length=64
                    ),
                ),
            ],
            options={
                "table": "event_seal",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "The seal of one event: its place in the chain, and two digests. Never updated, never deleted.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Role",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="What it is called; unique.", max_length=100)),
                ("description", fields.CharField(description="Whose task it is.", max_length=300)),
                (
                    "is_built_in",
                    fields.BooleanField(
                        default=False, description="Whether it came with the house, and stays as it is."
                    ),
                ),
            ],
            options={
                "table": "access_role",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "What somebody may do who has a certain task: a set of permissions, each with its reach.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="RoleAssignment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "user",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="user_id",
                        description="Who has it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="assignments",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "role",
                    fields.ForeignKeyField(
                        "salesloop.Role",
                        source_field="role_id",
                        description="The role.",
                        db_constraint=True,
                        to_field="id",
                        related_name="assignments",
                        on_delete=fields.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "access_role_assignment",
                "app": "salesloop",
                "indexes": [Index(fields=["role_id", "id"])],
                "pk_attr": "id",
                "table_description": "That somebody has a role.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="RoleGrant",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "role",
                    fields.ForeignKeyField(
                        "salesloop.Role",
                        source_field="role_id",
                        description="The role.",
                        db_constraint=True,
                        to_field="id",
                        related_name="grants",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "permission",
                    fields.CharField(
                        description="What is permitted: a context, and what is done there.", max_length=60
                    ),
                ),
                (
                    "reach",
                    fields.CharField(
                        description="Over own records, those of the teams and below as well, or all.", max_length=4
                    ),
                ),
            ],
            options={
                "table": "access_role_grant",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "One permission of a role, and how far it goes.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="SecondFactor",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "user",
                    fields.OneToOneField(
                        "salesloop.User",
                        source_field="user_id",
                        description="Whose it is.",
                        db_constraint=True,
                        to_field="id",
                        related_name="second_factor",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "secret",
                    fields.TextField(description="The shared secret, encrypted with a key of the house.", unique=False),
                ),
                (
                    "confirmed_at",
                    fields.DatetimeField(
                        null=True,
                        description="When a first code proved it (UTC); empty: not in use.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "last_step",
                    fields.BigIntField(default=0, description="The time step of the last code, which is good once."),
                ),
                (
                    "recovery_digests",
                    fields.JSONField(description="SHA-256 of each recovery code that is left, as hex."),
                ),
            ],
            options={
                "table": "access_second_factor",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "The authenticator that a user gives a code of when signing in, beside the password.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Session",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "user",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="user_id",
                        description="Who is signed in.",
                        db_constraint=True,
                        to_field="id",
                        related_name="sessions",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("device", fields.CharField(description="What the device calls itself.", max_length=200)),
                (
                    "address",
                    fields.CharField(null=True, description="The network address it signed in from.", max_length=64),
                ),
                (
                    "last_used_at",
                    fields.DatetimeField(
                        description="When it signed in, or last renewed its tokens (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "expires_at",
                    fields.DatetimeField(
                        description="When it ends unless it renews its tokens before (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "ended_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was ended (UTC); empty while it is good.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("end_reason", fields.CharField(null=True, description="Why it was ended.", max_length=20)),
            ],
            options={
                "table": "access_session",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["user_id", "created_at", "id"]),
                    Index(fields=["last_used_at", "id"]),
                    Index(fields=["expires_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A device that somebody is signed in on, until they sign out, it is revoked, or it has not been used for long.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="RefreshToken",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "session",
                    fields.ForeignKeyField(
                        "salesloop.Session",
                        source_field="session_id",
                        description="The session.",
                        db_constraint=True,
                        to_field="id",
                        related_name="refresh_tokens",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "digest",
                    fields.CharField(
                        unique=True,
                        description="SHA-256 of the token, as hex; the token itself is not kept.",
                        max_length=64,
                    ),
                ),
                (
                    "used_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was used (UTC); empty: not yet.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("successor_id", fields.UUIDField(null=True, description="The token that came in its place.")),
                (
                    "is_void",
                    fields.BooleanField(
                        default=False, description="Whether another took its place before it was used."
                    ),
                ),
            ],
            options={
                "table": "access_refresh_token",
                "app": "salesloop",
                "indexes": [Index(fields=["session_id", "id"])],
                "pk_attr": "id",
                "table_description": "What a session renews its tokens with, once: the digest of it, and what came in its place.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Team",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="What it is called; unique.", max_length=100)),
                (
                    "parent",
                    fields.ForeignKeyField(
                        "salesloop.Team",
                        source_field="parent_id",
                        null=True,
                        description="The team above.",
                        db_constraint=True,
                        to_field="id",
                        related_name="children",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "manager",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="manager_id",
                        null=True,
                        description="Who leads it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="managed_teams",
                        on_delete=fields.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "access_team",
                "app": "salesloop",
                "indexes": [Index(fields=["parent_id", "id"]), Index(fields=["manager_id", "id"])],
                "pk_attr": "id",
                "table_description": "People who work together, under a manager, within another team perhaps.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Share",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "record_prefix",
                    fields.CharField(description="What kind of record it is: how its public id begins.", max_length=3),
                ),
                ("record_id", fields.UUIDField(description="The key of the record.")),
                (
                    "user",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="user_id",
                        null=True,
                        description="For whom; or a team.",
                        db_constraint=True,
                        to_field="id",
                        related_name="shares",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "team",
                    fields.ForeignKeyField(
                        "salesloop.Team",
                        source_field="team_id",
                        null=True,
                        description="For which team; or a user.",
                        db_constraint=True,
                        to_field="id",
                        related_name="shares",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("may_change", fields.BooleanField(default=False, description="Whether it may be changed, too.")),
                (
                    "expires_at",
                    fields.DatetimeField(
                        null=True,
                        description="Until when it holds (UTC); empty: until it is revoked.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "shared_by",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="shared_by_id",
                        null=True,
                        description="Who shared it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="given_shares",
                        on_delete=fields.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "access_share",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["record_id", "id"]),
                    Index(fields=["created_at", "id"]),
                    Index(fields=["shared_by_id", "created_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "That a record is open to somebody, or to a team, beside those whom their roles let see it.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="TeamMembership",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "team",
                    fields.ForeignKeyField(
                        "salesloop.Team",
                        source_field="team_id",
                        description="The team.",
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "user",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="user_id",
                        description="Who belongs to it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "starts_at",
                    fields.DatetimeField(description="From when on (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "ends_at",
                    fields.DatetimeField(
                        null=True,
                        description="Until when (UTC), itself not included; empty: for good.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "access_team_membership",
                "app": "salesloop",
                "indexes": [Index(fields=["team_id", "starts_at", "id"]), Index(fields=["user_id", "starts_at", "id"])],
                "pk_attr": "id",
                "table_description": "That somebody belongs to a team, from a moment on, until another or for good.",
            },
            bases=["Record"],
        ),
        ops.AddField(
            model_name="Customer",
            name="owner",
            field=fields.ForeignKeyField(
                "salesloop.User",
                source_field="owner_id",
                null=True,
                description="Who looks after them.",
                db_constraint=True,
                to_field="id",
                related_name="customers",
                on_delete=fields.SET_NULL,
            ),
        ),
        ops.AddIndex(
            model_name="Customer",
            index=Index(fields=["owner_id", "name", "id"]),
        ),
        ops.AlterField(
            model_name="Event",
            name="data",
            field=fields.JSONField(description="The values that changed, as they are now."),
        ),
        ops.AddField(
            model_name="Event",
            name="before",
            field=fields.JSONField(null=True, description="The same values as they were before; empty for a birth."),
        ),
        ops.AddField(
            model_name="Event",
            name="origin",
            field=fields.JSONField(null=True, description="Session or API key, client address, request; empty: here."),
        ),
        ops.AddField(
            model_name="Order",
            name="owner",
            field=fields.ForeignKeyField(
                "salesloop.User",
                source_field="owner_id",
                null=True,
                description="Who sold it.",
                db_constraint=True,
                to_field="id",
                related_name="orders",
                on_delete=fields.SET_NULL,
            ),
        ),
        ops.AddIndex(
            model_name="Order",
            index=Index(fields=["owner_id", "ordered_at", "id"]),
        ),
        ops.AddField(
            model_name="Quote",
            name="owner",
            field=fields.ForeignKeyField(
                "salesloop.User",
                source_field="owner_id",
                null=True,
                description="Whose quote it is.",
                db_constraint=True,
                to_field="id",
                related_name="quotes",
                on_delete=fields.SET_NULL,
            ),
        ),
        ops.AddIndex(
            model_name="Quote",
            index=Index(fields=["owner_id", "created_at", "id"]),
        ),
        ops.AlterModelOptions(
            name="User",
            options={
                "table": "access_user",
                "app": "salesloop",
                "indexes": [Index(fields=["name", "id"])],
                "pk_attr": "id",
                "table_description": "A person or a machine that signs in: colleagues who sell, deliver and listen, and those who run the house.",
            },
        ),
        ops.AlterField(
            model_name="User",
            name="password_hash",
            field=fields.CharField(
                null=True, description="Argon2id, in the PHC string format; empty until one is chosen.", max_length=200
            ),
        ),
    ]
