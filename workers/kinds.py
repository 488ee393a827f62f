"""How a kind of job is declared: an async function under `@job(…)`, and nothing else anywhere.

The function gets a RunningJob and returns the result, which must be JSON. It may be run again after a failure or a
lost worker, so work in steps that find out what is already done. What must happen just once goes into
`async with running.finishing(): …`: there the effects and the job's success commit together, or neither does.
`running.now()` is the time to hand to the domain. A Refusal ends the job as dead, with its sentence; any other
exception is tried again after a while. Long computation goes into `asyncio.to_thread`, lest the signs of life stop; a
thread cannot be cancelled, so let its pieces be short.

    @job("feedback.aggregate", description="Finds what customers talk about.", schedule=Every("*/15 * * * *", "Listen"))
    async def aggregate(running: RunningJob) -> dict[str, int]:
        running.progress(0, 2, "reading")
        read = await read_new()  # may be begun again
        async with running.finishing() as result:  # happens once
            result |= {"read": read, "themes": await gather(by=running.by, at=running.now())}
        return result
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tortoise.transactions import in_transaction

from domain.jobs.commands import Claim, succeed
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock

Handler = Callable[["RunningJob"], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Every:
    """The schedule that a kind has at first, until people change it: a cron line read in UTC, and what they call it."""

    cron: str
    title: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: its name, what it does, how it is run, how long a silent worker keeps it, how long it may take.

    Without `longest` it may take as long as it likes; without `schedule` it runs only when it is asked for.
    """

    name: str
    description: str
    handler: Handler
    lease: timedelta
    longest: timedelta | None = None
    schedule: Every | None = None


KINDS: dict[str, Kind] = {}
"""Every kind of job that this worker can run, by name."""


@dataclass(slots=True)
class RunningJob:
    """A job under way: what it was given, for whom it is done, and how far it is."""

    claim: Claim
    by: Actor
    now: Clock
    done: int = 0
    total: int | None = None
    message: str | None = None
    ending: bool = field(default=False)
    finished: bool = field(default=False)

    @property
    def payload(self) -> Any:
        return self.claim.payload

    def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """This will say how far the job is; people see it within a second."""
        self.done, self.total, self.message = done, total, message

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator[dict[str, Any]]:
        """This will open the job's last transaction and give the result to fill. Raises LeaseLost, undoing it."""
        result: dict[str, Any] = {}
        async with in_transaction():
            yield result
            self.ending = True
            await succeed(self.claim, result, self.done, self.total, self.message)
        self.finished = True


def job(
    name: str,
    *,
    description: str,
    lease_seconds: float = 60,
    timeout_seconds: float | None = None,
    schedule: Every | None = None,
) -> Callable[[Handler], Handler]:
    """This will declare the function below as a kind of job. Raises ValueError where the name is taken."""

    def declare(handler: Handler) -> Handler:
        if name in KINDS:
            raise ValueError(f"two kinds of job are called {name}")
        longest = timedelta(seconds=timeout_seconds) if timeout_seconds else None
        KINDS[name] = Kind(name, description, handler, timedelta(seconds=lease_seconds), longest, schedule)
        return handler

    return declare
