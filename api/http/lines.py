"""Lines: the sockets and streams that stay open, counted for the process and for each user; too many are refused."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from domain.kernel.actor import Actor


class TooManyLines(Exception):
    """A line more than may be open at once; the text says of whom."""


class Lines:
    """The lines that are open in this process, and whether it is about to leave."""

    def __init__(self, at_most: int, at_most_of_user: int) -> None:
        self._at_most, self._at_most_of_user = at_most, at_most_of_user
        self._open = 0
        self._of_users: Counter[str] = Counter()
        self.leaving = asyncio.Event()

    def leave(self) -> None:
        """This will have streams end at once; their clients connect anew, and resume elsewhere."""
        self.leaving.set()

    @contextmanager
    def line(self) -> Iterator[None]:
        """This will count a line while the block runs. Raises TooManyLines."""
        if self._open >= self._at_most:
            raise TooManyLines(f"This server keeps at most {self._at_most} connections open; come back later.")
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1

    @contextmanager
    def of(self, actor: Actor, address: str) -> Iterator[None]:
        """This will count a line as its user's, or as a stranger's at an address. Raises TooManyLines."""
        user = str(actor.user_id or address)
        if self._of_users[user] >= self._at_most_of_user:
            raise TooManyLines(f"You may have {self._at_most_of_user} connections open here; close one of them.")
        self._of_users[user] += 1
        try:
            yield
        finally:
            self._of_users[user] -= 1
            if not self._of_users[user]:
                del self._of_users[user]
