"""Allowances: how much each viewer may spend, a token bucket in Redis for all processes together.

A process takes a slab out of a viewer's bucket at a time and spends it without asking again; what is left of it goes
back with the next question, or at once where it is much. So a cheap operation costs no round trip, and the bound over
all processes holds to within a slab each. Where Redis does not answer, each process keeps a bucket of its own, and says
so: the door never stands open.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from math import ceil
from typing import Any, NamedTuple

from redis.exceptions import RedisError

from runtime.redis import redis_client

log = logging.getLogger("salesloop.allowance")
PATIENCE_SECONDS = 1
PAUSE_SECONDS = 5
MOST_VIEWERS = 10_000
SLAB_SECONDS = 0.25
"""How long a bucket takes to restore a slab."""

TAKE = """
local capacity, rate = tonumber(ARGV[1]), tonumber(ARGV[2])
local needed, wanted, returned = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(kept[1] or capacity), tonumber(kept[2] or now)
left = math.min(capacity, left + math.max(0, now - at) * rate / 1000 + returned)
local taken = 0
if left >= needed then
  taken = math.min(math.floor(left), wanted)
  left = left - taken
end
redis.call('HSET', KEYS[1], 'left', tostring(left), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(capacity / rate * 1000) + 1000)
return {taken, math.floor(left)}
"""


class Standing(NamedTuple):
    """What a viewer may spend now, about; how much it can be at most, and how much of it comes back in a second."""

    available: int
    capacity: int
    restore_rate: int


class Spent(Exception):
    """There is not enough left: how much there is, and after how many seconds there will be enough."""

    def __init__(self, available: int, retry_after_seconds: int) -> None:
        super().__init__(available)
        self.available, self.retry_after_seconds = available, retry_after_seconds


@dataclass(slots=True)
class _Share:
    """What this process holds of a viewer's bucket, and what was left in the bucket when it was last asked."""

    held: int
    left: float
    at: float
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Allowance:
    """The allowances of all viewers, by their names."""

    def __init__(self, redis_url: str, capacity: int, restore_rate: int) -> None:
        self.capacity, self.restore_rate = capacity, restore_rate
        self._slab = max(1, int(restore_rate * SLAB_SECONDS))
        self._redis = redis_client(redis_url)
        self._take = self._redis.register_script(TAKE)
        self._shares: OrderedDict[str, _Share] = OrderedDict()
        self._away_until = 0.0
        self._returning: set[asyncio.Task[Any]] = set()

    async def take(self, viewer: str, cost: int) -> Standing:
        """This will take the cost out of the allowance; what costs more than there can be needs a full one.

        Raises Spent, and then takes nothing.
        """
        cost = min(cost, self.capacity)
        share = self._share(viewer)
        if share.held < cost:
            async with share.asking:  # a crowd takes one slab after the other, not one each
                await self._fill(viewer, share, cost)
        share.held -= cost
        return self._standing(share)

    def settle(self, viewer: str, cost: int, actual: int) -> Standing:
        """This will give back what was taken and not used, and tell what there is now."""
        share = self._share(viewer)
        share.held = min(self.capacity, share.held + max(0, min(cost, self.capacity) - actual))
        if share.held > 2 * self._slab:
            excess, share.held = share.held - self._slab, self._slab
            share.left = min(self.capacity, self._left(share) + excess)
            share.at = time.monotonic()
            task = asyncio.ensure_future(self._asked(viewer, share, 0, 0, excess, restores=False))
            self._returning.add(task)
            task.add_done_callback(self._returning.discard)
        return self._standing(share)

    async def close(self) -> None:
        """This will let go of Redis."""
        await asyncio.gather(*self._returning, return_exceptions=True)
        await self._redis.aclose()

    async def _fill(self, viewer: str, share: _Share, cost: int) -> None:
        while share.held < cost:
            held, share.held = share.held, 0
            taken, left = await self._asked(viewer, share, cost, max(cost, self._slab), held)
            if not taken:
                raise Spent(left, max(1, ceil((cost - left) / self.restore_rate)))
            share.held += taken

    async def _asked(
        self, viewer: str, share: _Share, needed: int, wanted: int, returned: int, *, restores: bool = True
    ) -> tuple[int, int]:
        """Gives how much was taken, nothing where the bucket has less than is needed, and how much it has left."""
        if time.monotonic() >= self._away_until:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    arguments = [self.capacity, self.restore_rate, needed, wanted, returned]
                    taken, left = await self._take([f"salesloop:{{allowance}}:{viewer}"], arguments)
                share.left, share.at = float(left), time.monotonic()
                return int(taken), int(left)
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + PAUSE_SECONDS
                log.error("Redis does not answer; this process keeps its own allowances: %s", type(error).__name__)
        left = min(self.capacity, self._left(share) + (returned if restores else 0))
        taken = min(int(left), wanted) if left >= needed else 0
        share.left, share.at = left - taken, time.monotonic()
        return taken, int(share.left)

    def _share(self, viewer: str) -> _Share:
        share = self._shares.get(viewer)
        if share is None:
            share = self._shares[viewer] = _Share(0, self.capacity, time.monotonic())
            if len(self._shares) > MOST_VIEWERS:
                self._shares.popitem(last=False)
        return share

    def _left(self, share: _Share) -> float:
        return min(self.capacity, share.left + (time.monotonic() - share.at) * self.restore_rate)

    def _standing(self, share: _Share) -> Standing:
        available = min(self.capacity, int(self._left(share)) + share.held)
        return Standing(available, self.capacity, self.restore_rate)
