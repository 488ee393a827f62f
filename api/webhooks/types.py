"""Endpoints, deliveries and attempts as the graph shows them. Secrets are not among it."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.access.types import User
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, expression, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.jobs.types import Job
from domain.webhooks import models
from domain.webhooks.rules import DeliveryState, DisabledReason, Failure

word_enum(
    DeliveryState,
    "WebhookDeliveryState",
    "Where a delivery stands.",
    PENDING="It is to be sent, for the first time or again: `nextAttemptAt` says when.",
    DELIVERED="The endpoint took it: it answered with a status of 2xx.",
    FAILED="All tries are used up, or another would be of no use; it can be replayed.",
    CANCELLED="The endpoint was not active when it was to be sent; it can be replayed.",
)
word_enum(
    DisabledReason,
    "WebhookDisabledReason",
    "Why an endpoint is not active.",
    BY_HAND="Somebody made it inactive.",
    FAILING="Every attempt failed for five days.",
    GONE="It answered 410, by which it says that it is no more.",
)
word_enum(
    Failure,
    "WebhookFailure",
    "Why an attempt at a delivery failed, or why none was made.",
    ABANDONED="The job that was to send it was called off, or lost too often.",
    ADDRESS_REFUSED="The host had a private, local or reserved address when it was to be connected to: nothing was.",
    BROKEN_ANSWER="The connection broke, or what was answered is no HTTP.",
    ENDPOINT_GONE="The endpoint answered 410; it was disabled.",
    ENDPOINT_INACTIVE="The endpoint was not active.",
    NOT_CONNECTED="Nobody answered at the address and port.",
    NOT_RESOLVED="The name of the host has no address.",
    NOT_TRUSTED="TLS was not agreed upon, mostly since the certificate is not good for the host.",
    REDIRECTED="The endpoint answered 3xx; redirects are not followed.",
    SECRET_UNREADABLE="No secret of the endpoint can be read with the house's keys; rotate it.",
    STATUS="The endpoint answered with a status of 4xx or 5xx, or another that is not 2xx.",
    TIMED_OUT="Connecting took longer than 5 seconds, or all of it longer than 15.",
)


@entity(models.WebhookEndpoint, order=("-createdAt",))
class WebhookEndpoint(Node):
    """Where events are sent: a URL, and the types of events that it is subscribed to."""

    id: strawberry.ID = identity()
    name: str = column(filter=True)
    url: str = column()
    event_types: list[str] = column()
    is_active: bool = column(filter=True)
    disabled_reason: DisabledReason | None = column(filter=True)
    failing_since: datetime | None = column(filter=True)
    secret_count: int = expression(
        "(SELECT count(*) FROM webhook_secret s WHERE s.endpoint_id = {t}.id "
        "AND (s.expires_at IS NULL OR s.expires_at > now()))",
        "IntField",
        description="How many secrets its messages are signed with: more than one while former ones last.",
    )
    created_by: User | None = to_one("created_by_id", nullable=True, description="Who set it up; null for the system.")
    created_at: datetime = column(order=True)
    updated_at: datetime = column()
    version: int = column(description="1 at birth, one more at each change; for `expectedVersion`.")
    deliveries: Connection[Annotated["WebhookDelivery", strawberry.lazy("api.webhooks.types")]] = to_many(
        "endpoint_id", order=("-createdAt",), description="What was to be sent to it, the newest first."
    )


@entity(models.WebhookDelivery, order=("-createdAt",))
class WebhookDelivery(Node):
    """That an endpoint is to get an event, how far that is, and what came of it. Its id is the header `webhook-id`."""

    id: strawberry.ID = identity()
    endpoint: WebhookEndpoint = to_one("endpoint_id", filter=True, description="Where it is sent.")
    event_id: strawberry.ID = expression(
        "('evt_' || lpad(to_hex({t}.transaction_id), 16, '0') || lpad(to_hex({t}.event_id), 16, '0'))",
        "CharField",
        description="The event's place in the log, as `auditEvents` and `events` name it.",
    )
    topic: str = column(filter=True)
    state: DeliveryState = column(filter=True)
    attempt_count: int = column(filter=True)
    next_attempt_at: datetime | None = column(filter=True)
    last_status: int | None = column(filter=True)
    failure: Failure | None = column(filter=True)
    duration_ms: int | None = column()
    delivered_at: datetime | None = column(filter=True)
    job: Job | None = to_one(
        "job_id", nullable=True, description="The job that sends it, or sent it last; null where it is forgotten."
    )
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    attempts: Connection[Annotated["WebhookAttempt", strawberry.lazy("api.webhooks.types")]] = to_many(
        "delivery_id", order=("number",), description="Every attempt at it, the first ones first."
    )


@entity(models.WebhookAttempt, order=("number",))
class WebhookAttempt(Node):
    """One attempt at a delivery. What the endpoint answered beside its status is not kept."""

    id: strawberry.ID = identity()
    number: int = column(order=True)
    status: int | None = column()
    failure: Failure | None = column(filter=True)
    duration_ms: int = column()
    created_at: datetime = column(description="When it had ended (UTC).")
    delivery: WebhookDelivery = to_one("delivery_id", description="The delivery.")


WebhookEndpointWhere = where_input("WebhookEndpointWhere", WebhookEndpoint)
WebhookEndpointOrderBy = order_input("WebhookEndpointOrderBy", WebhookEndpoint)
WebhookDeliveryWhere = where_input("WebhookDeliveryWhere", WebhookDelivery)
WebhookDeliveryOrderBy = order_input("WebhookDeliveryOrderBy", WebhookDelivery)
WebhookAttemptWhere = where_input("WebhookAttemptWhere", WebhookAttempt)
WebhookAttemptOrderBy = order_input("WebhookAttemptOrderBy", WebhookAttempt)
