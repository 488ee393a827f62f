"""Those who ask for jobs: windows without duplicates, batches and chains, calling off, running again."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.transactions import in_transaction

from domain.jobs.commands import (
    AlreadyRunning,
    JobRequest,
    cancel_job,
    follow_up,
    replay_jobs,
    retry_job,
    start_batch,
    start_chain,
    start_job,
)
from domain.jobs.endings import end, failure, renew_all, success
from domain.jobs.history import forget_jobs, held_up
from domain.jobs.models import Job, JobAttempt
from domain.jobs.queries import outcomes_before
from domain.jobs.rules import JobState
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Forbidden, NotFound
from tests.domain.jobs.test_commands import NOW, claimed, handed, queued
from tests.people import a_colleague, acting

pytestmark = pytest.mark.anyio


async def states(*jobs: Job) -> list[str]:
    """Where the jobs stand, in their order."""
    found = {job.id: str(job.state) for job in await Job.all()}
    return [found[job.id] for job in jobs]


async def ends(job: Job, *, well: bool = True) -> None:
    """The job is claimed and ends."""
    held = await claimed(job)
    await end(success(held, None) if well else failure(held, "broken", None))
    await follow_up([job.id])


async def test_within_its_window_the_same_is_not_done_again(database: str) -> None:
    window = timedelta(minutes=1)
    first = await queued(unique_key="only", unique_for=window)
    await ends(first)
    assert (await queued(unique_key="only", unique_for=window)).id == first.id
    assert (await queued(unique_key="other", unique_for=window)).id != first.id
    await Job.filter(id=first.id).update(unique_until=NOW)
    assert (await queued(unique_key="only", unique_for=window)).id != first.id


async def test_within_its_window_the_same_is_asked_for_once_in_a_race(database: str) -> None:
    jobs = await asyncio.gather(*(queued(unique_key="only", unique_for=timedelta(minutes=1)) for _ in range(8)))
    assert len({job.id for job in jobs}) == 1


async def test_a_chain_goes_on_as_each_succeeds(database: str) -> None:
    one, two, three = await start_chain([JobRequest("test", {"n": n}) for n in range(3)], by=SYSTEM, at=NOW)
    assert await states(one, two, three) == ["queued", "waiting", "waiting"]
    await ends(one)
    assert await states(one, two, three) == ["succeeded", "queued", "waiting"]
    await ends(two)
    await ends(three)
    assert await states(one, two, three) == ["succeeded"] * 3


async def test_a_dead_link_holds_up_the_chain_until_it_is_run_again(database: str) -> None:
    one, two = await start_chain([JobRequest("test"), JobRequest("test")], by=SYSTEM, at=NOW)
    await ends(one, well=False)
    assert await states(one, two) == ["dead", "waiting"]
    assert await held_up() == []
    await retry_job(one.id, by=SYSTEM, at=NOW)
    await ends(one)
    assert await states(one, two) == ["succeeded", "queued"]


async def test_a_chain_that_is_called_off_is_called_off_to_its_end(database: str) -> None:
    jobs = await start_chain([JobRequest("test")] * 3, by=SYSTEM, at=NOW)
    await cancel_job(jobs[0].id, by=SYSTEM, at=NOW)
    assert await states(*jobs) == ["cancelled"] * 3
    assert "called off" in ((await Job.get(id=jobs[2].id)).error or "")


async def test_a_batch_ends_with_its_last_job(database: str) -> None:
    batch = await start_batch([JobRequest("test")] * 3, then=JobRequest("test", {"last": True}), by=SYSTEM, at=NOW)
    last = await Job.get(batch_id=batch, waits_for__isnull=False)
    members = await Job.filter(batch_id=batch, then_id=last.id).order_by("id")
    await ends(members[0])
    await ends(members[1], well=False)
    assert await states(last) == ["waiting"]
    await cancel_job(members[2].id, by=SYSTEM, at=NOW)
    assert await states(last) == ["queued"]
    assert await outcomes_before(last.id) == {JobState.SUCCEEDED: 1, JobState.DEAD: 1, JobState.CANCELLED: 1}


async def test_a_batch_of_nothing_is_over_at_once(database: str) -> None:
    batch = await start_batch([], then=JobRequest("test"), by=SYSTEM, at=NOW)
    assert (await Job.get(batch_id=batch)).state == JobState.QUEUED


async def test_who_ended_a_job_and_died_before_it_let_the_next_on_is_made_up_for(database: str) -> None:
    one, two = await start_chain([JobRequest("test"), JobRequest("test")], by=SYSTEM, at=NOW)
    await end(success(await claimed(one), None))
    assert await states(two) == ["waiting"]
    await follow_up(await held_up())
    assert await states(two) == ["queued"]
    assert await held_up() == []


@pytest.mark.parametrize("begun", [False, True])
async def test_a_job_that_nobody_runs_is_called_off_at_once(database: str, begun: bool) -> None:
    job = await queued()
    if begun:
        await handed()
    assert (await cancel_job(job.id, by=SYSTEM, at=NOW)).state == JobState.CANCELLED
    assert await handed() == []


async def test_a_running_job_hears_that_it_is_called_off(database: str) -> None:
    job = await queued()
    held = await claimed(job)
    assert (await cancel_job(job.id, by=SYSTEM, at=NOW)).state == JobState.RUNNING
    beats = await renew_all([(held, 60, success(held, None).progress)])
    assert beats[job.id].is_called_off
    await end(success(held, None))  # too late: what is done is done
    assert (await cancel_job(job.id, by=SYSTEM, at=NOW)).state == JobState.SUCCEEDED


async def test_nobody_touches_what_they_do_not_see(database: str) -> None:
    job = await queued()
    stranger = await acting(await a_colleague())
    for verb in (cancel_job, retry_job):
        with pytest.raises(NotFound):
            await verb(job.id, by=stranger, at=NOW)
    with pytest.raises(Forbidden):
        await replay_jobs({}, by=stranger, at=NOW)
    assert await states(job) == ["queued"]


async def test_what_is_run_again_has_all_its_attempts_and_keeps_its_history(database: str) -> None:
    job = await queued()
    await ends(job, well=False)
    again = await retry_job(job.id, by=SYSTEM, at=NOW)
    assert (again.state, again.attempt, again.replays, again.error) == (JobState.QUEUED, 0, 1, None)
    await ends(job)
    outcomes = await JobAttempt.filter(job_id=job.id).order_by("started_at").values_list("number", "outcome")
    assert outcomes == [(1, "failed"), (1, "succeeded")]
    assert (await retry_job(job.id, by=SYSTEM, at=NOW)).state == JobState.SUCCEEDED


async def test_a_key_that_is_taken_keeps_a_job_from_running_again(database: str) -> None:
    dead = await queued(unique_key="only")
    await ends(dead, well=False)
    await queued(unique_key="only")
    with pytest.raises(AlreadyRunning):
        await retry_job(dead.id, by=SYSTEM, at=NOW)
    assert await replay_jobs({}, by=SYSTEM, at=NOW) == 0


async def test_many_dead_are_run_again_the_oldest_first(database: str) -> None:
    jobs = [await queued() for _ in range(4)]
    for job in jobs:
        await ends(job, well=False)
    assert await replay_jobs({"at_most": 2}, by=SYSTEM, at=NOW) == 2
    assert await states(*jobs) == ["queued", "queued", "dead", "dead"]
    assert await replay_jobs({"error_contains": "unheard of"}, by=SYSTEM, at=NOW) == 0
    assert await replay_jobs({"kind": "other"}, by=SYSTEM, at=NOW) == 0


async def test_what_is_rolled_back_rings_no_bell_and_calls_nothing_off(database: str) -> None:
    job = await queued()
    with pytest.raises(RuntimeError):
        async with in_transaction():
            await cancel_job(job.id, by=SYSTEM, at=NOW)
            raise RuntimeError
    assert await states(job) == ["queued"]


async def test_history_is_forgotten_after_its_time(database: str) -> None:
    old, new, chained = await queued(), await queued(), await start_chain([JobRequest("test")] * 2, by=SYSTEM, at=NOW)
    for job in (old, new):
        await ends(job)
    await ends(chained[0], well=False)
    past = datetime.now(UTC) - timedelta(days=40)
    await Job.filter(id__in=[old.id, chained[0].id]).update(finished_at=past)
    assert await forget_jobs(timedelta(days=30)) == 1
    assert sorted(await Job.all().values_list("id", flat=True)) == sorted([new.id, *(job.id for job in chained)])
    assert not await JobAttempt.filter(job_id=old.id).exists()


async def test_a_job_in_the_past_and_one_in_the_future(database: str) -> None:
    past = await start_job("test", {}, by=SYSTEM, at=NOW, run_at=NOW)
    future = await start_job("test", {}, by=SYSTEM, at=NOW, run_at=datetime(2999, 1, 1, tzinfo=UTC))
    assert await states(past, future) == ["queued", "scheduled"]
    await Job.filter(id=future.id).update(run_at=NOW)
    assert {dispatch.job_id for dispatch in await handed()} == {past.id, future.id}
