"""The event log as one process follows it for all its subscribers: one reader, one listener, some events kept at hand.

Redis says that there is something new; the log says what. So whatever Redis loses, nothing is lost: the log is read on
by position, at the latest after some seconds. A subscriber has a position of its own and takes what stands behind it:
mostly from the events kept at hand, else from the log, as after a reconnect. So one who is slow holds nothing but a
position, and one who is too far behind is told to begin anew. Where nobody subscribes, nothing is read and no one
listens.
"""

import asyncio
import logging
from bisect import bisect_right
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import UUID

from api.graph.problems import Problem
from domain.kernel.events import Position, Told, count_on, horizon, read_on, read_position
from runtime.announcements import EVENTS, RECORDS, Listener
from runtime.outages import OUTAGES

log = logging.getLogger("salesloop.feed")
CHUNK = 500
KEPT = 2_000
REPLAYS_AT_ONCE = 4
RESUME_SECONDS = 0.5
ERASURE = "privacy.person.erased"
"""After it, events may say less than they did when they were read."""


class Feed:
    """What is new in the log and among records, for the subscribers of this process."""

    def __init__(self, redis_url: str, *, most_behind: int, look_every_seconds: float) -> None:
        self._redis_url = redis_url
        self._most_behind = most_behind
        self._look_every_seconds = look_every_seconds
        self._replays = asyncio.Semaphore(REPLAYS_AT_ONCE)
        self._followers = 0
        self._listener: Listener | None = None
        self._reader: asyncio.Task[None] | None = None
        self._kept: list[Told] = []
        self._since: Position | None = None
        self._until: Position | None = None
        self._woken = asyncio.Event()
        self._grown = asyncio.Event()
        self._watchers: dict[str, set[asyncio.Event]] = {}

    async def events(self, after: Position | None) -> AsyncGenerator[Told, None]:
        """This will give every event behind a position, or from now on, in order, each once, until closed.

        Raises Problem where there are too many to catch up with, and OUTAGES where the log cannot be read.
        """
        if after is None:
            after = await horizon()
        else:
            await self._refuse_to_catch_up(after)
        async with self._followed(after):
            is_behind = True
            while self._since is not None:
                grown, known = self._grown, self._at_hand(after)
                if known is None:
                    if not is_behind:
                        await self._refuse_to_catch_up(after)
                    is_behind = True
                    known, after = await self._from_log(after)
                else:
                    is_behind = False
                for told in known:
                    after = told.position
                    yield told
                if not known and self._at_hand(after) == []:
                    await grown.wait()

    async def touches(self, key: UUID) -> AsyncGenerator[None, None]:
        """This will say when a record may have changed: now, when it is called out, and now and then."""
        touched = asyncio.Event()
        watchers = self._watchers.setdefault(key.hex, set())
        watchers.add(touched)
        try:
            async with self._followed(None):
                while True:
                    touched.clear()
                    yield
                    with suppress(TimeoutError):
                        async with asyncio.timeout(self._look_every_seconds):
                            await touched.wait()
        finally:
            watchers.discard(touched)
            if not watchers:
                self._watchers.pop(key.hex, None)

    async def close(self) -> None:
        """This will end reading and listening, whoever still follows."""
        reader, self._reader = self._reader, None
        listener, self._listener = self._listener, None
        self._kept, self._since, self._until = [], None, None
        if reader is not None and listener is not None:
            reader.cancel()
            await asyncio.gather(reader, listener.end(), return_exceptions=True)

    def _at_hand(self, after: Position) -> list[Told] | None:
        """The kept events behind a position; None where some before them may be missing."""
        if self._since is None or after < self._since:
            return None
        return self._kept[bisect_right(self._kept, after, key=lambda told: told.position) :]

    async def _from_log(self, after: Position) -> tuple[list[Told], Position]:
        """The next events out of the log; where there are none, how far that is known."""
        reached = max(
            after, self._since or after
        )  # the log has been read up to there before, so all of it is to be seen
        async with self._replays:
            told = await read_on(after, at_most=CHUNK)
        return told, after if told else reached

    async def _refuse_to_catch_up(self, after: Position) -> None:
        async with self._replays:
            behind = await count_on(after, at_most=self._most_behind + 1)
        if behind is None:
            raise Problem("`after` names no event of this log; begin without it.", "BAD_CURSOR")
        if behind > self._most_behind:
            raise Problem(
                f"More than {self._most_behind:,} events happened since; read anew what you show, and subscribe "
                "without `after`.",
                "RESUME_TOO_OLD",
                allowed=self._most_behind,
            )

    @asynccontextmanager
    async def _followed(self, after: Position | None) -> AsyncIterator[None]:
        """Reads and listens as long as anybody follows, the log from where the first one of it begins."""
        self._followers += 1
        if self._reader is None:
            self._listener = Listener(self._redis_url, (EVENTS, RECORDS), self._heard)
            self._listener.begin()
            self._reader = asyncio.create_task(self._keep_reading())
        if self._since is None and after is not None:
            self._since = self._until = after
            self._woken.set()
        try:
            yield
        finally:
            self._followers -= 1
            if not self._followers:
                await self.close()

    async def _keep_reading(self) -> None:
        trouble = ""
        while True:
            self._woken.clear()
            try:
                await self._read()
                trouble = ""
            except Exception as error:  # a subscriber waits; whatever it is must not end the reading
                if trouble != type(error).__name__:
                    trouble = type(error).__name__
                    how = None if isinstance(error, OUTAGES) else error
                    log.warning("the event log cannot be read; trying on: %s", trouble, exc_info=how)
                await asyncio.sleep(RESUME_SECONDS)
                continue
            with suppress(
                TimeoutError
            ):  # `wait_for` of Python 3.11 forgets that it was cancelled where it is woken, too
                async with asyncio.timeout(self._look_every_seconds):
                    await self._woken.wait()

    async def _read(self) -> None:
        while self._until is not None and (told := await read_on(self._until, at_most=CHUNK)):
            if any(each.topic == ERASURE for each in told):
                self._since, self._kept = self._until, []
            self._kept += told
            self._until = told[-1].position
            if surplus := self._kept[: max(0, len(self._kept) - KEPT)]:
                self._since = surplus[-1].position
                self._kept = self._kept[len(surplus) :]
            self._grown.set()
            self._grown = asyncio.Event()

    def _heard(self, channel: str, message: str) -> None:
        if channel == EVENTS:
            position = read_position(message)
            if position is None or self._until is None or position > self._until:
                self._woken.set()
            return
        for key, watchers in self._watchers.items():
            if message in ("", key):
                for touched in watchers:
                    touched.set()
