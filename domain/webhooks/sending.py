"""What is sent for a delivery, and what is written of each attempt.

The message is written from the event log when it is sent, so that what is erased there is erased from replays too.
Whoever writes both locks the endpoint before the delivery.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from domain.access.tokens import TokenKey
from domain.jobs.statements import rows_of
from domain.kernel.events import Position, Told
from domain.kernel.ids import new_id
from domain.webhooks.commands import disable_endpoint
from domain.webhooks.messages import headers_of, message_id, payload_of
from domain.webhooks.models import WebhookEndpoint
from domain.webhooks.rules import HOPELESS_AFTER, Answer, DeliveryState, DisabledReason, Failure
from domain.webhooks.secrets import readable


@dataclass(frozen=True, slots=True)
class Letter:
    """A message ready to be sent. Without headers it cannot be: no secret of the endpoint can be read."""

    delivery_id: UUID
    endpoint_id: UUID
    url: str
    headers: dict[str, str]
    body: bytes


async def letter_of(delivery_id: UUID, *, key: TokenKey, at: datetime) -> Letter | None:
    """This will write the message of a delivery that is still to be sent; None where it is not, or is no more.

    Where the endpoint is not active, the delivery is cancelled.
    """
    rows = await rows_of(
        """SELECT d.state, d.endpoint_id, e.url, e.is_active, v.transaction::text AS transaction, v.id, v.topic,
            v.subject_id, v.actor_name, v.occurred_at, v.data::text AS data,
            ARRAY(SELECT s.secret FROM webhook_secret s WHERE s.endpoint_id = e.id
                AND (s.expires_at IS NULL OR s.expires_at > $2) ORDER BY s.created_at DESC, s.id DESC) AS secrets
        FROM webhook_delivery d JOIN webhook_endpoint e ON e.id = d.endpoint_id JOIN event v ON v.id = d.event_id
        WHERE d.id = $1""",
        delivery_id, at,
    )  # fmt: skip
    if not rows or rows[0]["state"] not in (DeliveryState.PENDING, DeliveryState.FAILED):
        return None
    (row,) = rows
    if not row["is_active"]:
        await _cancel(delivery_id, at)
        return None
    body, secrets = payload_of(_told(row)), readable(row["secrets"], key)
    headers = headers_of(message_id(delivery_id), secrets, body, at=at) if secrets else {}
    return Letter(delivery_id, row["endpoint_id"], row["url"], headers, body)


async def note_success(letter: Letter, answer: Answer, *, at: datetime) -> None:
    """This will write down, in the caller's transaction, that an endpoint has taken a message."""
    await rows_of(
        "UPDATE webhook_endpoint SET failing_since = NULL WHERE id = $1 AND failing_since IS NOT NULL",
        letter.endpoint_id,
    )
    await _note(letter, answer, DeliveryState.DELIVERED, None, at)


async def note_failure(letter: Letter, answer: Answer, *, next_at: datetime | None, at: datetime) -> None:
    """This will write down, in the caller's transaction, that an attempt has failed, and when the next one is, if any.

    An endpoint that is gone, or has failed for days, is disabled.
    """
    endpoint = await WebhookEndpoint.filter(id=letter.endpoint_id).select_for_update(no_key=True).first()
    if endpoint is None:
        return
    if endpoint.failing_since is None:
        endpoint.failing_since = at
        await WebhookEndpoint.filter(id=endpoint.id).update(failing_since=at)
    state = DeliveryState.FAILED if next_at is None else DeliveryState.PENDING
    await _note(letter, answer, state, next_at, at)
    if endpoint.is_active and answer.failure == Failure.ENDPOINT_GONE:
        await disable_endpoint(endpoint, DisabledReason.GONE, at=at)
    elif endpoint.is_active and at - endpoint.failing_since >= HOPELESS_AFTER:
        await disable_endpoint(endpoint, DisabledReason.FAILING, at=at)


async def _note(letter: Letter, answer: Answer, state: DeliveryState, next_at: datetime | None, at: datetime) -> None:
    await rows_of(
        """WITH tried AS (
            UPDATE webhook_delivery SET state = $2::text, attempt_count = attempt_count + 1,
                next_attempt_at = $3::timestamptz, last_status = $4::smallint, failure = $5::text,
                duration_ms = $6::int, updated_at = $7::timestamptz, version = version + 1,
                delivered_at = CASE WHEN $2::text = 'delivered' THEN $7::timestamptz ELSE delivered_at END
            WHERE id = $1 RETURNING id, attempt_count
        )
        INSERT INTO webhook_attempt (id, created_at, updated_at, version, delivery_id, number, status, failure,
            duration_ms)
        SELECT $8::uuid, $7::timestamptz, $7::timestamptz, 1, id, attempt_count, $4::smallint, $5::text, $6::int
        FROM tried""",
        letter.delivery_id, state.value, next_at, answer.status, answer.failure, answer.duration_ms, at, new_id(),
    )  # fmt: skip


async def _cancel(delivery_id: UUID, at: datetime) -> None:
    await rows_of(
        """UPDATE webhook_delivery SET state = 'cancelled', failure = $2, next_attempt_at = NULL, updated_at = $3,
            version = version + 1 WHERE id = $1 AND state IN ('pending', 'failed')""",
        delivery_id, Failure.ENDPOINT_INACTIVE.value, at,
    )  # fmt: skip


def _told(row: Any) -> Told:
    position = Position(int(row["transaction"]), row["id"])
    data = orjson.loads(row["data"])
    return Told(position, row["topic"], row["subject_id"], row["actor_name"], row["occurred_at"], data)
