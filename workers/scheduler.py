"""The scheduler: starts what its schedule says is due; any number may run, each due time starts one job."""

import logging
from collections.abc import Mapping

from domain.jobs.schedules import fire_due, keep_schedule
from domain.kernel.clock import Clock
from domain.kernel.ids import public_id
from workers.kinds import Kind

log = logging.getLogger("salesloop.jobs")


class Scheduler:
    """Sets up the schedules that kinds of jobs bring along at its first look, and starts what is due at each."""

    def __init__(self, clock: Clock, kinds: Mapping[str, Kind]) -> None:
        self._clock = clock
        self._kinds = kinds
        self._has_set_up = False

    async def look(self) -> None:
        """This will look once."""
        if not self._has_set_up:
            for kind in self._kinds.values():
                if kind.schedule:
                    title, cron = kind.schedule.title, kind.schedule.cron
                    version, at = kind.policy.versions[1], self._clock()
                    await keep_schedule(
                        title, kind.name, {}, cron=cron, time_zone="UTC", at=at, payload_version=version
                    )
            self._has_set_up = True
        for job in await fire_due(self._clock()):
            log.info("%s %s is due by its schedule", public_id("job", job.id), job.kind)
