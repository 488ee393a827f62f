"""Turns: how many things one party may have under way at once; the others of theirs wait in line, up to a number.

So nobody who asks for much at once takes every connection from everybody else.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


class Crowded(Exception):
    """The party has too many waiting already."""


@dataclass(slots=True)
class _Line:
    """What one party has under way, and those who wait for their turn."""

    running: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Turns:
    """Gives turns to parties, by their names; one that has nothing under way takes no memory."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._at_once = at_once
        self._waiting = waiting
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def turn(self, party: str) -> AsyncIterator[None]:
        """This will let the block run when it is its turn. Raises Crowded."""
        line = self._lines.setdefault(party, _Line())
        if line.running < self._at_once:
            line.running += 1
        else:
            await self._wait(line)
        try:
            yield
        finally:
            self._pass_on(party, line)

    async def _wait(self, line: _Line) -> None:
        if len(line.waiting) >= self._waiting:
            raise Crowded
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._hand_over(line)  # the turn came just now, and goes to the next
            raise

    def _pass_on(self, party: str, line: _Line) -> None:
        self._hand_over(line)
        if not line.running:
            self._lines.pop(party, None)

    def _hand_over(self, line: _Line) -> None:
        while line.waiting:
            following = line.waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        line.running -= 1
