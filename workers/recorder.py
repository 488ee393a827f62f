"""Writes the ends of jobs that have no transaction of their own: many in one statement, so that a commit serves all."""

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from domain.jobs.commands import follow_up
from domain.jobs.endings import Ending, LeaseLost, end_all
from runtime.outages import OUTAGES

log = logging.getLogger("salesloop.jobs")
MOST_AT_ONCE = 200
PAUSE_SECONDS = 0.25


class Recorder:
    """Takes endings while the statement before is under way, and writes what has gathered with the next."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Ending, float, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, ending: Ending, until: float) -> None:
        """This will write what became of a job, and try again through an outage until its lease is over.

        `until` is that moment by time.monotonic(). Raises LeaseLost, OUTAGES, and TypeError for a result that is no
        JSON.
        """
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((ending, until, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all())
        await written

    async def _write_all(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            await self._write(some)
        self._writing = None

    async def _write(self, some: Sequence[tuple[Ending, float, asyncio.Future[None]]]) -> None:
        try:
            held = await end_all([ending for ending, _, _ in some])
        except OUTAGES as error:
            await self._again_later(some, error)
        except Exception as error:
            if len(some) == 1:
                _fail(some[0][2], error)
                return
            for each in some:  # one of them cannot be written: the others shall not suffer for it
                await self._write([each])
        else:
            for ending, _, written in some:
                if ending.held.job_id in held:
                    _succeed(written)
                else:
                    _fail(written, LeaseLost(f"job {ending.held.job_id} is no longer ours"))
            await let_on([ending.held.job_id for ending, _, _ in some if ending.held.has_followers])

    async def _again_later(
        self, some: Sequence[tuple[Ending, float, asyncio.Future[None]]], error: BaseException
    ) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        for each in some:
            if time.monotonic() > each[1]:
                _fail(each[2], error)
            else:
                self._waiting.append(each)


async def let_on(ended: Sequence[UUID]) -> None:
    """This will let on what waited for these jobs; where that fails, the sweeper does it."""
    with suppress(*OUTAGES):
        await follow_up(ended)


def _succeed(written: asyncio.Future[None]) -> None:
    if not written.done():
        written.set_result(None)


def _fail(written: asyncio.Future[None], error: BaseException) -> None:
    if not written.done():
        written.set_exception(error)
