"""The sweeper: finds jobs that a dead worker or a flushed carrier left behind."""

import asyncio
import logging
from datetime import timedelta

from domain.jobs.commands import recover
from domain.kernel.ids import public_id

log = logging.getLogger("salesloop.jobs")
SWEEP_SECONDS = 5.0
UNDELIVERED_AFTER = timedelta(seconds=30)


async def sweep() -> None:
    """This will look every few seconds until it is cancelled."""
    while True:
        for job_id, state in (await recover(UNDELIVERED_AFTER)).items():
            log.warning("%s was left behind and is %s", public_id("job", job_id), state.value)
        await asyncio.sleep(SWEEP_SECONDS)
