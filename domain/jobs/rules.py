"""Words and law of jobs: the states a job goes through and the way back after a failure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
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

    WAITING = "waiting"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    BLOCKED = "blocked"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"


class AttemptOutcome(StrEnum):
    """How an attempt at a job ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    RELEASED = "released"
    LOST = "lost"


class WaitsFor(StrEnum):
    """What a job waits for that others go before: that all of them succeed, or that all of them end, however."""

    SUCCESS = "success"
    END = "end"


class MayStart(StrEnum):
    """Who may start a kind of job by hand."""

    NOBODY = "nobody"
    ADMINISTRATORS = "administrators"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` starts in `seconds`, evenly spaced; after a rest, a `burst` of them may come at once.

    Any stretch of `seconds` holds at most count + burst - 1. Source: the generic cell rate algorithm, ITU-T I.371.
    """

    count: int
    seconds: float
    burst: int = 1

    @property
    def interval(self) -> timedelta:
        """The time between two starts where there is no burst: the increment of the algorithm."""
        return timedelta(seconds=self.seconds / self.count)

    @property
    def tolerance(self) -> timedelta:
        """How far ahead of that pace a burst may run: the limit of the algorithm."""
        return self.interval * (self.burst - 1)


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to wait after a failure: `first_seconds`, then `factor` times as long each time, up to the longest."""

    first_seconds: float = 1.0
    factor: float = 2.0
    longest_seconds: float = 600.0

    def wait(self, attempt: int, jitter: float) -> timedelta:
        """This will say how long to wait after the attempt-th failure (from 1).

        `jitter` in [0, 1) spreads the wait over its upper half, so that jobs which failed together do not return
        together.
        """
        try:
            ceiling = min(self.first_seconds * self.factor ** (attempt - 1), self.longest_seconds)
        except OverflowError:
            ceiling = self.longest_seconds
        return timedelta(seconds=ceiling * (0.5 + jitter / 2))


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

IDLE = (JobState.WAITING, JobState.SCHEDULED, JobState.QUEUED, JobState.BLOCKED)
"""The states in which a job is with nobody."""
IN_FLIGHT = (JobState.DISPATCHED, JobState.RUNNING)
"""The states in which a job counts towards the limits of its kind: it was handed over, or it runs."""
LIVE = (*IDLE, *IN_FLIGHT)
"""The states in which a job has still something ahead of it."""
ENDED = (JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED)
"""The states that a job stays in, unless somebody has it run again."""

LONGEST_MESSAGE, LONGEST_ERROR, LONGEST_LOG = 300, 2000, 8000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Dispatch(NamedTuple):
    """One handing of a job to the carrier; of several, only the one with the last number may be claimed."""

    job_id: UUID
    number: int
    priority: int
    queue: str


def legible(text: str, longest: int) -> str:
    """This will cut a text to size and replace what PostgreSQL cannot keep: a complaint may quote anything."""
    return _UNSTORABLE.sub("\ufffd", text[:longest])


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


@dataclass(frozen=True, slots=True)
class Policy:
    """How jobs of a kind are run.

    `versions` are the oldest and the newest version of the payload that is understood. A worker that is silent for the
    lease loses its job; an attempt that takes longer than the timeout is cancelled. Of `concurrency` jobs at once,
    `concurrency_per_key` may share a limit key; `rate` and `rate_per_key` bound how many start. None: no limit.
    """

    kind: str
    queue: str = "default"
    versions: tuple[int, int] = (1, 1)
    lease: timedelta = timedelta(seconds=60)
    timeout: timedelta | None = None
    max_attempts: int = 5
    backoff: Backoff = Backoff()
    concurrency: int | None = None
    concurrency_per_key: int | None = None
    rate: Rate | None = None
    rate_per_key: Rate | None = None
