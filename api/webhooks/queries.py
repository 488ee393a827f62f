"""Root fields over webhooks."""

import strawberry
from strawberry.types import Info

from api.graph.connections import Connection, many, one
from api.graph.course import ROWS
from api.webhooks.types import WebhookDelivery, WebhookEndpoint
from domain.kernel.permissions import Permission
from domain.webhooks.topics import EVENT_TYPES


@strawberry.type(description="A type of events that endpoints can be subscribed to.")
class WebhookTopic:
    name: str = strawberry.field(description="Context, record and what happened to it, such as `orders.order.shipped`.")
    subject_prefix: str | None = strawberry.field(
        description="What `subjectId` of its messages begins with, up to the underscore; null where it is a plain UUID."
    )


@strawberry.type
class WebhookQueries:
    webhook_endpoints: Connection[WebhookEndpoint] = many(description="Where events are sent, the newest first.")
    webhook_endpoint: WebhookEndpoint | None = one(description="One endpoint by id.")
    webhook_deliveries: Connection[WebhookDelivery] = many(
        description="What was to be sent, and what came of it, the newest first. Kept for 30 days, unless "
        "the operator says otherwise."
    )
    webhook_delivery: WebhookDelivery | None = one(description="One delivery by id: the `webhook-id` of its message.")

    @strawberry.field(
        description="The types of events that `eventTypes` of an endpoint may name, by context, record and verb.",
        metadata={ROWS: len(EVENT_TYPES)},
    )
    async def webhook_event_types(self, info: Info) -> list[WebhookTopic]:
        info.context.actor.must(Permission.WEBHOOKS_READ)
        return [WebhookTopic(name=name, subject_prefix=prefix or None) for name, prefix in EVENT_TYPES.items()]
