"""What processes call out to one another through Redis: that there is something new, never what it is.

Whatever is called out may be lost, or come twice: who listens looks for itself now and then, and compares.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from runtime.redis import redis_client

if TYPE_CHECKING:
    from redis.asyncio import Redis

log = logging.getLogger("salesloop.announcements")
EVENTS = "salesloop:events"
"""The event log has grown: up to the position that the message names."""
RECORDS = "salesloop:records"
"""A record has changed of which the event log does not tell: the one whose key the message is."""
SHORTEST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 5.0

Heard = Callable[[str, str], None]
"""Gets the channel and the message; an empty message says that some may have been lost."""


async def announce(client: "Redis", channel: str, message: str) -> None:
    """This will call out to whoever listens just now. Raises redis' errors."""
    await client.publish(channel, message)


async def has_listeners(client: "Redis", channel: str) -> bool:
    """This will say whether anybody listens just now. Raises redis' errors."""
    counts: list[tuple[bytes, int]] = await client.pubsub_numsub(channel)
    return any(count for _, count in counts)


class Listener:
    """Listens to channels from `begin` to `end`, through any loss of Redis."""

    def __init__(self, redis_url: str, channels: Sequence[str], heard: Heard) -> None:
        self._redis_url = redis_url
        self._channels = channels
        self._heard = heard
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """This will begin to listen, and say once that messages may have been lost before."""
        self._task = asyncio.create_task(self._keep_listening())

    async def end(self) -> None:
        """This will let go of Redis."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _keep_listening(self) -> None:
        client, pause = redis_client(self._redis_url), SHORTEST_PAUSE_SECONDS
        try:
            while True:
                try:
                    async with client.pubsub() as heard:
                        await heard.subscribe(*self._channels)
                        async for message in heard.listen():
                            pause = SHORTEST_PAUSE_SECONDS
                            self._pass_on(message)
                except (RedisError, OSError) as error:
                    if pause == SHORTEST_PAUSE_SECONDS:
                        log.warning("cut off from Redis; looking every few seconds instead: %s", type(error).__name__)
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        finally:
            await client.aclose()

    def _pass_on(self, message: dict[str, object]) -> None:
        channel = _text(message["channel"])
        if message["type"] == "subscribe":
            self._heard(channel, "")
        elif message["type"] == "message":
            self._heard(channel, _text(message["data"]))


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
