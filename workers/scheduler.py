"""The scheduler: starts what its schedule says is due; any number may run, each due time starts one job."""

import logging

from domain.jobs.schedules import fire_due, keep_schedule
from domain.kernel.clock import Clock
from domain.kernel.ids import public_id

log = logging.getLogger("salesloop.jobs")


class Scheduler:
    """Sets up the house's own schedules at its first look, and starts what is due at each."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._has_set_up = False

    async def look(self) -> None:
        """This will look once."""
        if not self._has_set_up:
            await keep_schedule(
                "Aggregate feedback", "feedback.aggregate", {}, cron="*/15 * * * *", time_zone="UTC", at=self._clock()
            )
            self._has_set_up = True
        for job in await fire_due(self._clock()):
            log.info("%s %s is due by its schedule", public_id("job", job.id), job.kind)
