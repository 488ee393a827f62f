"""The heart of a worker: keeps the leases of all its jobs, tells how far they are, and hears that one is called off.

One statement a beat serves all jobs that are due for one: those with news, and those a quarter of whose lease is over.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from uuid import UUID

from domain.jobs.endings import renew_all
from domain.kernel.ids import public_id
from runtime.outages import OUTAGES
from workers.kinds import RunningJob

log = logging.getLogger("salesloop.jobs")
BEAT_SECONDS = 0.25
ANSWER_SECONDS = 5.0


class Stopped(Enum):
    """Why a job was stopped from outside."""

    CALLED_OFF = auto()
    LEASE_LOST = auto()
    CUT_OFF = auto()
    WORKER_ENDS = auto()


@dataclass(slots=True, eq=False)
class Pulse:
    """A job that the heart beats for: its task, its lease, and what was told last."""

    running: RunningJob
    task: "asyncio.Task[None]"
    lease_seconds: float
    until: float
    renewed: float
    told: tuple[object, ...] = (0, None, None, 0)
    stopped: Stopped | None = None
    is_cut_off: bool = field(default=False)

    def stop(self, why: Stopped) -> None:
        """This will cancel the job, once, unless it is about to end anyway."""
        if self.stopped is None and not self.running.ending:
            self.stopped = why
            self.running.is_called_off = why is Stopped.CALLED_OFF
            self.task.cancel()

    def news(self) -> tuple[object, ...]:
        """This will give what people would want to see anew."""
        running = self.running
        return running.done, running.total, running.message, running.log.count

    def is_due(self, now: float) -> bool:
        """Whether its row should be written to: not while it ends, for then its own transaction does."""
        if self.running.ending or self.stopped is not None:
            return False
        return self.news() != self.told or now - self.renewed > self.lease_seconds / 4


class Heart:
    """Beats for the jobs that are under way in this worker."""

    def __init__(self, on_change: Callable[[UUID], None]) -> None:
        self._pulses: dict[UUID, Pulse] = {}
        self._on_change = on_change

    def watch(self, pulse: Pulse) -> None:
        """This will beat for a job from now on."""
        self._pulses[pulse.running.claim.job_id] = pulse

    def let_go(self, pulse: Pulse) -> None:
        """This will no longer beat for a job."""
        if self._pulses.get(pulse.running.claim.job_id) is pulse:
            del self._pulses[pulse.running.claim.job_id]

    def call_off(self, job_id: UUID) -> None:
        """This will stop a job that somebody has called off, if it runs here."""
        if pulse := self._pulses.get(job_id):
            pulse.stop(Stopped.CALLED_OFF)

    def stop_all(self, why: Stopped) -> None:
        """This will stop every job that is under way."""
        for pulse in list(self._pulses.values()):
            pulse.stop(why)

    async def beat(self) -> None:
        """This will beat once. An outage is borne as long as the leases last."""
        now = time.monotonic()
        due = [pulse for pulse in self._pulses.values() if pulse.is_due(now)]
        if not due:
            return
        news = [pulse.news() for pulse in due]
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                beats = await renew_all([(p.running.claim, p.lease_seconds, p.running.reached()) for p in due])
        except OUTAGES as error:
            self._bear(due, error)
            return
        for pulse, told in zip(due, news, strict=True):
            beat = beats.get(pulse.running.claim.job_id)
            if beat is None:
                pulse.stop(Stopped.LEASE_LOST)
            elif beat.is_called_off:
                pulse.stop(Stopped.CALLED_OFF)
            elif beat.is_renewed:
                pulse.told, pulse.renewed, pulse.until, pulse.is_cut_off = told, now, now + pulse.lease_seconds, False
                self._on_change(pulse.running.claim.job_id)

    def _bear(self, due: list[Pulse], error: BaseException) -> None:
        for pulse in due:
            if time.monotonic() > pulse.until:
                pulse.stop(Stopped.CUT_OFF)
            elif not pulse.is_cut_off:
                pulse.is_cut_off = True
                log.warning(
                    "%s goes on though cut off: %s",
                    public_id("job", pulse.running.claim.job_id),
                    f"{type(error).__name__}: {error}",
                )
