from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0034_erasure_postgres")]

    initial = False

    operations = [
        ops.CreateModel(
            name="WebhookCursor",
            fields=[
                (
                    "id",
                    fields.SmallIntField(
                        generated=True, primary_key=True, unique=True, db_index=True, description="Always 1."
                    ),
                ),
                (
                    "transaction_id",
                    fields.BigIntField(description="The transaction of the last event that was looked at."),
                ),
                ("event_id", fields.BigIntField(description="That event.")),
            ],
            options={
                "table": "webhook_cursor",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "How far the event log has been read for webhooks: one row, from the first endpoint on.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WebhookEndpoint",
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
                ("name", fields.CharField(description="What it is for.", max_length=100)),
                (
                    "url",
                    fields.CharField(
                        description="Where messages are posted to; it may hold a secret.", max_length=2000
                    ),
                ),
                (
                    "event_types",
                    fields.JSONField(
                        description="What it is subscribed to: topics, or all of a context (`customers.*`) or of a record in it."
                    ),
                ),
                ("is_active", fields.BooleanField(default=True, description="Whether events are sent to it.")),
                (
                    "disabled_reason",
                    fields.CharField(null=True, description="Why it is not active; empty while it is.", max_length=10),
                ),
                (
                    "failing_since",
                    fields.DatetimeField(
                        null=True,
                        description="Since when every attempt has failed (UTC); empty where the last one succeeded.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "starts_transaction",
                    fields.BigIntField(description="Events of transactions before this one are not for it."),
                ),
                (
                    "created_by",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="created_by_id",
                        null=True,
                        description="Who set it up.",
                        db_constraint=True,
                        to_field="id",
                        related_name="webhook_endpoints",
                        on_delete=fields.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "webhook_endpoint",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "Where events are sent: a URL, and the types of events that it is subscribed to.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="WebhookDelivery",
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
                    "endpoint",
                    fields.ForeignKeyField(
                        "salesloop.WebhookEndpoint",
                        source_field="endpoint_id",
                        description="The endpoint.",
                        db_constraint=True,
                        to_field="id",
                        related_name="deliveries",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("transaction_id", fields.BigIntField(description="The transaction that wrote the event.")),
                (
                    "event_id",
                    fields.BigIntField(description="The event, of which the message is written when it is sent."),
                ),
                ("topic", fields.CharField(description="The type of the event.", max_length=80)),
                ("state", fields.CharField(default="pending", description="Where it stands.", max_length=10)),
                ("attempt_count", fields.IntField(default=0, description="How often it was tried, replays among it.")),
                (
                    "next_attempt_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it is tried next (UTC); empty: no more.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "last_status",
                    fields.SmallIntField(
                        null=True, description="The HTTP status of the last answer, if there was one."
                    ),
                ),
                (
                    "failure",
                    fields.CharField(null=True, description="Why the last attempt failed, if it did.", max_length=20),
                ),
                (
                    "duration_ms",
                    fields.IntField(null=True, description="How long the last attempt took, in milliseconds."),
                ),
                (
                    "delivered_at",
                    fields.DatetimeField(
                        null=True, description="When the endpoint took it (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "job",
                    fields.ForeignKeyField(
                        "salesloop.Job",
                        source_field="job_id",
                        null=True,
                        description="The job that sends it, or that sent it last.",
                        db_constraint=True,
                        to_field="id",
                        related_name="webhook_deliveries",
                        on_delete=fields.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "webhook_delivery",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["created_at", "id"]),
                    Index(fields=["endpoint_id", "created_at", "id"]),
                    Index(fields=["state", "created_at", "id"]),
                    Index(fields=["job_id"]),
                ],
                "pk_attr": "id",
                "table_description": "That an endpoint is to get an event, how far that is, and what came of it. Its id is that of the message.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="WebhookAttempt",
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
                    "delivery",
                    fields.ForeignKeyField(
                        "salesloop.WebhookDelivery",
                        source_field="delivery_id",
                        description="The delivery.",
                        db_constraint=True,
                        to_field="id",
                        related_name="attempts",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("number", fields.IntField(description="1 for the first, 2 for the next, …")),
                (
                    "status",
                    fields.SmallIntField(null=True, description="The HTTP status of the answer; empty without one."),
                ),
                (
                    "failure",
                    fields.CharField(null=True, description="Why it failed; empty where it succeeded.", max_length=20),
                ),
                ("duration_ms", fields.IntField(description="How long it took, in milliseconds.")),
            ],
            options={
                "table": "webhook_attempt",
                "app": "salesloop",
                "indexes": [Index(fields=["delivery_id", "number", "id"])],
                "pk_attr": "id",
                "table_description": "One attempt at a delivery. What the endpoint answered beside its status is not kept.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="WebhookSecret",
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
                    "endpoint",
                    fields.ForeignKeyField(
                        "salesloop.WebhookEndpoint",
                        source_field="endpoint_id",
                        description="The endpoint.",
                        db_constraint=True,
                        to_field="id",
                        related_name="secrets",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "secret",
                    fields.TextField(description="The secret, encrypted with a key of the house.", unique=False),
                ),
                (
                    "expires_at",
                    fields.DatetimeField(
                        null=True,
                        description="Until when it signs (UTC); empty: the present one.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "webhook_secret",
                "app": "salesloop",
                "indexes": [Index(fields=["endpoint_id", "created_at", "id"])],
                "pk_attr": "id",
                "table_description": "What messages to an endpoint are signed with: its present secret, and former ones for a while.",
            },
            bases=["Record"],
        ),
    ]
