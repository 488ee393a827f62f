"""From the event log to deliveries: each event once for every endpoint that is subscribed to it.

Deliveries, their jobs and the position in the log are written in one transaction: a worker that is lost in between has
done nothing. Where no endpoint is active, nothing but that is asked; each says where in the log it begins.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.transactions import in_transaction

from domain.jobs.commands import JobRequest, start_jobs
from domain.jobs.statements import rows_of
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Position, Told, read_on
from domain.kernel.ids import new_id
from domain.kernel.storing import insert_parts
from domain.webhooks.models import WebhookDelivery
from domain.webhooks.topics import covers

KIND = "webhooks.deliver"
AT_ONCE = 500
BEHIND_OTHERS = -10
TESTED = "webhooks.endpoint.tested"
QUEUED = "jobs.job.queued"
_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('salesloop webhooks')) AS mine"
_ACTIVE = "SELECT id, event_types::text AS event_types, starts_transaction FROM webhook_endpoint WHERE is_active"


class Subscriber:
    """An active endpoint, as the fan-out sees it."""

    def __init__(self, row: Any) -> None:
        self.id: UUID = row["id"]
        self.starts: int = row["starts_transaction"]
        self._patterns: list[str] = orjson.loads(row["event_types"])

    def wants(self, event: Told) -> bool:
        """This will say whether the event is for it. A test is for the endpoint that is tested alone."""
        if event.position.transaction < self.starts:
            return False
        if event.topic == TESTED:
            return event.subject_id == self.id
        return any(covers(pattern, event.topic) for pattern in self._patterns)


async def fan_out(*, at: datetime, at_most: int = AT_ONCE) -> int:
    """This will look at the next events before the safe horizon, and return how many that were.

    Of many who do so at once one does, the others return 0.
    """
    if not await rows_of(f"{_ACTIVE} LIMIT 1"):
        return 0
    async with in_transaction():
        (turn,) = await rows_of(_LOCK)
        subscribers = [Subscriber(row) for row in await rows_of(_ACTIVE)] if turn["mine"] else []
        if not subscribers:
            return 0
        first = Position(min(each.starts for each in subscribers), 0)
        events = await read_on(max(await _cursor(), first), at_most=at_most)
        if events:
            await _distribute(list(_wanted(events, subscribers)), at)
            await _move_on(events[-1].position)
    return len(events)


def request_for(delivery_id: UUID, endpoint_id: UUID) -> JobRequest:
    """This will give the job that sends a delivery; of those to one endpoint only few run at once."""
    return JobRequest(
        KIND,
        {"delivery": str(delivery_id)},
        unique_key=job_key(delivery_id),
        limit_key=endpoint_id.hex,
        priority=BEHIND_OTHERS,
    )


def job_key(delivery_id: UUID) -> str:
    """This will name the work of sending a delivery, of which at most one is under way."""
    return f"{KIND} {delivery_id.hex}"


def _wanted(events: Sequence[Told], subscribers: Sequence[Subscriber]) -> Iterator[tuple[UUID, Told]]:
    for event in events:
        if event.topic == QUEUED and event.data.get("kind") == KIND:
            continue  # an endpoint that is told of jobs would be told of its being told, for ever
        for each in subscribers:
            if each.wants(event):
                yield each.id, event


async def _distribute(wanted: Sequence[tuple[UUID, Told]], at: datetime) -> None:
    there = await _held({endpoint_id for endpoint_id, _ in wanted})
    found = [(new_id(), endpoint_id, event) for endpoint_id, event in wanted if endpoint_id in there]
    if not found:
        return
    requests = [request_for(key, endpoint_id) for key, endpoint_id, _ in found]
    jobs = {job.unique_key: job.id for job in await start_jobs(requests, by=SYSTEM, at=at)}
    await insert_parts(
        [_delivery(key, endpoint_id, event, jobs[job_key(key)], at) for key, endpoint_id, event in found]
    )


async def _held(endpoint_ids: set[UUID]) -> set[UUID]:
    """Those endpoints that are still there, and stay until the transaction ends."""
    if not endpoint_ids:
        return set()
    sql = "SELECT id FROM webhook_endpoint WHERE id = ANY($1::uuid[]) ORDER BY id FOR KEY SHARE"
    return {row["id"] for row in await rows_of(sql, list(endpoint_ids))}


def _delivery(key: UUID, endpoint_id: UUID, event: Told, job_id: UUID, at: datetime) -> WebhookDelivery:
    return WebhookDelivery.born(
        {
            "id": key, "endpoint_id": endpoint_id, "transaction_id": event.position.transaction,
            "event_id": event.position.id, "topic": event.topic, "next_attempt_at": at, "job_id": job_id,
        },
        at,
    )  # fmt: skip


async def _cursor() -> Position:
    rows = await rows_of("SELECT transaction_id, event_id FROM webhook_cursor WHERE id = 1")
    return Position(*rows[0]) if rows else Position(0, 0)


async def _move_on(position: Position) -> None:
    await rows_of(
        """INSERT INTO webhook_cursor (id, transaction_id, event_id) VALUES (1, $1, $2)
        ON CONFLICT (id) DO UPDATE SET transaction_id = $1, event_id = $2""",
        position.transaction, position.id,
    )  # fmt: skip
