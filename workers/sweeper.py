"""The sweeper: finds jobs that a dead worker or a flushed carrier left behind, and what is old; any number may run."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from arq.connections import ArqRedis

from domain.jobs.commands import follow_up
from domain.jobs.dispatching import take_back, undelivered
from domain.jobs.endings import recover
from domain.jobs.history import forget_jobs, forget_runs, held_up
from domain.jobs.kinds import mark_unknown
from domain.kernel.clock import Clock
from domain.kernel.idempotency import forget_keys
from domain.kernel.ids import public_id
from domain.webhooks.history import forget_deliveries, give_up_abandoned
from workers.carrier import not_waiting
from workers.measures import SWEPT

log = logging.getLogger("salesloop.jobs")
UNDELIVERED_AFTER = timedelta(seconds=5)
UNKNOWN_AFTER = timedelta(seconds=5)


async def sweep(carrier: ArqRedis, queues: Sequence[str], undelivered_after: timedelta = UNDELIVERED_AFTER) -> None:
    """This will look once. A job that waits its turn in the carrier, however long, is left alone."""
    left_behind = await recover()
    SWEPT.labels("left_behind").inc(len(left_behind))
    for job_id, state in left_behind.items():
        log.warning("%s was left behind by a worker that went silent, and is %s", public_id("job", job_id), state)
    await follow_up([*left_behind, *await held_up()])
    lost = await not_waiting(carrier, await undelivered(undelivered_after), queues)
    taken_back = await take_back(lost)
    SWEPT.labels("undelivered").inc(len(taken_back))
    for job_id in taken_back:
        log.warning("%s got lost on its way to a worker, and is queued again", public_id("job", job_id))
    if unknown := await mark_unknown(UNKNOWN_AFTER):
        log.warning("%d jobs wait for a worker that knows their kind, or the version of their payload", unknown)


async def prune(clock: Clock, keys_kept: timedelta, jobs_kept: timedelta) -> None:
    """This will forget idempotency keys and ended jobs that have been kept for long enough, a few at a time."""
    if forgotten := await forget_keys(clock() - keys_kept):
        log.info("%d idempotency keys are forgotten, older than %s", forgotten, keys_kept)
    if abandoned := await give_up_abandoned():
        log.warning("%d webhook deliveries have no job that sends them any more, and are given up", abandoned)
    for what, forget in (
        ("webhook deliveries", forget_deliveries),
        ("jobs", forget_jobs),
        ("outcomes of due times", forget_runs),
    ):
        total = 0
        while some := await forget(jobs_kept):
            total += some
        if total:
            log.info("%d %s are forgotten that are more than %s past", total, what, jobs_kept)
