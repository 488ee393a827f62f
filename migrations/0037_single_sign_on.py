"""Whom a provider vouched for once, and the states that came back from it: single sign-on."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0036_webhook_laws")]

    initial = False

    operations = [
        ops.CreateModel(
            name="Identity",
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
                        description="Who signs in by it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="identities",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("issuer", fields.CharField(description="The provider, as it calls itself.", max_length=255)),
                (
                    "subject",
                    fields.CharField(description="What the provider calls them; it never changes.", max_length=255),
                ),
            ],
            options={
                "table": "access_identity",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "Whom the provider that people sign in by has vouched for once: from then on its name for them is what counts.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="SpentState",
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
                    "expires_at",
                    fields.DatetimeField(
                        description="Until when the state would have been good (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "access_spent_state",
                "app": "salesloop",
                "indexes": [Index(fields=["expires_at"])],
                "pk_attr": "id",
                "table_description": "That somebody has come back from the provider with a state, which is good once; kept until it would expire.",
            },
            bases=["Record"],
        ),
        ops.AddConstraint(
            model_name="Identity",
            constraint=UniqueConstraint(fields=("issuer", "subject"), name="access_identity_of_one_user"),
        ),
        ops.AddConstraint(
            model_name="Identity",
            constraint=UniqueConstraint(fields=("user_id", "issuer"), name="access_identity_once_a_provider"),
        ),
    ]
