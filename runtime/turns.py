"""Turns: how many things one party may have under way at once; the others of theirs wait in line, up to a number.

So nobody who asks for much at once takes every connection from everybody else.
"""

import asyncio
from collections import deque
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

    def turn(self, party: str) -> "Turn":
        """This will let a block run when it is its turn; entering it raises Crowded."""
        return Turn(self, party)

    async def take(self, party: str) -> None:
        """This will wait for a turn, which must be given back. Raises Crowded."""
        line = self._lines.get(party)
        if line is None:
            line = self._lines[party] = _Line()
        if line.running < self._at_once:
            line.running += 1
        else:
            await self._wait(party, line)

    def give_back(self, party: str) -> None:
        """This will end a turn; the next who waits has it."""
        self._hand_over(party, self._lines[party])

    async def _wait(self, party: str, line: _Line) -> None:
        if len(line.waiting) >= self._waiting:
            raise Crowded
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():
                self._hand_over(party, line)  # the turn came just now, and goes to the next
            raise

    def _hand_over(self, party: str, line: _Line) -> None:
        while line.waiting:
            following = line.waiting.popleft()
            if not following.done():
                following.set_result(None)
                return
        line.running -= 1
        if not line.running:
            del self._lines[party]


class Turn:
    """One turn of a party, for the length of a block."""

    __slots__ = ("_party", "_turns")

    def __init__(self, turns: Turns, party: str) -> None:
        self._turns, self._party = turns, party

    async def __aenter__(self) -> None:
        await self._turns.take(self._party)

    async def __aexit__(self, *_: object) -> None:
        self._turns.give_back(self._party)
