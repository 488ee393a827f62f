"""Limits hold with any number of relays: how many run at once, of a kind and of a key, and how many start."""

import asyncio
from datetime import timedelta

import pytest

from domain.jobs.commands import follow_up, start_job
from domain.jobs.dispatching import Claim, admit, claim, hand_over
from domain.jobs.endings import end, success
from domain.jobs.history import held_up
from domain.jobs.kinds import mark_unknown
from domain.jobs.models import Job, JobQueue
from domain.jobs.rules import Dispatch, JobState, Policy, Rate
from domain.kernel.actor import SYSTEM
from tests.domain.jobs.test_commands import NOW, handed, queued

pytestmark = pytest.mark.anyio


async def done(dispatches: list[Dispatch], policy: Policy) -> None:
    """What was handed over runs, and ends."""
    held = await claim([(dispatch.job_id, dispatch.number) for dispatch in dispatches], [policy], "here")
    for each in held:
        await end(success(each, None))
    await follow_up([each.job_id for each in held])


@pytest.mark.parametrize("relays", [1, 6])
async def test_no_more_of_a_kind_than_may_run_at_once(database: str, relays: int) -> None:
    policy = Policy("test", concurrency=3)
    for _ in range(8):
        await queued()
    found = await asyncio.gather(*(handed(10, policy) for _ in range(relays)))
    first = [dispatch for some in found for dispatch in some]
    assert len(first) == 3
    await claim([(first[0].job_id, first[0].number)], [policy], "here")
    assert await handed(10, policy) == []
    await done(first[1:], policy)
    assert len(await handed(10, policy)) == 2


async def test_no_more_of_a_key_than_may_run_at_once(database: str) -> None:
    policy = Policy("test", concurrency_per_key=2)
    for key in "aaaabbc":
        await queued(limit_key=key)
    free = await queued()
    first = await handed(10, policy)
    keys = [(await Job.get(id=dispatch.job_id)).limit_key for dispatch in first]
    assert sorted(map(str, keys)) == ["None", *"aabbc"]
    assert free.id in {dispatch.job_id for dispatch in first}
    assert await Job.filter(state=JobState.BLOCKED).count() == 2
    await done(first, policy)
    assert len(await handed(10, policy)) == 2
    assert await Job.filter(state=JobState.BLOCKED).count() == 0


async def test_a_key_that_is_full_holds_up_no_other(database: str) -> None:
    policy = Policy("test", concurrency_per_key=1)
    for _ in range(30):
        await queued(limit_key="full", priority=5)
    other = await queued(limit_key="free")
    handed_over: list[Dispatch] = []
    for _ in range(5):
        handed_over += await handed(10, policy)
    assert len(handed_over) == 2
    assert handed_over[-1].job_id == other.id


async def test_jobs_of_a_key_are_let_on_though_the_one_who_should_have_died(database: str) -> None:
    policy = Policy("test", concurrency_per_key=1)
    for _ in range(3):
        await queued(limit_key="a")
    (first,) = await handed(10, policy)
    held = await claim([(first.job_id, first.number)], [policy], "here")
    assert await held_up() == []
    await end(success(held[0], None))
    assert await handed(10, policy) == []
    await follow_up(await held_up())
    assert len(await handed(10, policy)) == 1


async def test_starts_keep_their_pace(database: str) -> None:
    policy = Policy("test", rate=Rate(2, 60, burst=2))
    for _ in range(5):
        await queued()
    first = await handed(10, policy)
    assert len(first) == 2
    assert await handed(10, policy) == []
    held = await claim([(dispatch.job_id, dispatch.number) for dispatch in first], [policy], "here")
    assert [await admit(each, policy) for each in held] == [None, None]
    found = await hand_over([policy], {"default": 10}, 10)
    assert found.dispatches == []
    assert found.next_in is not None
    assert timedelta(seconds=25) < found.next_in < timedelta(seconds=31)


async def test_each_that_comes_too_early_is_given_a_turn_of_its_own(database: str) -> None:
    policy = Policy("test", rate_per_key=Rate(1, 10))
    held: list[Claim] = []
    for _ in range(4):
        await queued(limit_key="a")
        (dispatch,) = await handed(1, policy)
        held += await claim([(dispatch.job_id, dispatch.number)], [policy], "here")
    waits = [await admit(each, policy) for each in held]
    assert waits[0] is None
    seconds = [wait.total_seconds() for wait in waits if wait is not None]
    assert seconds == pytest.approx([10, 20, 30], abs=1)


async def test_a_queue_that_is_paused_gives_nothing_out(database: str) -> None:
    policy, other = Policy("test", queue="slow"), Policy("other")
    await queued()
    await start_job("other", {}, by=SYSTEM, at=NOW)
    await JobQueue.create(name="slow", is_paused=True, created_at=NOW, updated_at=NOW)
    rooms = {"slow": 10, "default": 10}
    assert [each.queue for each in (await hand_over([policy, other], rooms, 10)).dispatches] == ["default"]
    await JobQueue.all().update(is_paused=False)
    assert [each.queue for each in (await hand_over([policy, other], rooms, 10)).dispatches] == ["slow"]


async def test_a_queue_takes_no_more_than_it_has_room_for(database: str) -> None:
    for kind in ("test", "test", "test", "other"):
        await start_job(kind, {}, by=SYSTEM, at=NOW)
    policies = [Policy("test", queue="narrow"), Policy("other")]
    found = (await hand_over(policies, {"narrow": 1, "default": 10}, 10)).dispatches
    assert sorted(each.queue for each in found) == ["default", "narrow"]


async def test_a_version_that_nobody_knows_waits_and_says_so(database: str) -> None:
    for version in (1, 2, 3):
        await queued(payload_version=version)
    policy = Policy("test", versions=(2, 2))
    (dispatch,) = await handed(10, policy)
    assert (await Job.get(id=dispatch.job_id)).payload_version == 2
    assert await mark_unknown(timedelta(0)) == 2
    told = await Job.filter(state=JobState.QUEUED).order_by("payload_version").values_list("error", flat=True)
    assert ["version 1" in told[0], "version 3" in told[1]] == [True, True]
    assert await mark_unknown(timedelta(0)) == 0
