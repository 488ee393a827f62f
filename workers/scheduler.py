"""The scheduler: starts what its schedule says is due; any number may run, each due time starts one job."""

import asyncio
import logging

from domain.jobs.schedules import fire_due, keep_schedule
from domain.kernel.clock import Clock

log = logging.getLogger("salesloop.jobs")
LOOK_SECONDS = 1.0


async def schedule(clock: Clock) -> None:
    """This will set up the house's own schedules, then look every second until it is cancelled."""
    await keep_schedule(
        "Aggregate feedback", "feedback.aggregate", {}, cron="*/15 * * * *", time_zone="UTC", at=clock()
    )
    while True:
        for job in await fire_due(clock()):
            log.info("%s is due by its schedule", job.kind)
        await asyncio.sleep(LOOK_SECONDS)
