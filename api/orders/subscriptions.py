"""What can be heard of orders."""

import strawberry

from api.events.types import Event, EventTopic
from api.graph.events import happenings, subject
from api.orders.types import Order


@strawberry.type(description="Something that happened to an order.")
class OrderEvent(Event):
    order: Order | None = subject("The order as it now stands; null where it is no longer to be seen.")


@strawberry.type
class OrderSubscriptions:
    order_changed: OrderEvent = happenings(
        EventTopic.ORDER_CANCELLED,
        EventTopic.ORDER_CLOSED,
        EventTopic.ORDER_CONFIRMED,
        EventTopic.ORDER_CREATED,
        EventTopic.ORDER_DELIVERED,
        EventTopic.ORDER_IMPORTED,
        EventTopic.ORDER_RETURNED,
        EventTopic.ORDER_SHIPPED,
        description="Orders taken in, confirmed, shipped, delivered, come back, called off: one, or all to be seen.",
    )
