"""What a worker survives, and what its jobs survive when it does not: processes that are killed, engines that go."""

import asyncio
import logging
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.customers.models import Customer
from domain.jobs.commands import start_job
from domain.jobs.models import Job
from domain.jobs.rules import JobState, Policy
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.database import connected, migrate
from runtime.embedded import Running, throwaway
from runtime.redis import redis_client
from tests.waiting import eventually
from tests.workers.labour import DONE, GO_ON, KIND
from tests.workers.workplace import NOW, asked, in_state, said, take_in, working
from workers.carrier import QUEUES
from workers.kinds import KINDS, RunningJob
from workers.main import work

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("empty_queue")]
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def labouring(database: str, redis_url: str) -> AsyncIterator[Process]:
    """A worker process; killed at the end of the block, if it still runs."""
    command = [sys.executable, "-m", "tests.workers.labour", database, redis_url]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stderr=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def go_on() -> None:
    await Customer.create(kind="person", name=GO_ON, created_at=NOW, updated_at=NOW)


async def _is_let_go(job: Job) -> bool:
    """Its lease has run out, or a worker that was slow has given it back before it was killed."""
    return not await Job.exists(id=job.id, lease_until__gte=system_clock())


async def test_another_worker_finishes_what_a_killed_one_began(database: str, redis_url: str) -> None:
    job = await start_job(KIND, {}, by=SYSTEM, at=NOW)
    async with labouring(database, redis_url) as process:
        await in_state(job, JobState.RUNNING)
        process.kill()
        await process.wait()
    await go_on()
    stop = asyncio.Event()
    await eventually(lambda: _is_let_go(job))
    unhurried = replace(KINDS[KIND], policy=Policy(KIND))
    second = asyncio.create_task(work(database, redis_url, stop, kinds={KIND: unhurried}))
    done = await in_state(job)
    stop.set()
    await second
    assert done.state == JobState.SUCCEEDED
    assert done.attempt >= 2
    assert await Customer.filter(name=DONE).count() == 1
    client = redis_client(redis_url)
    assert await client.zcard(QUEUES + "default") == 0  # the killed one leaves nothing that narrows the window
    await client.aclose()


@pytest.mark.parametrize("finishes", [True, False])
async def test_a_deploy_lets_a_job_finish_or_gives_it_back(database: str, redis_url: str, finishes: bool) -> None:
    job = await start_job(KIND, {}, by=SYSTEM, at=NOW)
    async with labouring(database, redis_url) as process:
        await in_state(job, JobState.RUNNING)
        process.terminate()
        if finishes:
            await go_on()
        _, told = await process.communicate()
    left = await Job.get(id=job.id)
    assert process.returncode == 0
    assert (left.state, left.attempt) == ((JobState.SUCCEEDED, 1) if finishes else (JobState.QUEUED, 0))
    assert await Customer.filter(name=DONE).count() == finishes
    assert ("succeeded" if finishes else "given back") in told.decode()


@pytest.fixture(scope="module")
def mortal() -> Iterator[Running]:
    """Engines of this module's own, to be stopped and started."""
    with throwaway() as running:
        asyncio.run(migrate(running.database_url))
        yield running


@pytest.mark.parametrize("engine", ["postgres", "valkey"])
async def test_a_job_under_way_survives_the_loss_of_an_engine(
    mortal: Running, engine: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    begun: list[RunningJob] = []
    may_end = asyncio.Event()

    async def wait(running: RunningJob) -> None:
        begun.append(running)
        await may_end.wait()

    lost = next(each for each in mortal.owned if each.name == engine)
    async with (
        connected(mortal.database_url),
        working(
            mortal.database_url,
            mortal.redis_url,
            wait,
            grace_seconds=0.1,
            policy=Policy("test", lease=timedelta(seconds=30)),
        ),
    ):
        job = await asked()
        await in_state(job, JobState.RUNNING)
        await asyncio.to_thread(lost.stop)
        begun[0].progress(1)  # which cannot be written while PostgreSQL is away
        await eventually(lambda: said(caplog, "is cut off and waits"))
        if engine == "postgres":
            await eventually(lambda: said(caplog, "goes on though cut off"))
        await asyncio.to_thread(lost.start)
        may_end.set()
        done = await in_state(job)
        assert (done.state, done.attempt, done.progress_done) == (JobState.SUCCEEDED, 1, 1)
        after = await in_state(await asked())
        assert (after.state, after.attempt) == (JobState.SUCCEEDED, 1)
        await eventually(lambda: said(caplog, "works again"))
    assert [running.claim.attempt for running in begun] == [1, 1]
    told = [record.getMessage().split(" (")[0] for record in caplog.records if "is cut off" in record.getMessage()]
    assert len(told) == len(set(told))


async def test_a_worker_waits_for_engines_that_are_not_there_yet(mortal: Running) -> None:
    valkey = next(each for each in mortal.owned if each.name == "valkey")
    async with connected(mortal.database_url):
        valkey.stop()
        async with working(mortal.database_url, mortal.redis_url, take_in):
            job = await asked()
            await asyncio.to_thread(valkey.start)
            assert (await in_state(job)).state == JobState.SUCCEEDED
