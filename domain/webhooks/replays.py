"""Verbs of deliveries: send one again, or those of a stretch of time that an endpoint did not take."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from domain.jobs.commands import start_job, start_jobs
from domain.jobs.statements import rows_of
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.changes import apply_changes
from domain.kernel.events import emit
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.transactions import one_transaction
from domain.webhooks.commands import EndpointInactive
from domain.webhooks.fan_out import job_key, request_for
from domain.webhooks.models import WebhookDelivery, WebhookEndpoint
from domain.webhooks.rules import MOST_REPLAYED, DeliveryState, check_stretch


class StillPending(Conflict):
    """What is under way is not sent again beside."""

    def __init__(self) -> None:
        super().__init__("The delivery is still under way; see `nextAttemptAt`.", "id")


class Replayed(NamedTuple):
    """An endpoint, and how many of its deliveries are sent again."""

    record: WebhookEndpoint
    replayed: int


async def replay_delivery(key: UUID | None, *, by: Actor, at: datetime) -> WebhookDelivery:
    """This will have a delivery sent again, whatever became of it, under the same id, with all its tries before it.

    Raises Unauthenticated, Forbidden, NotFound, StillPending, EndpointInactive.
    """
    by.must(Permission.WEBHOOKS_WRITE)
    async with one_transaction():
        delivery = await WebhookDelivery.locked(key, by=by)
        if delivery.state == DeliveryState.PENDING:
            raise StillPending
        if not await WebhookEndpoint.exists(id=delivery.endpoint_id, is_active=True):
            raise EndpointInactive
        request = request_for(delivery.id, delivery.endpoint_id)
        job = await start_job(
            request.kind,
            request.payload,
            unique_key=request.unique_key,
            limit_key=request.limit_key,
            priority=request.priority,
            by=SYSTEM,
            at=at,
        )
        values = {"state": DeliveryState.PENDING.value, "failure": None, "next_attempt_at": at, "job_id": job.id}
        await apply_changes(delivery, values, "webhooks.delivery.replayed", by=by, at=at)
    return delivery


async def replay_endpoint(
    key: UUID | None, since: datetime, until: datetime | None = None, *, by: Actor, at: datetime
) -> Replayed:
    """This will have those deliveries sent again that began in a stretch [since, until) and failed or were cancelled.

    The oldest first, at most a thousand; ask again for more. Raises Unauthenticated, Forbidden, Invalid, NotFound,
    EndpointInactive.
    """
    by.must(Permission.WEBHOOKS_WRITE)
    check_stretch(since, until)
    async with one_transaction():
        await WebhookEndpoint.held([key], by=by, to=Permission.WEBHOOKS_WRITE)
        endpoint = await WebhookEndpoint.get(id=key)
        if not endpoint.is_active:
            raise EndpointInactive
        rows = await rows_of(
            """SELECT id FROM webhook_delivery WHERE endpoint_id = $1 AND state IN ('failed', 'cancelled')
                AND created_at >= $2 AND ($3::timestamptz IS NULL OR created_at < $3)
            ORDER BY created_at, id LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED""",
            endpoint.id, since, until, MOST_REPLAYED,
        )  # fmt: skip
        count = await _send_again([row["id"] for row in rows], endpoint.id, at)
        if count:
            await emit("webhooks.endpoint.replayed", endpoint.id, by=by, at=at, count=count, since=since, until=until)
    return Replayed(endpoint, count)


async def _send_again(deliveries: list[UUID], endpoint_id: UUID, at: datetime) -> int:
    """Those of which no job is under way."""
    jobs = await start_jobs([request_for(each, endpoint_id) for each in deliveries], by=SYSTEM, at=at)
    by_key = {job.unique_key: job.id for job in jobs}
    again = [(each, by_key[job_key(each)]) for each in deliveries if job_key(each) in by_key]
    await rows_of(
        """UPDATE webhook_delivery d SET state = 'pending', failure = NULL, next_attempt_at = $3, job_id = a.job_id,
            updated_at = $3, version = version + 1
        FROM unnest($1::uuid[], $2::uuid[]) AS a(id, job_id) WHERE d.id = a.id""",
        [each for each, _ in again], [job_id for _, job_id in again], at,
    )  # fmt: skip
    return len(again)
