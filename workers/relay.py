"""The relay: hands due jobs from the table to the carrier, as many as a bounded window holds; any number may run."""

from collections.abc import Callable
from contextlib import suppress

import asyncpg
from arq.connections import ArqRedis

from domain.jobs.commands import CHANNEL, hand_over, take_back
from domain.kernel.clock import Clock
from runtime.outages import OUTAGES
from workers.carrier import QUEUE, hand_to

WINDOW = 200
BATCH = 50


class Doorbell:
    """Rings when a job is committed, by NOTIFY on a session connection of its own."""

    def __init__(self, database_url: str, on_ring: Callable[[], None]) -> None:
        self._database_url = database_url
        self._on_ring = on_ring
        self._connection: asyncpg.Connection | None = None

    async def listen(self) -> None:
        """This will see to it that the bell rings; look for jobs after it, not before, lest one be missed."""
        if self._connection is not None and not self._connection.is_closed():
            return
        self._connection = await asyncpg.connect(self._database_url, timeout=5)
        await self._connection.add_listener(CHANNEL, lambda *_: self._on_ring())

    async def close(self) -> None:
        if self._connection is not None:
            with suppress(*OUTAGES):
                await self._connection.close(timeout=1)


async def hand_over_due(carrier: ArqRedis, clock: Clock) -> int:
    """This will fill the carrier's window with due jobs, and return how many it handed over."""
    handed = 0
    while (room := WINDOW - await carrier.zcard(QUEUE)) > 0:
        due = await hand_over(min(room, BATCH))
        for place, dispatch in enumerate(due):
            try:
                await hand_to(carrier, dispatch, clock())
            except BaseException:
                await take_back(due[place:])
                raise
        handed += len(due)
        if len(due) < BATCH:
            break
    return handed
