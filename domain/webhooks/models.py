"""Tables of webhooks: where events are sent, with which secrets, and what came of every attempt."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint
from tortoise.models import Model

from domain.access.models import User
from domain.jobs.models import Job
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class WebhookEndpoint(Record):
    """Where events are sent: a URL, and the types of events that it is subscribed to."""

    prefix = "whe"
    guard = Guard(read=Permission.WEBHOOKS_READ, write=Permission.WEBHOOKS_WRITE)

    name = fields.CharField(max_length=100, description="What it is for.")
    url = fields.CharField(max_length=2000, description="Where messages are posted to; it may hold a secret.")
    event_types: Any = fields.JSONField(
        description="What it is subscribed to: topics, or all of a context (`customers.*`) or of a record in it."
    )
    is_active = fields.BooleanField(default=True, description="Whether events are sent to it.")
    disabled_reason = fields.CharField(max_length=10, null=True, description="Why it is not active; empty while it is.")
    failing_since = fields.DatetimeField(
        null=True, description="Since when every attempt has failed (UTC); empty where the last one succeeded."
    )
    starts_transaction = fields.BigIntField(description="Events of transactions before this one are not for it.")
    created_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User,
        related_name="webhook_endpoints",
        null=True,
        on_delete=fields.SET_NULL,
        description="Who set it up.",
    )
    created_by_id: UUID | None

    class Meta:
        table = "webhook_endpoint"
        indexes = (Index(fields=("created_at", "id")),)
        constraints = (
            CheckConstraint(
                check="is_active = (disabled_reason IS NULL)", name="webhook_endpoint_is_disabled_for_a_reason"
            ),
        )


class WebhookSecret(Record):
    """What messages to an endpoint are signed with: its present secret, and former ones for a while."""

    prefix = "whs"
    guard = Guard()

    endpoint: fields.ForeignKeyRelation[WebhookEndpoint] = fields.ForeignKeyField(
        WebhookEndpoint, related_name="secrets", on_delete=fields.CASCADE, description="The endpoint."
    )
    endpoint_id: UUID
    secret = fields.TextField(description="The secret, encrypted with a key of the house.")
    expires_at = fields.DatetimeField(null=True, description="Until when it signs (UTC); empty: the present one.")

    class Meta:
        table = "webhook_secret"
        indexes = (Index(fields=("endpoint_id", "created_at", "id")),)


class WebhookDelivery(Record):
    """That an endpoint is to get an event, how far that is, and what came of it. Its id is that of the message."""

    prefix = "whd"
    guard = Guard(read=Permission.WEBHOOKS_READ, write=Permission.WEBHOOKS_WRITE)

    endpoint: fields.ForeignKeyRelation[WebhookEndpoint] = fields.ForeignKeyField(
        WebhookEndpoint, related_name="deliveries", on_delete=fields.CASCADE, description="The endpoint."
    )
    endpoint_id: UUID
    transaction_id = fields.BigIntField(description="The transaction that wrote the event.")
    event_id = fields.BigIntField(description="The event, of which the message is written when it is sent.")
    topic = fields.CharField(max_length=80, description="The type of the event.")
    state = fields.CharField(max_length=10, default="pending", description="Where it stands.")
    attempt_count = fields.IntField(default=0, description="How often it was tried, replays among it.")
    next_attempt_at = fields.DatetimeField(null=True, description="When it is tried next (UTC); empty: no more.")
    last_status = fields.SmallIntField(null=True, description="The HTTP status of the last answer, if there was one.")
    failure = fields.CharField(max_length=20, null=True, description="Why the last attempt failed, if it did.")
    duration_ms = fields.IntField(null=True, description="How long the last attempt took, in milliseconds.")
    delivered_at = fields.DatetimeField(null=True, description="When the endpoint took it (UTC).")
    job: fields.ForeignKeyNullableRelation[Job] = fields.ForeignKeyField(
        Job,
        related_name="webhook_deliveries",
        null=True,
        on_delete=fields.SET_NULL,
        description="The job that sends it, or that sent it last.",
    )
    job_id: UUID | None

    class Meta:
        table = "webhook_delivery"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("endpoint_id", "created_at", "id")),
            Index(fields=("state", "created_at", "id")),
            Index(fields=("job_id",)),
        )
        constraints = (
            UniqueConstraint(fields=("endpoint_id", "event_id"), name="webhook_delivery_once"),
            CheckConstraint(
                check="state IN ('pending', 'delivered', 'failed', 'cancelled')", name="webhook_delivery_state"
            ),
        )


class WebhookAttempt(Record):
    """One attempt at a delivery. What the endpoint answered beside its status is not kept."""

    prefix = "wha"
    guard = Guard(read=Permission.WEBHOOKS_READ)

    delivery: fields.ForeignKeyRelation[WebhookDelivery] = fields.ForeignKeyField(
        WebhookDelivery, related_name="attempts", on_delete=fields.CASCADE, description="The delivery."
    )
    delivery_id: UUID
    number = fields.IntField(description="1 for the first, 2 for the next, …")
    status = fields.SmallIntField(null=True, description="The HTTP status of the answer; empty without one.")
    failure = fields.CharField(max_length=20, null=True, description="Why it failed; empty where it succeeded.")
    duration_ms = fields.IntField(description="How long it took, in milliseconds.")

    class Meta:
        table = "webhook_attempt"
        indexes = (Index(fields=("delivery_id", "number", "id")),)
        constraints = (UniqueConstraint(fields=("delivery_id", "number"), name="webhook_attempt_once"),)


class WebhookCursor(Model):
    """How far the event log has been read for webhooks: one row, from the first endpoint on."""

    id = fields.SmallIntField(primary_key=True, description="Always 1.")
    transaction_id = fields.BigIntField(description="The transaction of the last event that was looked at.")
    event_id = fields.BigIntField(description="That event.")

    class Meta:
        table = "webhook_cursor"
