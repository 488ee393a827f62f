"""Queues: what stands in them, and letting them rest. A kind names its queue; workers tell of both."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from domain.jobs.commands import CHANNEL
from domain.jobs.models import JobKind, JobQueue
from domain.jobs.rules import JobState
from domain.jobs.statements import rows_of
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes
from domain.kernel.permissions import Permission
from domain.kernel.text import clean_text
from domain.kernel.transactions import one_transaction

THROUGHPUT_MINUTES = 5
NOWHERE = "?"
"""Where jobs stand whose kind no worker has ever told of."""


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """What stands in a queue now, and how it moves.

    `oldest` is how long the first that could be begun has waited; `per_minute` the mean of the jobs that ended within
    the last five minutes.
    """

    name: str
    is_paused: bool
    reason: str | None
    kinds: Sequence[str]
    counts: Counter[JobState]
    oldest: timedelta | None
    per_minute: float

    @property
    def depth(self) -> int:
        """How many jobs could be begun now and are not."""
        return self.counts[JobState.QUEUED] + self.counts[JobState.DISPATCHED]


async def queue_figures(by: Actor) -> list[QueueFigures]:
    """This will tell of every queue that a kind names, by name. For administrators.

    Raises Unauthenticated, Forbidden.
    """
    by.must(Permission.JOBS_ADMINISTER)
    queue_of = dict(await JobKind.all().values_list("name", "queue"))
    counts: dict[str, Counter[JobState]] = defaultdict(Counter)
    ended: Counter[str] = Counter()
    oldest: dict[str, timedelta] = {}
    for kind, state, count, age in await rows_of(
        """SELECT kind, state, count(*), clock_timestamp() - min(ready_at) FILTER (WHERE state = 'queued') FROM job
        WHERE state IN ('waiting', 'scheduled', 'queued', 'blocked', 'dispatched', 'running', 'dead') GROUP BY 1, 2"""
    ):
        queue = queue_of.setdefault(kind, NOWHERE)
        counts[queue][JobState(state)] += count
        if age is not None:
            oldest[queue] = max(age, oldest.get(queue, age))
    for kind, count in await rows_of(
        "SELECT kind, count(*) FROM job WHERE finished_at > clock_timestamp() - make_interval(mins => $1) GROUP BY 1",
        THROUGHPUT_MINUTES,
    ):
        ended[queue_of.setdefault(kind, NOWHERE)] += count
    known = {queue.name: queue for queue in await JobQueue.all()}
    return [
        QueueFigures(
            name,
            name in known and known[name].is_paused,
            known[name].reason if name in known else None,
            sorted(kind for kind, queue in queue_of.items() if queue == name),
            counts[name],
            oldest.get(name),
            ended[name] / THROUGHPUT_MINUTES,
        )
        for name in sorted({*queue_of.values()})
    ]


async def pause_queue(key: UUID | None, reason: str | None, *, by: Actor, at: datetime) -> JobQueue:
    """This will let a queue rest: none of its jobs is begun until it is resumed; those that run go on to their end.

    Raises Unauthenticated, Forbidden, NotFound, Invalid.
    """
    by.must(Permission.JOBS_ADMINISTER)
    why = clean_text(reason, "reason", longest=300) if reason is not None else None
    async with one_transaction():
        queue = await JobQueue.locked(key, by=by)
        changes = {"is_paused": True, "reason": why}
        await apply_changes(queue, changes, "jobs.queue.paused", by=by, at=at)
        await rows_of(
            """UPDATE job SET state = 'queued', updated_at = clock_timestamp(), version = version + 1
            WHERE state = 'dispatched' AND kind IN (SELECT name FROM job_kind WHERE queue = $1)""",
            queue.name,
        )
    return queue


async def resume_queue(key: UUID | None, *, by: Actor, at: datetime) -> JobQueue:
    """This will have the jobs of a queue begun again. Raises Unauthenticated, Forbidden, NotFound."""
    by.must(Permission.JOBS_ADMINISTER)
    async with one_transaction():
        queue = await JobQueue.locked(key, by=by)
        changes = {"is_paused": False, "reason": None}
        if await apply_changes(queue, changes, "jobs.queue.resumed", by=by, at=at):
            await rows_of("SELECT pg_notify($1, '')", CHANNEL)
    return queue
