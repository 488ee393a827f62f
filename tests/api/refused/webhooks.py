"""What mutations of webhooks refuse."""

from typing import Any

from domain.kernel.ids import public_id
from domain.webhooks.models import WebhookDelivery, WebhookEndpoint
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.graph import NOW

GOOD: dict[str, dict[str, Any]] = {
    "webhookEndpointCreate": {
        "input": {"name": "Billing", "url": "https://hooks.example.org/a?b=c", "eventTypes": ["orders.*"]}
    },
    "webhookEndpointUpdate": {"id": "ENDPOINT", "input": {"name": "Books"}, "expectedVersion": 1},
    "webhookEndpointDelete": {"id": "SPARE"},
    "webhookSecretRotate": {"id": "ENDPOINT", "input": {"overlapHours": 0}},
    "webhookEndpointTest": {"id": "ENDPOINT"},
    "webhookEndpointReplay": {"id": "ENDPOINT", "input": {"since": NOW.isoformat()}},
    "webhookDeliveryReplay": {"id": "DELIVERY"},
}
BAD: dict[str, dict[str, Any]] = {
    "webhookEndpointCreate": {
        "input.name": " ",
        "input.url": "https://169.254.169.254/latest/meta-data",
        "input.eventTypes": ["*"],
    },
    "webhookEndpointUpdate": {
        "input.name": "x" * 101,
        "input.url": "http://hooks.example.org",
        "input.eventTypes": [],
        "input.isActive": None,
        **RECORD,
    },
    "webhookEndpointDelete": {"id": "rubbish"},
    "webhookSecretRotate": {"id": "rubbish", "input.overlapHours": 169},
    "webhookEndpointTest": {"id": "rubbish", **ONCE},
    "webhookEndpointReplay": {"id": "rubbish", "input.until": NOW.isoformat(), **ONCE},
    "webhookDeliveryReplay": {"id": "rubbish", **ONCE},
}
NEVER = {"webhookEndpointReplay.input.since"}


async def stored() -> dict[str, str]:
    """Two endpoints, and a delivery that has failed."""
    values: dict[str, Any] = {"url": "https://a.example", "event_types": ["orders.*"], "starts_transaction": 0}
    endpoint = await WebhookEndpoint.create(name="A", **values, **STAMPS)
    spare = await WebhookEndpoint.create(name="B", **values, **STAMPS)
    delivery = await WebhookDelivery.create(
        endpoint=endpoint, transaction_id=1, event_id=1, topic="orders.order.shipped", state="failed", **STAMPS
    )
    return {
        "ENDPOINT": public_id("whe", endpoint.id),
        "SPARE": public_id("whe", spare.id),
        "DELIVERY": public_id("whd", delivery.id),
    }
