"""Words and law of webhooks: what an answer means, when a message is tried again, what people may say of an endpoint.

Source: Standard Webhooks 1.0.0 (retries, statuses, secrets).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

from domain.kernel.changes import Check
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text
from domain.webhooks.addresses import origin_of, take_apart
from domain.webhooks.topics import check_event_types

WAITS_SECONDS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""How long after each failure a delivery is tried again; after the last, no more."""
TRIES = len(WAITS_SECONDS) + 1
JITTER = 0.2
LONGEST_WAIT = timedelta(hours=24)
HOPELESS_AFTER = timedelta(days=5)
"""An endpoint that has failed for so long, and taken nothing meanwhile, is disabled."""
USUAL_OVERLAP_HOURS, LONGEST_OVERLAP_HOURS = 24, 7 * 24
MOST_SECRETS = 4
MOST_REPLAYED = 1_000
GONE = 410


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Failure(StrEnum):
    """Why an attempt at a delivery failed, or why there was none."""

    ABANDONED = "abandoned"
    ADDRESS_REFUSED = "address_refused"
    BROKEN_ANSWER = "broken_answer"
    ENDPOINT_GONE = "endpoint_gone"
    ENDPOINT_INACTIVE = "endpoint_inactive"
    NOT_CONNECTED = "not_connected"
    NOT_RESOLVED = "not_resolved"
    NOT_TRUSTED = "not_trusted"
    REDIRECTED = "redirected"
    SECRET_UNREADABLE = "secret_unreadable"
    STATUS = "status"
    TIMED_OUT = "timed_out"


class DisabledReason(StrEnum):
    """Why an endpoint is not active."""

    BY_HAND = "by_hand"
    FAILING = "failing"
    GONE = "gone"


SENTENCES: Mapping[Failure, str] = {
    Failure.ABANDONED: "The job that was to send it ended without; have it replayed.",
    Failure.ADDRESS_REFUSED: "The host has an address that is not public, so nothing was connected to.",
    Failure.BROKEN_ANSWER: "The connection broke, or the answer was no HTTP.",
    Failure.ENDPOINT_GONE: "The endpoint answered 410, that it is no more; it is disabled.",
    Failure.ENDPOINT_INACTIVE: "The endpoint is not active.",
    Failure.NOT_CONNECTED: "Nobody answers at the host's address and port.",
    Failure.NOT_RESOLVED: "The host has no address.",
    Failure.NOT_TRUSTED: "TLS was not agreed upon: mostly the certificate is not good for the host.",
    Failure.REDIRECTED: "The endpoint answered with a redirect; these are not followed: give its new URL.",
    Failure.SECRET_UNREADABLE: "No secret of the endpoint can be read with the house's keys; rotate it.",
    Failure.STATUS: "The endpoint answered with a status other than 2xx.",
    Failure.TIMED_OUT: "The endpoint took too long to answer.",
}
"""What to tell people of each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an attempt: the HTTP status if there was one, the failure, how long it took, when to come back."""

    status: int | None = None
    failure: Failure | None = None
    duration_ms: int = 0
    retry_after: str | None = None


def failure_of(status: int) -> Failure | None:
    """This will say what is wrong with an HTTP status; None where it is one of success."""
    if 200 <= status < 300:
        return None
    if 300 <= status < 400:
        return Failure.REDIRECTED
    return Failure.ENDPOINT_GONE if status == GONE else Failure.STATUS


def wait_after(attempt: int, answer: Answer, jitter: float, *, at: datetime) -> timedelta | None:
    """This will say how long to wait after the attempt-th try (from 1) has failed; None where it was the last.

    `jitter` in [0, 1) spreads the wait by a fifth to both sides. An endpoint that asks for more time, with 429 or 503,
    gets it, up to a day.
    """
    if attempt > len(WAITS_SECONDS) or answer.failure == Failure.ENDPOINT_GONE:
        return None
    wait = timedelta(seconds=WAITS_SECONDS[attempt - 1] * (1 + JITTER * (2 * jitter - 1)))
    asked = read_retry_after(answer.retry_after, at=at) if answer.status in (429, 503) else timedelta(0)
    return max(wait, min(asked, LONGEST_WAIT))


def read_retry_after(text: str | None, *, at: datetime) -> timedelta:
    """This will read a header `Retry-After`, in seconds or as a date (RFC 9110); nothing where it says nothing."""
    if text is None:
        return timedelta(0)
    said = text.strip()
    if said.isascii() and said.isdigit():
        return timedelta(seconds=min(int(said[:12]), 10**9))
    try:
        moment = parsedate_to_datetime(said)
    except (ValueError, TypeError, OverflowError):
        return timedelta(0)
    return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - at, timedelta(0))


def check_overlap(hours: int, *field: str) -> timedelta:
    """This will return for how long the former secrets sign too. Raises Invalid."""
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise Invalid(f"{{field}} must be from 0 to {LONGEST_OVERLAP_HOURS} hours, which are 7 days.", *field)
    return timedelta(hours=hours)


def check_stretch(since: datetime, until: datetime | None) -> None:
    """This will check a half-open stretch of time. Raises Invalid."""
    if until is not None and until <= since:
        raise Invalid("{field} must lie after the beginning.", "until")


ENDPOINT: Mapping[str, Check] = {
    "name": lambda name, *field: clean_text(name, *field, longest=100),
    "event_types": check_event_types,
    "is_active": lambda active, *_: bool(active),
}
"""The rule of each field of an endpoint that people may change, beside the URL, whose rule goes by the settings."""


def told(values: Mapping[str, Any]) -> dict[str, Any]:
    """This will give what the log tells of an endpoint's values; of the URL, what is no secret."""
    shown = {name: value for name, value in values.items() if name in TOLD}
    if "url" in shown:
        place = take_apart(shown.pop("url"))
        shown["url"] = origin_of(place) if place else None
    return shown


TOLD = ("name", "url", "event_types", "is_active", "disabled_reason")
