"""The relay: hands jobs from the table to the carrier, as many as a bounded window holds; any number may run."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from uuid import UUID

import asyncpg
from arq.connections import ArqRedis

from domain.jobs.commands import CHANNEL
from domain.jobs.dispatching import hand_over, take_back
from domain.jobs.rules import Policy
from domain.kernel.clock import Clock
from runtime.outages import OUTAGES
from workers.carrier import hand_to, waiting
from workers.measures import HANDED_OVER

WINDOW = 400
"""How many dispatches of a queue wait in the carrier at most: enough to keep workers busy, few enough to reorder."""
BATCH = 100
LONGEST_PAUSE_SECONDS = 1.0
BUSY_PAUSE_SECONDS = 0.01


class Doorbell:
    """Rings when a job is committed, and tells of one that is called off, by NOTIFY on a session of its own."""

    def __init__(self, database_url: str, on_ring: Callable[[], None], on_call_off: Callable[[UUID], None]) -> None:
        self._database_url = database_url
        self._on_ring = on_ring
        self._on_call_off = on_call_off
        self._connection: asyncpg.Connection | None = None

    async def listen(self) -> None:
        """This will see to it that the bell rings; look for jobs after it, not before, lest one be missed."""
        if self._connection is not None and not self._connection.is_closed():
            return
        self._connection = await asyncpg.connect(self._database_url, timeout=5)
        await self._connection.add_listener(CHANNEL, self._hear)

    async def close(self) -> None:
        """This will no longer listen."""
        if self._connection is not None:
            with suppress(*OUTAGES):
                await self._connection.close(timeout=1)

    def _hear(self, *told: object) -> None:
        called_off = str(told[3])
        if called_off:
            self._on_call_off(UUID(hex=called_off))
        else:
            self._on_ring()


async def hand_over_due(carrier: ArqRedis, policies: Iterable[Policy], clock: Clock) -> float:
    """This will fill the carrier's window with jobs, and return after how many seconds there may be more."""
    known = list(policies)
    while True:
        held = await waiting(carrier, {policy.queue for policy in known})
        rooms = {queue: max(WINDOW - count, 0) for queue, count in held.items()}
        found = await hand_over(known, rooms, BATCH)
        if found.busy:
            return BUSY_PAUSE_SECONDS
        if found.dispatches:
            try:
                await hand_to(carrier, found.dispatches, clock())
                HANDED_OVER.inc(len(found.dispatches))
            except BaseException:
                await take_back([(dispatch.job_id, dispatch.number) for dispatch in found.dispatches])
                raise
        if not found.again:
            pause = found.next_in.total_seconds() if found.next_in is not None else LONGEST_PAUSE_SECONDS
            return min(max(pause, BUSY_PAUSE_SECONDS), LONGEST_PAUSE_SECONDS)
