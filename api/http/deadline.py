"""How long a request may take, and whether anybody still waits for its answer.

Where either ends, the task that works on it is cancelled, and with it the statement that runs in PostgreSQL; an open
transaction is rolled back. Nearly all requests are answered before anybody looks: one round looks after all that are
under way, and only for those that it finds again does anybody listen whether their client is still there.
"""

import asyncio
import time
from types import TracebackType
from typing import Self

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.graph.problems import Problem

ROUND_SECONDS = 0.05


class Deadlines:
    """The requests that are under way here, each of which may take some seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.under_way: set[Deadline] = set()
        self._is_looking = False
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop of all of them; asyncio looks it up by a call of the system, which takes a part of each request."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop

    def look(self) -> None:
        """This will see to it that somebody looks after those under way, until there are none."""
        if not self._is_looking:
            self._is_looking = True
            self.loop.call_later(ROUND_SECONDS, self._go_round)

    def _go_round(self) -> None:
        now = time.monotonic()
        for deadline in tuple(self.under_way):
            deadline.look(now)
        self._is_looking = False
        if self.under_way:
            self.look()


class Deadline:
    """Surrounds the work on one request, in the task that does it.

    Raises Problem (TIMEOUT) where the work takes too long, and ClientDisconnect where nobody is left to answer.
    """

    __slots__ = ("_all", "_begun", "_listening", "_reason", "_receive", "_task")

    def __init__(self, deadlines: Deadlines) -> None:
        self._all = deadlines
        self._receive: Receive | None = None
        self._listening: asyncio.Task[None] | None = None
        self._reason: Exception | None = None

    def heed(self, receive: Receive) -> None:
        """This will listen whether the client is still there; from now on nobody else may receive."""
        self._receive = receive

    def __enter__(self) -> Self:
        self._task = asyncio.current_task(self._all.loop)
        self._begun = time.monotonic()
        self._all.under_way.add(self)
        self._all.look()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._all.under_way.discard(self)
        if self._listening is not None:
            self._listening.cancel()
        if self._reason is not None and self._task is not None:
            self._task.uncancel()
            if kind is not None:
                raise self._reason from None

    def look(self, now: float) -> None:
        """This will end the work where it has taken too long, and listen to the client where it takes a while."""
        if now >= self._begun + self._all.seconds:
            self._end(_too_late(self._all.seconds))
        elif self._listening is None and self._receive is not None and now >= self._begun + ROUND_SECONDS:
            self._listening = asyncio.create_task(self._listen(self._receive))

    async def _listen(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._end(ClientDisconnect())

    def _end(self, reason: Exception) -> None:
        if self._reason is None and self._task is not None:
            self._reason = reason
            self._task.cancel()


def _too_late(seconds: float) -> Problem:
    message = (
        f"The request took longer than the {seconds:g} s that are allowed, and was stopped; what it had not finished "
        "is undone. Ask for less at once; repeat a mutation with its idempotency key."
    )
    return Problem(message, "TIMEOUT", limit="request_seconds", allowed=seconds)
