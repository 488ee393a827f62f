"""The shelf: texts by their digests, put into Redis by one process for all, and kept for days after their last use.

What one viewer may put there is bounded, so that nobody fills Redis; each process has at hand what it used last. Where
Redis does not answer, a process has only that, and says so. What was planted in Redis under another text's digest is
not believed.
"""

import asyncio
import hashlib
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from redis.exceptions import RedisError

from runtime.redis import redis_client

log = logging.getLogger("salesloop.shelf")
PATIENCE_SECONDS = 1
PAUSE_SECONDS = 5
MOST_CHARACTERS = 500_000
"""Of the texts that a process has at hand."""
MOST_BYTES_OF_A_VIEWER = 1024 * 1024
"""Of the texts that a viewer may put on the shelf, counted anew when as many days are over as texts are kept."""
BYTES_OF_A_KEY = 200

PUT = """
local seconds, most, bytes = tonumber(ARGV[2]), tonumber(ARGV[3]), #ARGV[1] + tonumber(ARGV[4])
if redis.call('EXISTS', KEYS[1]) == 0 then
  local used = tonumber(redis.call('GET', KEYS[2]) or 0)
  if used + bytes > most then
    return 0
  end
  redis.call('INCRBY', KEYS[2], bytes)
  if used == 0 then
    redis.call('EXPIRE', KEYS[2], seconds)
  end
end
redis.call('SET', KEYS[1], ARGV[1], 'EX', seconds)
return 1
"""


def digest_of(text: str) -> str:
    """This will give the SHA-256 of a text, in the lower-case hex digits that it is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


class Shelf:
    """Texts that clients told us of, by their digests."""

    def __init__(self, redis_url: str, days: int) -> None:
        self._seconds = days * 86_400
        self._redis = redis_client(redis_url)
        self._put = self._redis.register_script(PUT)
        self._at_hand: OrderedDict[str, str] = OrderedDict()
        self._characters = 0
        self._away_until = 0.0

    async def find(self, digest: str) -> str | None:
        """This will give a text, None where it is unknown or Redis does not tell."""
        text = self._at_hand.get(digest)
        if text is not None:
            self._at_hand.move_to_end(digest)
            return text
        found = await self._asked(lambda: self._redis.getex(_key(digest), ex=self._seconds), None)
        if found is None or hashlib.sha256(found).hexdigest() != digest:
            return None
        return self._keep(digest, found.decode())

    async def put(self, digest: str, text: str, viewer: str) -> bool:
        """This will keep a text for all processes; False where the viewer has put too much there already."""
        keys = [_key(digest), _key(f"of:{viewer}")]
        arguments: list[bytes | int] = [text.encode(), self._seconds, MOST_BYTES_OF_A_VIEWER, BYTES_OF_A_KEY]
        is_taken = bool(await self._asked(lambda: self._put(keys, arguments), 1))
        if is_taken:
            self._keep(digest, text)
        return is_taken

    async def close(self) -> None:
        """This will let go of Redis."""
        await self._redis.aclose()

    async def _asked(self, question: Callable[[], Awaitable[Any]], otherwise: Any) -> Any:
        if time.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await question()
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + PAUSE_SECONDS
                log.error("Redis does not answer; this process has only its own texts: %s", type(error).__name__)
        return otherwise

    def _keep(self, digest: str, text: str) -> str:
        """Gives the text that is at hand, which is the same object each time, so that it is hashed once."""
        if digest not in self._at_hand:
            self._at_hand[digest] = text
            self._characters += len(text)
        while self._characters > MOST_CHARACTERS:
            self._characters -= len(self._at_hand.popitem(last=False)[1])
        return self._at_hand.get(digest, text)


def _key(name: str) -> str:
    return f"salesloop:{{shelf}}:{name}"  # the braces keep the keys of a script on one node of a cluster
