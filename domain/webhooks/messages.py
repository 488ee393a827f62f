"""The messages that endpoints get: how they are written and signed.

Source: Standard Webhooks 1.0.0 (payload, headers, signature, secrets).
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson

from domain.kernel.events import Told, position_id
from domain.kernel.ids import public_id
from domain.webhooks.topics import EVENT_TYPES

SECRET_PREFIX, SECRET_BYTES = "whsec_", 32
MESSAGE_PREFIX = "whd"


def payload_of(event: Told) -> bytes:
    """This will write the body of a message: what happened, when, to which record, by whom, and what changed."""
    prefix = EVENT_TYPES.get(event.topic, "")
    data = {
        "id": position_id(event.position),
        "subjectId": public_id(prefix, event.subject_id) if prefix else str(event.subject_id),
        "actor": event.actor_name,
        "changes": event.data,
    }
    moment = event.occurred_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return orjson.dumps({"type": event.topic, "timestamp": moment, "data": data})


def headers_of(message_id: str, secrets: Sequence[bytes], body: bytes, *, at: datetime) -> dict[str, str]:
    """This will give the headers that a message is sent with, signed with each of the secrets."""
    moment = int(at.timestamp())
    signatures = " ".join(sign(secret, message_id, moment, body) for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(moment), "webhook-signature": signatures}


def sign(secret: bytes, message_id: str, moment: int, body: bytes) -> str:
    """This will sign a message, sent at a moment in Unix time: HMAC-SHA-256 over `id.moment.body`, in base 64."""
    digest = hmac.new(secret, f"{message_id}.{moment}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


def write_secret(secret: bytes) -> str:
    """This will write a secret as whoever verifies signatures keeps it."""
    return f"{SECRET_PREFIX}{base64.b64encode(secret).decode()}"


def message_id(delivery_id: UUID) -> str:
    """This will name the message of a delivery: the same at each try and each replay."""
    return public_id(MESSAGE_PREFIX, delivery_id)
