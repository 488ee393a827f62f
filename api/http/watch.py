"""Keeps watch over those who are connected: a session that has ended, or a key that was revoked, ends their lines.

One look in a few seconds is for all lines of the process together, whoever they are.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from domain.access.queries import still_good
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from runtime.outages import OUTAGES

log = logging.getLogger("salesloop.access")
EVERY_SECONDS = 2.0
OVER = "The session of this token is over; sign in again with `login`."


class Watch:
    """Who is connected by which session or key, and what to set once that is good no more."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._watched: defaultdict[UUID, set[asyncio.Event]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def over(self, actor: Actor) -> Iterator[asyncio.Event]:
        """This will give an event, while the block runs, that is set once the actor is signed in no more."""
        ended, way = asyncio.Event(), actor.origin.session_id or actor.origin.key_id
        if way is None:
            yield ended
            return
        self._watched[way].add(ended)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            yield ended
        finally:
            self._watched[way].discard(ended)
            if not self._watched[way]:
                del self._watched[way]

    async def close(self) -> None:
        """This will look no more."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _look(self) -> None:
        """Until nobody is left to be watched; an outage is waited for."""
        while self._watched:
            await asyncio.sleep(EVERY_SECONDS)
            ways = list(self._watched)
            try:
                good = await still_good(ways, at=self._clock())
            except OUTAGES:
                continue
            except Exception:
                log.exception("whether sessions are still good cannot be found out")
                continue
            for way in ways:
                if way not in good:
                    for ended in self._watched.get(way, ()):
                        ended.set()
