"""What tests of webhooks stand on: an endpoint that leads to a receiver, workers that send, and events to tell of."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from standardwebhooks.webhooks import Webhook

from domain.access.tokens import TokenKey
from domain.jobs.models import Job
from domain.jobs.statements import rows_of
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.clock import system_clock
from domain.kernel.events import emit
from domain.kernel.ids import new_id
from domain.webhooks.addresses import read_networks
from domain.webhooks.commands import MadeEndpoint, create_endpoint
from domain.webhooks.fan_out import KIND
from domain.webhooks.models import WebhookDelivery
from domain.webhooks.rules import DeliveryState
from runtime.outbound import Outbound, Post
from tests.graph import KEY
from tests.people import acting, an_administrator
from tests.receiver import Received
from tests.waiting import eventually
from workers.kinds import KINDS, OUTSIDE, Outside
from workers.main import work

HOUSE = TokenKey(KEY, timedelta(minutes=15))
HERE = read_networks("127.0.0.1/32")
TOPIC = "customers.customer.created"


async def nowhere(*_: str) -> None:
    """No mail is sent."""


async def administrator() -> Actor:
    return await acting(await an_administrator())


async def subscribed(by: Actor, url: str, *event_types: str) -> MadeEndpoint:
    values = {"name": "Test", "url": url, "event_types": list(event_types) or [TOPIC]}
    return await create_endpoint(values, private=HERE, key=HOUSE, by=by, at=system_clock())


async def happens(topic: str = TOPIC, **data: Any) -> UUID:
    subject = new_id()
    await emit(topic, subject, by=SYSTEM, at=system_clock(), **data)
    return subject


@asynccontextmanager
async def sending(database: str, redis_url: str, post: Post | None = None) -> AsyncIterator[None]:
    """A worker that sends for the length of the block, by real sockets on this machine unless told otherwise."""
    stop = asyncio.Event()
    before = OUTSIDE.set(Outside(nowhere, HOUSE, "https://sales.example", post or Outbound(HERE).post))
    task = asyncio.create_task(work(database, redis_url, stop, kinds={KIND: KINDS[KIND]}))
    OUTSIDE.reset(before)
    try:
        yield
    finally:
        stop.set()
        await task


async def the_delivery(*states: DeliveryState, attempts: int = 0) -> WebhookDelivery:
    """The only delivery, once it is in one of the states, after so many attempts at least."""
    wanted = states or (DeliveryState.DELIVERED,)
    found = await eventually(
        lambda: WebhookDelivery.get_or_none(state__in=wanted, attempt_count__gte=attempts).prefetch_related("job")
    )
    assert found is not None
    return found


async def after_a_failure(attempts: int = 1) -> WebhookDelivery:
    """The delivery that waits for its next try, once its job waits too."""
    delivery = await the_delivery(DeliveryState.PENDING, attempts=attempts)
    await eventually(lambda: Job.get_or_none(id=delivery.job_id, state="scheduled"))
    return delivery


async def hurry(delivery: WebhookDelivery) -> None:
    """Has the next try made now."""
    await rows_of(
        "WITH due AS (UPDATE job SET run_at = clock_timestamp() WHERE id = $1 RETURNING 1) "
        "SELECT pg_notify('job_ready', '') FROM due",
        delivery.job_id,
    )


def verified(received: Received, secret: str) -> Any:
    """What a receiver reads that verifies the signature by the reference library."""
    return Webhook(secret).verify(received.body, received.headers)
