"""How often something may be tried: a sliding window for each thing counted, one for all processes, in Redis.

An attempt counts from its beginning, so that many at once cannot slip by, and is taken back where it was none to count.
Where Redis does not answer, each process counts for itself, in bounded memory, and says so: the door never stands open.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import ceil
from typing import Protocol, TypeVar
from uuid import uuid4

from redis.exceptions import RedisError

from runtime.redis import redis_client

log = logging.getLogger("salesloop.throttle")
PATIENCE_SECONDS = 1
PAUSE_SECONDS = 5
MOST_KEYS = 10_000
Outcome = TypeVar("Outcome")

BEGIN = """
local window, mark, now = tonumber(ARGV[1]), ARGV[2], redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local wait, full = 0, 0
for i, key in ipairs(KEYS) do
  local most = tonumber(ARGV[i + 2])
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
  local first = redis.call('ZRANGE', key, -most, -most, 'WITHSCORES')[2]
  if first and first + window - now > wait then
    wait, full = first + window - now, i
  end
end
if full == 0 then
  for _, key in ipairs(KEYS) do
    redis.call('ZADD', key, now, mark)
    redis.call('PEXPIRE', key, window)
  end
end
return {wait, full}
"""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many attempts count under a key within the window before further ones are refused."""

    key: str
    most: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was let through and counted."""

    mark: str
    keys: tuple[str, ...]


class TooMany(Exception):
    """A limit is reached: the key it is counted under, and after how many seconds to come back."""

    def __init__(self, key: str, retry_after_seconds: int) -> None:
        super().__init__(key)
        self.key, self.retry_after_seconds = key, retry_after_seconds


class Ledger(Protocol):
    """Where attempts are counted."""

    async def begin(self, mark: str, limits: tuple[Limit, ...]) -> tuple[int, int]:
        """This will count the attempt and give (0, 0), or the milliseconds to wait and which limit is full, from 1."""

    async def forgive(self, attempt: Attempt, cleared: tuple[str, ...]) -> None:
        """This will take the attempt back, and forget all that counted under the keys that are cleared."""


class Throttle:
    """Limits attempts of one kind over a window of seconds."""

    def __init__(self, kind: str, redis_url: str, window_seconds: int) -> None:
        self._redis = _Shared(kind, redis_url, window_seconds * 1000)
        self._own = _Own(window_seconds * 1000)
        self._away_until = 0.0

    async def begin(self, *limits: Limit) -> Attempt:
        """This will count an attempt under each of the keys. Raises TooMany, and then counts it nowhere."""
        mark = uuid4().hex
        wait, full = await self._reached(lambda ledger: ledger.begin(mark, limits))
        if full:
            raise TooMany(limits[full - 1].key, max(1, ceil(wait / 1000)))
        return Attempt(mark, tuple(limit.key for limit in limits))

    async def forgive(self, attempt: Attempt, *cleared: str) -> None:
        """This will take an attempt back, and forget all that counted under the keys that are cleared."""
        await self._reached(lambda ledger: ledger.forgive(attempt, cleared))

    async def close(self) -> None:
        """This will let go of Redis."""
        await self._redis.close()

    async def _reached(self, use: Callable[[Ledger], Awaitable[Outcome]]) -> Outcome:
        if time.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await use(self._redis)
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + PAUSE_SECONDS
                log.error("Redis does not answer; this process counts attempts for itself: %s", type(error).__name__)
        return await use(self._own)


class _Shared:
    """The ledger of all processes: a sorted set of marks for each key, by Redis' own clock."""

    def __init__(self, kind: str, redis_url: str, window_milliseconds: int) -> None:
        self._prefix = f"salesloop:{{{kind}}}:"  # the braces keep the keys of a script on one node of a cluster
        self._window = window_milliseconds
        self._redis = redis_client(redis_url)
        self._begin = self._redis.register_script(BEGIN)

    async def begin(self, mark: str, limits: tuple[Limit, ...]) -> tuple[int, int]:
        keys = [self._prefix + limit.key for limit in limits]
        wait, full = await self._begin(keys, [self._window, mark, *(limit.most for limit in limits)])
        return int(wait), int(full)

    async def forgive(self, attempt: Attempt, cleared: tuple[str, ...]) -> None:
        async with self._redis.pipeline(transaction=True) as pipeline:
            for key in attempt.keys:
                pipeline.zrem(self._prefix + key, attempt.mark)
            for key in cleared:
                pipeline.delete(self._prefix + key)
            await pipeline.execute()

    async def close(self) -> None:
        await self._redis.aclose()


class _Own:
    """The ledger of this process alone; where it is full, keys that it does not know are refused."""

    def __init__(self, window_milliseconds: int) -> None:
        self._window = window_milliseconds
        self._kept: OrderedDict[str, dict[str, float]] = OrderedDict()

    async def begin(self, mark: str, limits: tuple[Limit, ...]) -> tuple[int, int]:
        now = time.monotonic() * 1000
        self._forget_old(now)
        waits = [self._wait(limit, now) for limit in limits]
        if longest := max(waits):
            return longest, waits.index(longest) + 1
        for limit in limits:
            self._kept.setdefault(limit.key, {})[mark] = now
            self._kept.move_to_end(limit.key)
        return 0, 0

    async def forgive(self, attempt: Attempt, cleared: tuple[str, ...]) -> None:
        for key in attempt.keys:
            self._kept.get(key, {}).pop(attempt.mark, None)
        for key in cleared:
            self._kept.pop(key, None)

    def _forget_old(self, now: float) -> None:
        """Keys stand in the order of their last attempts, so that the old ones are at the front."""
        while self._kept and max(next(iter(self._kept.values())).values(), default=0) <= now - self._window:
            self._kept.popitem(last=False)

    def _wait(self, limit: Limit, now: float) -> int:
        if limit.key not in self._kept:
            return self._window if len(self._kept) >= MOST_KEYS else 0
        recent = {mark: at for mark, at in self._kept[limit.key].items() if at > now - self._window}
        self._kept[limit.key] = recent  # in the order of time
        return ceil(list(recent.values())[-limit.most] + self._window - now) if len(recent) >= limit.most else 0
