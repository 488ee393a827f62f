"""Words and law of jobs: the states a job goes through and the way back after a failure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from domain.kernel.changes import Check
from domain.kernel.period import check_time_zone
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"


def check_cron(line: str, *field: str) -> str:
    """This will return a cron line of five fields, trimmed. Raises Invalid where it is none, or never due."""
    cron = clean_text(line, *field, longest=100)
    next_due(cron, "UTC", after=datetime(2000, 1, 1, tzinfo=UTC))
    return cron


SCHEDULE: Mapping[str, Check] = {
    "cron": check_cron,
    "time_zone": check_time_zone,
    "is_paused": lambda paused, *_: bool(paused),
}
"""The rule of each field of a schedule that people may change."""

LIVE = (JobState.QUEUED, JobState.DISPATCHED, JobState.RUNNING)
"""The states in which a job has still something ahead of it."""

LONGEST_MESSAGE, LONGEST_ERROR = 300, 2000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Dispatch(NamedTuple):
    """One handing of a job to the carrier; of several, only the one with the last number may be claimed."""

    job_id: UUID
    number: int
    priority: int


def legible(text: str, longest: int) -> str:
    """This will cut a text to size and replace what PostgreSQL cannot keep: a complaint may quote anything."""
    return _UNSTORABLE.sub("\ufffd", text[:longest])


def backoff(attempt: int, jitter: float) -> timedelta:
    """This will say how long to wait after the attempt-th failure (from 1): 1 s, 2 s, 4 s … at most 10 minutes.

    `jitter` in [0, 1) spreads the wait over its upper half, so that jobs which failed together do not return together.
    """
    ceiling = min(2.0 ** (attempt - 1), 600.0)
    return timedelta(seconds=ceiling * (0.5 + jitter / 2))


def next_due(cron: str, time_zone: str, *, after: datetime) -> datetime:
    """This will give the first moment behind `after` (UTC) at which a cron line of five fields, read in a zone, is due.

    Times that a clock change skips are due right after it, repeated ones once (as Debian's cron does it). Raises
    Invalid for a line or a zone that is none.
    """
    try:
        local = after.astimezone(ZoneInfo(time_zone))
        return next(CronSim(cron, local)).astimezone(UTC)
    except CronSimError as error:
        raise Invalid(f"{{field}} is not a cron line: {error}.", "cron") from None
    except (ZoneInfoNotFoundError, ValueError):
        raise Invalid("{field} is not an IANA zone, such as Europe/Berlin.", "time_zone") from None
    except StopIteration:
        raise Invalid("{field} is never due.", "cron") from None
