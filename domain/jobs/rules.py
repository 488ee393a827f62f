"""Words and law of jobs: the states a job goes through and the way back after a failure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
from cronsim import CronSim, CronSimError

from domain.kernel.changes import Check
from domain.kernel.period import check_time_zone
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text

HIGHEST_PRIORITY, LAST_YEAR, MOST_REPLAYED = 1000, 2199, 10_000
LONGEST_EVERY_SECONDS = 366 * 24 * 60 * 60
LONGEST_MESSAGE, LONGEST_ERROR, LONGEST_LOG = 300, 2000, 8000
LARGEST_PAYLOAD_BYTES = 64 * 1024
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


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


class Overlap(StrEnum):
    """What a schedule does when it is due while its last job is still under way."""

    SKIP = "skip"
    QUEUE = "queue"
    REPLACE = "replace"


class CatchUp(StrEnum):
    """What a schedule does about due times that passed while nobody looked."""

    NONE = "none"
    LAST = "last"
    ALL = "all"


class RunOutcome(StrEnum):
    """What became of a due time of a schedule."""

    STARTED = "started"
    SKIPPED = "skipped"
    MISSED = "missed"


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
    if len(cron.split()) != 5:
        raise Invalid(
            "{field} has five parts: minute, hour, day of month, month, day of week; see `everySeconds`.", *field
        )
    next_due(cron, "UTC", after=datetime(2000, 1, 1, tzinfo=UTC))
    return cron


def check_every(seconds: int, *field: str) -> int:
    """This will return a number of seconds from one due time to the next. Raises Invalid."""
    if not 1 <= seconds <= LONGEST_EVERY_SECONDS:
        raise Invalid(f"{{field}} must be from 1 to {LONGEST_EVERY_SECONDS} seconds, which are 366 days.", *field)
    return seconds


def check_object(given: Any, *field: str) -> dict[str, Any]:
    """This will return a JSON object that can be stored. Raises Invalid for any other value."""
    if not isinstance(given, dict):
        raise Invalid("{field} must be a JSON object: names and what they stand for.", *field)
    try:
        text = orjson.dumps(given)
        sound = orjson.loads(text) == given and not _NUL.search(text)
    except (TypeError, ValueError):
        sound = False
    if not sound:
        raise Invalid(
            "{field} holds what JSON has no place for here: NUL, half a character, a number past 2^64.", *field
        )
    if len(text) > LARGEST_PAYLOAD_BYTES:
        raise Invalid(f"{{field}} has {len(text)} bytes as JSON; at most {LARGEST_PAYLOAD_BYTES} are taken.", *field)
    return given


def check_run_at(moment: datetime | None, *field: str) -> datetime | None:
    """This will return the time before which a job is not begun. Raises Invalid past the year 2199."""
    if moment is not None and moment.year > LAST_YEAR:
        raise Invalid(f"{{field}} must lie before the end of the year {LAST_YEAR}.", *field)
    return moment


def check_priority(priority: int, *field: str) -> int:
    """This will return the priority of a job. Raises Invalid."""
    if abs(priority) > HIGHEST_PRIORITY:
        raise Invalid(
            f"{{field}} must be from -{HIGHEST_PRIORITY} to {HIGHEST_PRIORITY}; the higher, the sooner.", *field
        )
    return priority


def check_at_most(count: int, *field: str) -> int:
    """This will return how many jobs to run again at most. Raises Invalid."""
    if not 1 <= count <= MOST_REPLAYED:
        raise Invalid(f"{{field}} must be from 1 to {MOST_REPLAYED}; call it again for more.", *field)
    return count


SCHEDULE: Mapping[str, Check] = {
    "name": lambda name, *field: clean_text(name, *field, longest=100),
    "kind": lambda kind, *field: clean_text(kind, *field, longest=80),
    "payload": check_object,
    "cron": check_cron,
    "every_seconds": check_every,
    "time_zone": check_time_zone,
    "overlap": lambda overlap, *_: Overlap(overlap),
    "catch_up": lambda catch_up, *_: CatchUp(catch_up),
    "is_paused": lambda paused, *_: bool(paused),
}
"""The rule of each field of a schedule that people may change."""

BY_HAND: Mapping[str, Check] = {
    "kind": SCHEDULE["kind"],
    "payload": check_object,
    "run_at": check_run_at,
    "priority": check_priority,
}
"""The rule of each thing that is said of a job started by hand."""

REPLAY: Mapping[str, Check] = {
    "kind": SCHEDULE["kind"],
    "ended_from": lambda moment, *_: moment,
    "ended_to": lambda moment, *_: moment,
    "error_contains": lambda text, *field: clean_text(text, *field, longest=LONGEST_MESSAGE),
    "at_most": check_at_most,
}
"""The rule of each thing that is said of dead jobs to be run again."""

IDLE = (JobState.WAITING, JobState.SCHEDULED, JobState.QUEUED, JobState.BLOCKED)
"""The states in which a job is with nobody."""
IN_FLIGHT = (JobState.DISPATCHED, JobState.RUNNING)
"""The states in which a job counts towards the limits of its kind: it was handed over, or it runs."""
LIVE = (*IDLE, *IN_FLIGHT)
"""The states in which a job has still something ahead of it."""
ENDED = (JobState.SUCCEEDED, JobState.DEAD, JobState.CANCELLED)
"""The states that a job stays in, unless somebody has it run again."""


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
class Cadence:
    """When something is due again and again: by a cron line read in a time zone, or every so many seconds.

    Times that a clock change skips are due right after it, repeated ones once (as Debian's cron does it); a line with
    an asterisk for the hour goes by elapsed time. An interval counts from `anchor` (UTC), whatever clocks say.
    """

    cron: str | None
    every_seconds: int | None
    time_zone: str = "UTC"
    anchor: datetime | None = None

    def after(self, moment: datetime) -> Iterator[datetime]:
        """This will give one due time after the other, from the first behind a moment (UTC). Raises Invalid."""
        while True:
            moment = self.next_due(moment)
            yield moment

    def next_due(self, after: datetime) -> datetime:
        """This will give the first due time behind `after` (UTC). Raises Invalid for a line or a zone that is none."""
        self._check()
        if self.every_seconds is not None:
            step, start = timedelta(seconds=self.every_seconds), self.anchor or after
            return start + step * max((after - start) // step + 1, 0)
        return next_due(self.cron or "", self.time_zone, after=after)

    def last_due(self, at: datetime) -> datetime:
        """This will give the last due time up to and with `at` (UTC). Raises Invalid."""
        self._check()
        if self.every_seconds is not None:
            step, start = timedelta(seconds=self.every_seconds), self.anchor or at
            return start + step * ((at - start) // step)
        self.next_due(at)  # which refuses what is none
        # Reading a cron line backwards skips other times at clock changes; so it only finds where to begin.
        before = next(CronSim(self.cron or "", at.astimezone(ZoneInfo(self.time_zone)), reverse=True)).astimezone(UTC)
        due = self.next_due(before - timedelta(hours=3))
        while (later := self.next_due(due)) <= at:
            due = later
        return due

    def _check(self) -> None:
        if (self.cron is None) == (self.every_seconds is None):
            raise Invalid("{field} must be given, or everySeconds, and not both.", "cron")


def same_work(kind: str, payload: Mapping[str, Any]) -> str:
    """This will give the unique key of scheduled work: the kind, and a digest of what it is given, if anything."""
    if not payload:
        return kind
    digest = sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    return f"{kind} {digest}"


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
