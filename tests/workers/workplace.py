"""Where the tests of the engine let workers work: real ones, in this process, that know one kind of job, `test`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.connection import get_connection

from domain.customers.models import Customer
from domain.jobs.commands import start_job
from domain.jobs.models import Job
from domain.jobs.rules import JobState
from domain.kernel.actor import SYSTEM
from tests.waiting import eventually
from workers.kinds import Handler, Kind, RunningJob
from workers.main import work

NOW = datetime(2024, 5, 1, tzinfo=UTC)
ENDS = (JobState.SUCCEEDED, JobState.DEAD)


@asynccontextmanager
async def working(
    database: str,
    redis_url: str,
    handler: Handler,
    *,
    lease: timedelta = timedelta(seconds=60),
    longest: timedelta | None = None,
    **more: Any,
) -> AsyncIterator[asyncio.Event]:
    """A worker for the length of the block; the event stops it."""
    stop = asyncio.Event()
    kinds = {"test": Kind("test", "A test.", handler, lease, longest)}
    task = asyncio.create_task(work(database, redis_url, stop, kinds=kinds, **more))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def asked(**more: Any) -> Job:
    return await start_job("test", {"name": "A"}, by=SYSTEM, at=NOW, **more)


async def in_state(job: Job, *states: JobState) -> Job:
    """The job, once it is in one of the states; of itself, once it has ended."""
    found = await eventually(lambda: Job.get_or_none(id=job.id, state__in=states or ENDS))
    assert found is not None
    return found


async def said(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return words in caplog.text


async def locks_are_awaited() -> bool:
    async with get_connection("default").acquire_connection() as connection:
        awaited: bool = await connection.fetchval("SELECT count(*) > 0 FROM pg_locks WHERE NOT granted")
        return awaited


async def no_locks_are_awaited() -> bool:
    return not await locks_are_awaited()


async def take_in(running: RunningJob) -> None:
    """Has one effect, which commits with the job's success or not at all."""
    running.progress(1, 2, "half way")
    async with running.finishing() as result:
        await Customer.create(kind="person", name=running.payload["name"], created_at=NOW, updated_at=NOW)
        result["names"] = 1
