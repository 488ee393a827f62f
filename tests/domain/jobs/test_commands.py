"""The verbs of the engine: fenced, unique, and by the database's clock."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from domain.jobs.commands import start_job
from domain.jobs.dispatching import Claim, claim, hand_over, take_back, undelivered
from domain.jobs.endings import (
    Beat,
    LeaseLost,
    Progress,
    cancellation,
    end,
    failure,
    postponement,
    recover,
    release,
    renew_all,
    success,
)
from domain.jobs.models import Job, JobAttempt
from domain.jobs.rules import AttemptOutcome, Dispatch, JobState, Policy
from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.clock import system_clock
from domain.kernel.events import Event
from domain.kernel.refusals import Unauthenticated
from tests.waiting import eventually
from tests.workers.workplace import locks_are_awaited

pytestmark = pytest.mark.anyio
NOW = datetime(2024, 5, 1, tzinfo=UTC)
LEASE = timedelta(seconds=60)
POLICY = Policy("test")
PAST = Policy("test", lease=timedelta(seconds=-1))
LAST = Policy("test", lease=timedelta(seconds=-1), max_attempts=1)


async def queued(**more: object) -> Job:
    return await start_job("test", {"n": 1}, by=SYSTEM, at=NOW, **more)  # type: ignore[arg-type]


async def handed(most: int = 10, policy: Policy = POLICY) -> list[Dispatch]:
    return list((await hand_over([policy], {"default": most}, most)).dispatches)


async def claimed(job: Job, policy: Policy = POLICY) -> Claim:
    (dispatch,) = await handed(1, policy)
    (held,) = await claim([(dispatch.job_id, dispatch.number)], [policy], "here")
    assert held.job_id == job.id
    return held


async def test_a_job_goes_its_way(database: str) -> None:
    job = await queued()
    held = await claimed(job)
    assert (held.kind, held.payload, held.attempt) == ("test", {"n": 1}, 1)
    assert await renew_all([(held, 60, Progress(3, 10, "three of ten"))]) == {job.id: Beat(True, False)}
    running = await Job.get(id=job.id)
    assert (running.state, running.progress_done, running.progress_message) == (JobState.RUNNING, 3, "three of ten")
    await end(success(held, {"answer": 42}, Progress(10, 10)))
    done = await Job.get(id=job.id)
    assert (done.state, done.result, done.lease_token) == (JobState.SUCCEEDED, {"answer": 42}, None)
    assert done.finished_at is not None


@pytest.mark.parametrize(("kind", "seconds"), [("test", 7), ("other", 10)])
async def test_a_job_is_claimed_for_the_lease_of_its_kind(database: str, kind: str, seconds: int) -> None:
    await queued()
    (dispatch,) = await handed()
    before = system_clock()
    await claim([(dispatch.job_id, dispatch.number)], [Policy(kind, lease=timedelta(seconds=7))], "here")
    lease_until = (await Job.get()).lease_until
    assert lease_until is not None
    assert timedelta(seconds=seconds - 1) < lease_until - before < timedelta(seconds=seconds + 5)


async def test_what_is_rolled_back_was_never_asked_for(database: str) -> None:
    with pytest.raises(RuntimeError):
        async with in_transaction():
            await queued()
            raise RuntimeError
    assert await Job.all().count() == 0
    assert await Event.all().count() == 0


async def test_one_live_job_per_key_even_in_a_race(database: str) -> None:
    jobs = await asyncio.gather(*(queued(unique_key="only") for _ in range(8)))
    assert len({job.id for job in jobs}) == 1
    held = await claimed(jobs[0])
    assert (await queued(unique_key="only")).id == jobs[0].id
    await end(success(held, None))
    assert (await queued(unique_key="only")).id != jobs[0].id


async def test_priority_goes_first(database: str) -> None:
    low, high = await queued(priority=0), await queued(priority=5)
    later = await queued(run_at=datetime(2999, 1, 1, tzinfo=UTC))
    first = await handed()
    assert first == [Dispatch(high.id, 1, 5, "default"), Dispatch(low.id, 1, 0, "default")]
    assert (await Job.get(id=later.id)).state == JobState.SCHEDULED
    numbers = [(dispatch.job_id, dispatch.number) for dispatch in first]
    assert set(await take_back(numbers)) == {low.id, high.id}
    assert await handed(1) == [Dispatch(high.id, 2, 5, "default")]
    assert await take_back(numbers) == []  # what is void stays void


async def test_a_second_delivery_is_dropped(database: str) -> None:
    job = await queued()
    await claimed(job)
    assert await claim([(job.id, 1), (job.id, 2)], [POLICY], "here") == []


async def test_a_stale_token_writes_nothing(database: str) -> None:
    job = await queued()
    stale = await claimed(job, PAST)
    assert await recover() == {job.id: JobState.QUEUED}
    fresh = await claimed(job)
    assert fresh.attempt == 2
    before = await Job.get(id=job.id).values()
    for ending in (
        success(stale, None),
        failure(stale, "x", LEASE),
        failure(stale, "x", None),
        postponement(stale, "x", LEASE),
        cancellation(stale),
        release(stale),
    ):
        with pytest.raises(LeaseLost):
            await end(ending)
    assert await renew_all([(stale, 60, Progress(1))]) == {}
    assert await JobAttempt.all().values_list("outcome", flat=True) == [AttemptOutcome.LOST]
    assert await Job.get(id=job.id).values() == before


async def test_the_last_attempt_ends_dead(database: str) -> None:
    job = await queued()
    await claimed(job, LAST)
    assert await recover() == {job.id: JobState.DEAD}
    assert "silent" in ((await Job.get(id=job.id)).error or "")


async def test_what_nobody_claims_is_found(database: str) -> None:
    job = await queued()
    await handed()
    assert await undelivered(timedelta(minutes=1)) == []
    assert await undelivered(timedelta(0)) == [(job.id, 1)]
    assert await take_back([(job.id, 1)]) == [job.id]
    assert await claim([(job.id, 1)], [POLICY], "here") == []
    assert (await Job.get(id=job.id)).attempt == 0


async def test_many_may_look_for_the_lost_at_once(database: str) -> None:
    jobs = [await queued() for _ in range(6)]
    numbers = [(dispatch.job_id, dispatch.number) for dispatch in await handed(6)]
    assert len(await claim(numbers, [PAST], "here")) == 6
    found = await asyncio.gather(*(recover() for _ in range(4)))
    assert sorted(job_id for some in found for job_id in some) == sorted(job.id for job in jobs)


async def test_a_job_that_is_ending_is_not_lost(database: str) -> None:
    job = await queued()
    held = await claimed(job, PAST)
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def ends_slowly() -> None:
        async with in_transaction():
            await end(success(held, None))
            written.set()
            await may_commit.wait()

    ending = asyncio.create_task(ends_slowly())
    await written.wait()
    assert await recover() == {}
    may_commit.set()
    await ending
    assert (await Job.get(id=job.id)).state == JobState.SUCCEEDED


async def test_nobody_asks_for_nothing(database: str) -> None:
    with pytest.raises(Unauthenticated):
        await start_job("test", {}, by=NOBODY, at=NOW)
    assert await Job.all().count() == 0


async def test_a_key_is_free_when_the_one_before_is_rolled_back(database: str) -> None:
    first_asked, may_end = asyncio.Event(), asyncio.Event()

    async def asks_and_withdraws() -> None:
        with pytest.raises(RuntimeError):
            async with in_transaction():
                await queued(unique_key="only")
                first_asked.set()
                await may_end.wait()
                raise RuntimeError

    first = asyncio.create_task(asks_and_withdraws())
    await first_asked.wait()
    second = asyncio.create_task(queued(unique_key="only"))
    await eventually(locks_are_awaited)
    may_end.set()
    await first
    job = await second
    assert await Job.all().values_list("id", flat=True) == [job.id]


async def test_a_job_put_off_costs_no_attempt(database: str) -> None:
    job = await queued()
    await end(postponement(await claimed(job), "no worker knows it", LEASE))
    waiting = await Job.get(id=job.id)
    assert (waiting.state, waiting.attempt, waiting.error) == (JobState.SCHEDULED, 0, "no worker knows it")
    assert await handed(1) == []
    assert not await JobAttempt.exists()


async def test_a_deploy_costs_no_attempt(database: str) -> None:
    job = await queued()
    await end(release(await claimed(job)))
    released = await Job.get(id=job.id)
    assert (released.state, released.attempt) == (JobState.QUEUED, 0)
