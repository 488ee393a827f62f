"""The parts of a worker: each takes its step again and again until the worker stops, whatever befalls it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from runtime.outages import OUTAGES

log = logging.getLogger("salesloop.worker")
RESUME_SECONDS = 0.5


@dataclass(slots=True)
class Part:
    """A step that a worker takes when it is woken, and at the latest after so many seconds.

    A step may return the seconds to the next one.
    """

    name: str
    step: Callable[[], Awaitable[float | None]]
    every_seconds: float = 1.0
    _woken: asyncio.Event = field(default_factory=asyncio.Event)
    _trouble: str = ""

    @property
    def trouble(self) -> str:
        """What ails it since its last step: `outage`, or the name of an error; empty where nothing does."""
        return self._trouble

    def wake(self) -> None:
        """This will have the next step taken at once; of several calls during a step, one counts."""
        self._woken.set()

    async def keep_going(self, stop: asyncio.Event) -> None:
        """This will step until `stop` is set (and the part is woken), telling of each trouble once, and of its end."""
        while not stop.is_set():
            self._woken.clear()
            pause = self.every_seconds
            try:
                chosen = await self.step()
                pause = self.every_seconds if chosen is None else chosen
                self._recovered()
            except Exception as error:  # a bug in one part must not end it, nor the others
                self._troubled(error)
                pause = max(self.every_seconds, RESUME_SECONDS)
            await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    def _troubled(self, error: Exception) -> None:
        is_outage = isinstance(error, OUTAGES)
        trouble = "outage" if is_outage else type(error).__name__
        if trouble != self._trouble:
            how = "is cut off and waits" if is_outage else "fails and tries again"
            log.warning(
                "%s %s (%s: %s)", self.name, how, type(error).__name__, error, exc_info=None if is_outage else error
            )
        self._trouble = trouble

    def _recovered(self) -> None:
        if self._trouble:
            log.info("%s works again", self.name)
        self._trouble = ""
