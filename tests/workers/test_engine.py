"""The engine whole, over real PostgreSQL and Valkey: jobs run, come back, and are never done twice."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.customers.models import Customer
from domain.jobs.commands import start_job
from domain.jobs.models import Job
from domain.jobs.rules import JobState
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Invalid
from runtime.redis import redis_client
from tests.waiting import eventually
from workers.carrier import QUEUE, open_carrier
from workers.kinds import Kind, RunningJob
from workers.main import work
from workers.relay import hand_over_due

pytestmark = pytest.mark.anyio
NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
async def empty_queue(redis_url: str) -> None:
    client = redis_client(redis_url)
    await client.flushall()
    await client.aclose()


@asynccontextmanager
async def working(database: str, redis_url: str, handler: Any, **more: Any) -> AsyncIterator[asyncio.Event]:
    """A worker that knows one kind of job, `test`."""
    stop = asyncio.Event()
    kinds = {"test": Kind("test", "A test.", handler, timedelta(seconds=60))}
    task = asyncio.create_task(work(database, redis_url, stop, kinds=kinds, **more))
    try:
        yield stop
    finally:
        stop.set()
        await task


async def asked(**more: Any) -> Job:
    return await start_job("test", {"name": "A"}, by=SYSTEM, at=NOW, **more)


def ended(job: Job, *states: JobState) -> Callable[[], Awaitable[Job | None]]:
    return lambda: Job.get_or_none(id=job.id, state__in=states or (JobState.SUCCEEDED, JobState.DEAD))


async def take_in(running: RunningJob) -> None:
    """Has one effect, which commits with the job's success or not at all."""
    running.progress(1, 2, "half way")
    async with running.finishing() as result:
        await Customer.create(kind="person", name=running.payload["name"], created_at=NOW, updated_at=NOW)
        result["names"] = 1


async def test_jobs_run_with_their_effects(database: str, redis_url: str) -> None:
    before = await asked()
    async with working(database, redis_url, take_in):
        after = await asked()
        for job in (before, after):
            done = await eventually(ended(job))
            assert (done.state, done.result, done.attempt) == (JobState.SUCCEEDED, {"names": 1}, 1)
    assert await Customer.all().count() == 2


async def test_a_failure_is_tried_again(database: str, redis_url: str) -> None:
    async def stumble(running: RunningJob) -> dict[str, int]:
        if running.claim.attempt == 1:
            raise RuntimeError("the first time")
        return {"attempt": running.claim.attempt}

    async with working(database, redis_url, stumble):
        done = await eventually(ended(await asked()))
    assert (done.state, done.result, done.error) == (JobState.SUCCEEDED, {"attempt": 2}, None)


async def test_a_job_that_always_fails_is_dead(database: str, redis_url: str) -> None:
    async def fail(running: RunningJob) -> None:
        raise RuntimeError("redis://user:secret@host/0 is gone")

    async with working(database, redis_url, fail):
        done = await eventually(ended(await asked(max_attempts=1)))
    assert done.state == JobState.DEAD
    assert done.error.startswith("RuntimeError")
    assert "secret" not in done.error


async def test_a_refusal_ends_a_job_at_once(database: str, redis_url: str) -> None:
    async def refuse(running: RunningJob) -> None:
        raise Invalid("The file is empty; send another.")

    async with working(database, redis_url, refuse):
        done = await eventually(ended(await asked()))
    assert (done.state, done.attempt, done.error) == (JobState.DEAD, 1, "The file is empty; send another.")


async def test_effects_of_a_failed_finish_are_undone(database: str, redis_url: str) -> None:
    async def half(running: RunningJob) -> None:
        async with running.finishing():
            await Customer.create(kind="person", name="half", created_at=NOW, updated_at=NOW)
            raise RuntimeError("in the middle")

    async with working(database, redis_url, half):
        await eventually(ended(await asked(max_attempts=1)))
    assert await Customer.all().count() == 0


async def test_progress_is_seen_while_a_job_runs(database: str, redis_url: str) -> None:
    go_on = asyncio.Event()

    async def slow(running: RunningJob) -> None:
        running.progress(7, 9, "seven of nine")
        await go_on.wait()

    async with working(database, redis_url, slow):
        job = await asked()
        seen = await eventually(lambda: Job.get_or_none(id=job.id, progress_done=7))
        assert (seen.state, seen.progress_total, seen.progress_message) == (JobState.RUNNING, 9, "seven of nine")
        go_on.set()
        await eventually(ended(job))


async def test_a_deploy_gives_the_job_back(database: str, redis_url: str) -> None:
    async def endless(running: RunningJob) -> None:
        await asyncio.Event().wait()

    async with working(database, redis_url, endless, grace_seconds=0.1) as stop:
        job = await asked()
        await eventually(ended(job, JobState.RUNNING))
        stop.set()
        given_back = await eventually(ended(job, JobState.QUEUED))
        assert given_back.attempt == 0
    async with working(database, redis_url, take_in):
        done = await eventually(ended(job))
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 1)


async def test_a_worker_that_lost_its_lease_undoes_its_work(database: str, redis_url: str) -> None:
    async def overtaken(running: RunningJob) -> None:
        await Job.filter(id=running.claim.job_id).update(lease_token=None, state=JobState.DEAD)
        async with running.finishing():
            await Customer.create(kind="person", name="late", created_at=NOW, updated_at=NOW)

    async with working(database, redis_url, overtaken):
        job = await asked()
        await eventually(ended(job, JobState.DEAD))
    assert await Customer.all().count() == 0


async def test_a_flushed_carrier_loses_nothing(database: str, redis_url: str) -> None:
    jobs = [await asked() for _ in range(5)]
    carrier = await open_carrier(redis_url)
    assert await hand_over_due(carrier) == 5
    assert await carrier.zcard(QUEUE) == 5
    await carrier.flushall()
    await carrier.aclose()
    await Job.all().update(dispatched_at=NOW)  # as if half a minute had passed
    async with working(database, redis_url, take_in):
        for job in jobs:
            assert (await eventually(ended(job))).state == JobState.SUCCEEDED
    assert await Customer.all().count() == 5


async def test_an_unknown_kind_waits_and_is_seen(database: str, redis_url: str) -> None:
    async with working(database, redis_url, take_in):
        job = await start_job("from the future", {}, by=SYSTEM, at=NOW)
        waiting = await eventually(lambda: Job.get_or_none(id=job.id, error__isnull=False))
    assert "from the future" in waiting.error
    assert waiting.state != JobState.DEAD


async def test_two_workers_share_without_repeating(database: str, redis_url: str) -> None:
    jobs = [await asked() for _ in range(40)]
    async with working(database, redis_url, take_in), working(database, redis_url, take_in):
        for job in jobs:
            await eventually(ended(job))
    assert await Customer.all().count() == 40
    assert await Job.filter(attempt=1, state=JobState.SUCCEEDED).count() == 40
