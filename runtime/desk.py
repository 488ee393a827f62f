"""Slow work aside: in a few threads of its own, so that it never holds the event loop, nor more than its share."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

Aside = Callable[..., Awaitable[Any]]


class Crowded(Exception):
    """Nobody else may wait just now."""


class Desk:
    """A few are served at once, a bounded number waits, and whoever comes then is sent away."""

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = asyncio.Semaphore(threads)
        self._room = threads + waiting

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Aside]:
        """This will wait for a turn and give what runs a function in a thread. Raises Crowded."""
        if not self._room:
            raise Crowded
        self._room -= 1
        try:
            async with self._free:
                yield self._aside
        finally:
            self._room += 1

    async def _aside(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    def close(self) -> None:
        """This will end the threads as soon as they are done."""
        self._threads.shutdown(wait=False)
