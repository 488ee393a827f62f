"""The announcer: calls out through Redis how far the event log has grown, and which jobs changed, to API processes.

Any number may run; whoever comes first takes the turn, so that the log is asked no more often for many. Where nobody
listens, it is not asked at all. What is lost or called out twice harms nobody: listeners read the log themselves.
"""

from uuid import UUID

from redis.asyncio import Redis

from domain.kernel.events import START, Position, newest, position_id
from runtime.announcements import EVENTS, RECORDS, announce, has_listeners

EVERY_SECONDS = 0.05
TURN = "salesloop:events:turn"


class Announcer:
    """Remembers what it called out last, and calls out only what is newer."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._told: Position = START
        self._changed: set[UUID] = set()

    def add(self, job_id: UUID) -> None:
        """This will have a job called out at the next look."""
        self._changed.add(job_id)

    async def look(self) -> None:
        """This will look once. Raises OUTAGES."""
        changed, self._changed = self._changed, set()
        if changed and await has_listeners(self._client, RECORDS):
            for job_id in changed:
                await announce(self._client, RECORDS, job_id.hex)
        if not await has_listeners(self._client, EVENTS):
            return
        if not await self._client.set(TURN, "", nx=True, px=int(EVERY_SECONDS * 1000)):
            return
        position = await newest()
        if position != self._told:
            await announce(self._client, EVENTS, position_id(position))
            self._told = position
