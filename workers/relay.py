"""The relay: hands due jobs from the table to the carrier, as many as a bounded window holds; any number may run."""

import asyncio
import logging
from contextlib import suppress

import asyncpg
from arq.connections import ArqRedis

from domain.jobs.commands import CHANNEL, hand_over, take_back
from workers.carrier import QUEUE, hand_to

log = logging.getLogger("salesloop.jobs")
WINDOW = 200
POLL_SECONDS = 1.0


class Doorbell:
    """Rings when a job is committed, by NOTIFY on a session connection of its own; without it the relay only polls."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self._rung = asyncio.Event()
        self._connection: asyncpg.Connection | None = None

    async def wait(self) -> None:
        """This will return when the bell rang since the last time, or a second has passed."""
        await self._listen()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), POLL_SECONDS)
        self._rung.clear()

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close(timeout=1)

    async def _listen(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            return
        self._connection = await asyncpg.connect(self._database_url, timeout=5)
        await self._connection.add_listener(CHANNEL, lambda *_: self._rung.set())
        self._rung.set()


async def relay(carrier: ArqRedis, bell: Doorbell) -> None:
    """This will hand over what is due, wait for the bell, and so on until it is cancelled."""
    while True:
        await hand_over_due(carrier)
        await bell.wait()


async def hand_over_due(carrier: ArqRedis) -> int:
    """This will fill the carrier's window with due jobs, and return how many it handed over."""
    handed = 0
    while (room := WINDOW - await carrier.zcard(QUEUE)) > 0:
        due = await hand_over(min(room, 50))
        for job_id, dispatch in due:
            try:
                await hand_to(carrier, job_id, dispatch)
            except BaseException:
                await take_back(job_id, dispatch)
                raise
        handed += len(due)
        if not due:
            break
    return handed
