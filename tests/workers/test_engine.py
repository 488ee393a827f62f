"""The engine whole, over real PostgreSQL and Valkey: jobs run, come back, and are never done twice."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta

import pytest

from domain.customers.models import Customer
from domain.jobs.commands import cancel_job, start_job
from domain.jobs.models import Job, JobAttempt
from domain.jobs.rules import AttemptOutcome, JobState, Policy, Rate
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Invalid
from tests.waiting import eventually
from tests.workers.workplace import (
    NOW,
    asked,
    in_state,
    take_in,
    working,
)
from workers.kinds import RunningJob
from workers.log_tail import TailHandler

ONCE = Policy("test", max_attempts=1)
pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("empty_queue")]


@dataclass(frozen=True)
class Marked:
    """What the jobs are given whose order is looked at."""

    priority: int


async def test_jobs_run_with_their_effects(database: str, redis_url: str) -> None:
    before = await asked()
    async with working(database, redis_url, take_in):
        after = await asked()
        for job in (before, after):
            done = await in_state(job)
            assert (done.state, done.result, done.attempt) == (JobState.SUCCEEDED, {"names": 1}, 1)
    assert await Customer.all().count() == 2


async def test_a_failure_is_tried_again(database: str, redis_url: str) -> None:
    async def stumble(running: RunningJob) -> dict[str, int]:
        if running.claim.attempt == 1:
            raise RuntimeError("the first time")
        return {"attempt": running.claim.attempt}

    async with working(database, redis_url, stumble):
        done = await in_state(await asked())
    assert (done.state, done.result, done.error) == (JobState.SUCCEEDED, {"attempt": 2}, None)


async def test_a_job_that_always_fails_is_dead(database: str, redis_url: str) -> None:
    async def fail(running: RunningJob) -> None:
        raise RuntimeError("redis://user:secret@host/0 is gone")

    async with working(database, redis_url, fail, policy=ONCE):
        done = await in_state(await asked())
    assert done.state == JobState.DEAD
    assert done.error.startswith("RuntimeError")
    assert "secret" not in done.error


async def test_a_refusal_ends_a_job_at_once(database: str, redis_url: str) -> None:
    async def refuse(running: RunningJob) -> None:
        raise Invalid("The file is empty; send another.")

    async with working(database, redis_url, refuse):
        done = await in_state(await asked())
    assert (done.state, done.attempt, done.error) == (JobState.DEAD, 1, "The file is empty; send another.")


async def test_effects_of_a_failed_finish_are_undone(database: str, redis_url: str) -> None:
    async def half(running: RunningJob) -> None:
        async with running.finishing():
            await Customer.create(kind="person", name="half", created_at=NOW, updated_at=NOW)
            raise RuntimeError("in the middle")

    async with working(database, redis_url, half, policy=ONCE):
        await in_state(await asked())
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
        await in_state(job)


async def test_a_deploy_gives_the_job_back(database: str, redis_url: str) -> None:
    async def endless(running: RunningJob) -> None:
        await asyncio.Event().wait()

    async with working(database, redis_url, endless, grace_seconds=0.1) as stop:
        job = await asked()
        await in_state(job, JobState.RUNNING)
        stop.set()
        given_back = await in_state(job, JobState.QUEUED)
        assert given_back.attempt == 0
    async with working(database, redis_url, take_in):
        done = await in_state(job)
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 1)


async def test_a_worker_that_lost_its_lease_undoes_its_work(database: str, redis_url: str) -> None:
    async def overtaken(running: RunningJob) -> None:
        await Job.filter(id=running.claim.job_id).update(lease_token=None, state=JobState.DEAD)
        async with running.finishing():
            await Customer.create(kind="person", name="late", created_at=NOW, updated_at=NOW)

    async with working(database, redis_url, overtaken):
        job = await asked()
        await in_state(job, JobState.DEAD)
    assert await Customer.all().count() == 0


async def test_an_unknown_kind_waits_and_is_seen(database: str, redis_url: str) -> None:
    async with working(database, redis_url, take_in):
        job = await start_job("from the future", {}, by=SYSTEM, at=NOW)
        waiting = await eventually(lambda: Job.get_or_none(id=job.id, error__isnull=False))
    assert "from the future" in waiting.error
    assert (waiting.state, waiting.attempt) == (JobState.QUEUED, 0)


async def test_two_workers_share_without_repeating(database: str, redis_url: str) -> None:
    jobs = [await asked() for _ in range(40)]
    async with working(database, redis_url, take_in), working(database, redis_url, take_in):
        for job in jobs:
            await in_state(job)
    assert await Customer.all().count() == 40
    assert await Job.filter(attempt=1, state=JobState.SUCCEEDED).count() == 40


async def test_the_one_with_priority_goes_first(database: str, redis_url: str) -> None:
    order: list[int] = []

    async def note(running: RunningJob, payload: Marked) -> None:
        order.append(payload.priority)

    for priority in (0, 3, 1, 2, 3, 0, -1):
        last = await start_job("test", {"priority": priority}, by=SYSTEM, at=NOW, priority=priority)
    async with working(database, redis_url, note, at_once=1):
        await in_state(last)
    assert order == [3, 3, 2, 1, 0, 0, -1]


async def test_what_a_job_says_is_kept_legible(database: str, redis_url: str) -> None:
    async def babble(running: RunningJob) -> None:
        running.progress(1, 2, "half\0\ud800" + "x" * 400)
        await eventually(lambda: Job.filter(id=running.claim.job_id, progress_done=1).exists())
        raise RuntimeError("cannot read \0\ud800")

    async with working(database, redis_url, babble, policy=ONCE):
        done = await in_state(await asked())
    assert (done.state, done.error) == (JobState.DEAD, "RuntimeError: cannot read \ufffd\ufffd")
    assert done.progress_message == "half\ufffd\ufffd" + "x" * 294


async def test_a_job_that_takes_too_long_is_tried_again(database: str, redis_url: str) -> None:
    async def hang_once(running: RunningJob) -> None:
        if running.claim.attempt == 1:
            await asyncio.Event().wait()

    async with working(database, redis_url, hang_once, policy=Policy("test", timeout=timedelta(seconds=0.2))):
        job = await asked()
        failed = await eventually(lambda: Job.get_or_none(id=job.id, error__isnull=False))
        assert failed.error == "TookTooLong: It ran longer than 0.2 s."
        done = await in_state(job)
    assert (done.state, done.attempt) == (JobState.SUCCEEDED, 2)


async def test_a_job_that_cancels_itself_has_failed(database: str, redis_url: str) -> None:
    async def give_up(running: RunningJob) -> None:
        raise asyncio.CancelledError

    async with working(database, redis_url, give_up, policy=ONCE):
        done = await in_state(await asked())
    assert (done.state, done.attempt) == (JobState.DEAD, 1)


async def test_a_job_whose_row_is_locked_keeps_no_other_from_its_signs_of_life(database: str, redis_url: str) -> None:
    may_end = asyncio.Event()

    async def lock_or_tell(running: RunningJob, payload: Marked) -> None:
        if payload.priority == 1:
            async with running.finishing():
                await Job.select_for_update().get(id=running.claim.job_id)
                running.progress(1)  # which cannot be written now
                await may_end.wait()
        else:
            running.progress(2)
            await eventually(lambda: Job.filter(id=running.claim.job_id, progress_done=2).exists())

    async with working(database, redis_url, lock_or_tell, policy=Policy("test", lease=timedelta(seconds=2))):
        locking = await start_job("test", {"priority": 1}, by=SYSTEM, at=NOW)
        await in_state(locking, JobState.RUNNING)
        telling = await start_job("test", {"priority": 2}, by=SYSTEM, at=NOW)
        assert (await in_state(telling)).state == JobState.SUCCEEDED
        may_end.set()
        done = await in_state(locking)
    assert (done.state, done.attempt, done.progress_done) == (JobState.SUCCEEDED, 1, 1)


async def test_a_person_can_follow_the_log(database: str, redis_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "salesloop.jobs")
    async with working(database, redis_url, take_in):
        done = await in_state(await asked())
    name = f"job_{done.id.hex} test attempt 1"
    assert [
        record.getMessage().split(" (after")[0] for record in caplog.records if record.name == "salesloop.jobs"
    ] == [
        f"{name} begins",
        f"{name} succeeded",
    ]


async def test_a_running_job_is_called_off(database: str, redis_url: str) -> None:
    tidied: list[bool] = []

    async def endless(running: RunningJob) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            tidied.append(running.is_called_off)

    async with working(database, redis_url, endless):
        job = await asked()
        await in_state(job, JobState.RUNNING)
        await cancel_job(job.id, by=SYSTEM, at=NOW)
        done = await in_state(job)
    assert (done.state, tidied) == (JobState.CANCELLED, [True])
    assert await JobAttempt.all().values_list("outcome", flat=True) == [AttemptOutcome.CANCELLED]


async def test_what_a_job_logs_is_kept_with_it_and_with_its_attempts(database: str, redis_url: str) -> None:
    async def talk(running: RunningJob) -> None:
        logging.getLogger("anybody").warning("attempt %d, password=hunter2", running.claim.attempt)
        if running.claim.attempt == 1:
            raise RuntimeError("the first time")

    logging.getLogger().addHandler(handler := TailHandler())
    try:
        async with working(database, redis_url, talk):
            done = await in_state(await asked())
    finally:
        logging.getLogger().removeHandler(handler)
    assert "attempt 2, password=***" in (done.log_tail or "")
    attempts = await JobAttempt.all().order_by("started_at").values_list("outcome", "error", "log_tail")
    assert [(outcome, error) for outcome, error, _ in attempts] == [
        ("failed", "RuntimeError: the first time"),
        ("succeeded", None),
    ]
    assert "attempt 1" in attempts[0][2]


async def test_a_payload_that_does_not_fit_ends_the_job_with_a_sentence(database: str, redis_url: str) -> None:
    async with working(database, redis_url, take_in):
        for payload, words in (({"name": 5}, "payload.name"), ({"nam": "A"}, "nam"), ({"name": None}, "payload.name")):
            done = await in_state(await start_job("test", payload, by=SYSTEM, at=NOW))
            assert (done.state, done.attempt) == (JobState.DEAD, 1)
            assert words in (done.error or "")
    assert await Customer.all().count() == 0


async def test_an_error_that_is_not_worth_another_try_ends_the_job(database: str, redis_url: str) -> None:
    async def fail(running: RunningJob) -> None:
        raise KeyError("no use")

    async with working(database, redis_url, fail, retryable=lambda error: not isinstance(error, KeyError)):
        done = await in_state(await asked())
    assert (done.state, done.attempt) == (JobState.DEAD, 1)


async def test_a_result_that_is_no_json_is_a_failure_and_hurts_no_other(database: str, redis_url: str) -> None:
    async def give(running: RunningJob, payload: Marked) -> object:
        return {1, 2} if payload.priority == 1 else "fine"

    jobs = [await start_job("test", {"priority": number}, by=SYSTEM, at=NOW) for number in (1, 2, 3, 4)]
    async with working(database, redis_url, give, policy=ONCE):
        ended = [await in_state(job) for job in jobs]
    assert [job.state for job in ended] == [JobState.DEAD, *[JobState.SUCCEEDED] * 3]
    assert "TypeError" in (ended[0].error or "")


async def test_starts_keep_their_pace(database: str, redis_url: str) -> None:
    async with working(database, redis_url, take_in, policy=Policy("test", rate=Rate(2, 1.0))):
        jobs = [await asked() for _ in range(6)]
        starts = sorted([(await in_state(job)).started_at or NOW for job in jobs])
    assert all(later - first >= timedelta(seconds=0.95) for first, later in zip(starts, starts[2:], strict=False))
    assert await Job.filter(attempt=1).count() == 6
