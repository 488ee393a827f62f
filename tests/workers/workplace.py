"""Where the tests of the engine let workers work: real ones, in this process, that know one kind of job, `test`."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from tortoise.connection import get_connection

from domain.customers.models import Customer
from domain.jobs.commands import start_job
from domain.jobs.models import Job
from domain.jobs.rules import ENDED, JobState, Policy
from domain.kernel.actor import SYSTEM
from tests.waiting import eventually
from workers.kinds import Handler, Kind, RunningJob, payload_of, unless_refused
from workers.main import work

PLAIN = Policy("test")
NOW = datetime(2024, 5, 1, tzinfo=UTC)


@asynccontextmanager
async def working(
    database: str,
    redis_url: str,
    handler: Handler,
    *,
    policy: Policy = PLAIN,
    retryable: Callable[[Exception], bool] = unless_refused,
    **more: Any,
) -> AsyncIterator[asyncio.Event]:
    """A worker for the length of the block; the event stops it."""
    stop = asyncio.Event()
    kinds = {"test": Kind(policy, "A test.", handler, payload_of(handler), retryable=retryable)}
    task = asyncio.create_task(work(database, redis_url, stop, kinds=kinds, **more))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def asked(**more: Any) -> Job:
    return await start_job("test", {}, by=SYSTEM, at=NOW, **more)


async def in_state(job: Job, *states: JobState) -> Job:
    """The job, once it is in one of the states; of itself, once it has ended."""
    found = await eventually(lambda: Job.get_or_none(id=job.id, state__in=states or ENDED))
    assert found is not None
    return found


async def said(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return words in caplog.text


async def locks_are_awaited() -> bool:
    async with get_connection("default").acquire_connection() as connection:
        awaited: bool = await connection.fetchval("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
        return awaited


@dataclass(frozen=True)
class Taken:
    """What most tests give their jobs."""

    name: str = "A"


async def take_in(running: RunningJob, payload: Taken) -> None:
    """Has one effect, which commits with the job's success or not at all."""
    running.progress(1, 2, "half way")
    async with running.finishing() as result:
        await Customer.create(kind="person", name=payload.name, created_at=NOW, updated_at=NOW)
        result["names"] = 1
