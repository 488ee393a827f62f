"""What every peer is measured by: the same clock, in the process that does the jobs."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

AT_ONCE = 32
ASKED_ONE_BY_ONE = 100
PAUSE_SECONDS = 0.05


class Stopwatch:
    """Counts jobs, and times those that are asked for one by one; `wanted` jobs are asked for beforehand."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.done = 0
        self.began = self.first = self.last = 0.0
        self.lags: list[float] = []

    def start(self) -> None:
        """The worker begins."""
        self.began = time.perf_counter()

    def tick(self, asked: float = 0.0) -> None:
        """A job runs that does nothing; `asked` is when it was asked for, of one that is timed."""
        if asked:
            self.lags.append(time.time() - asked)
            return
        self.done += 1
        self.last = time.perf_counter()
        self.first = self.first or self.last

    @property
    def is_empty(self) -> bool:
        """Whether the jobs that were asked for beforehand are done."""
        return self.done >= self.wanted

    @property
    def is_over(self) -> bool:
        """Whether all that is timed is done, too."""
        return len(self.lags) >= ASKED_ONE_BY_ONE

    def tell(self) -> None:
        """This will print jobs a second, from the first to the last, and the 50th and 95th percentile of the lag."""
        lags = sorted(self.lags)
        per_second = (self.done - 1) / (self.last - self.first)
        at = {f"p{part}": lags[int(len(lags) * part / 100)] * 1000 for part in (50, 95)}
        print(json.dumps({"per_second": per_second, **at}), file=sys.__stdout__, flush=True)

    async def look_on(self, ask: Callable[[float], Awaitable[Any]]) -> None:
        """This will ask for what is timed when all else is done, and say what it found when that is."""
        while not self.is_empty:  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_SECONDS)
        for _ in range(ASKED_ONE_BY_ONE):
            await ask(time.time())
            await asyncio.sleep(PAUSE_SECONDS)
        while not self.is_over:  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_SECONDS)
        self.tell()
