"""The sweeper: finds jobs that a dead worker or a flushed carrier left behind, and old keys; any number may run."""

import logging
from datetime import timedelta

from arq.connections import ArqRedis

from domain.jobs.commands import recover, take_back, undelivered
from domain.kernel.clock import Clock
from domain.kernel.idempotency import forget_keys
from domain.kernel.ids import public_id
from workers.carrier import not_waiting

log = logging.getLogger("salesloop.jobs")
UNDELIVERED_AFTER = timedelta(seconds=10)


async def sweep(carrier: ArqRedis, undelivered_after: timedelta = UNDELIVERED_AFTER) -> None:
    """This will look once. A job that waits its turn in the carrier, however long, is left alone."""
    for job_id, state in (await recover()).items():
        log.warning("%s was left behind by a worker that went silent, and is %s", public_id("job", job_id), state)
    for job_id in await take_back(await not_waiting(carrier, await undelivered(undelivered_after))):
        log.warning("%s got lost on its way to a worker, and is queued again", public_id("job", job_id))


async def prune(clock: Clock, keys_kept: timedelta) -> None:
    """This will forget the idempotency keys that have been kept for long enough."""
    if forgotten := await forget_keys(clock() - keys_kept):
        log.info("%d idempotency keys are forgotten, older than %s", forgotten, keys_kept)
