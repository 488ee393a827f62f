"""What arq is trusted with: to bring each dispatch soon, and to lose everything without harm."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from arq.connections import ArqRedis

from domain.customers.models import Customer
from domain.jobs.models import Job
from domain.jobs.rules import Dispatch, JobState, Policy
from domain.kernel.clock import system_clock
from tests.waiting import eventually
from tests.workers.workplace import asked, in_state, said, take_in, working
from workers.carrier import QUEUES, carrier_at, hand_to
from workers.kinds import RunningJob
from workers.relay import WINDOW, hand_over_due
from workers.sweeper import sweep

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("empty_queue")]
AT_ONCE = timedelta(0)
POLICIES, QUEUE_NAMES, QUEUE = [Policy("test")], ["default"], QUEUES + "default"


@pytest.fixture
async def carrier(redis_url: str) -> AsyncIterator[ArqRedis]:
    client = carrier_at(redis_url)
    yield client
    await client.aclose(close_connection_pool=True)


async def test_a_flushed_carrier_loses_nothing(database: str, redis_url: str, carrier: ArqRedis) -> None:
    jobs = [await asked() for _ in range(5)]
    await hand_over_due(carrier, POLICIES, system_clock)
    assert await carrier.zcard(QUEUE) == 5
    await carrier.flushall()
    await sweep(carrier, QUEUE_NAMES, AT_ONCE)
    async with working(database, redis_url, take_in):
        for job in jobs:
            assert (await in_state(job)).state == JobState.SUCCEEDED
    assert await Customer.all().count() == 5


async def test_a_job_that_waits_its_turn_is_not_taken_for_lost(database: str, carrier: ArqRedis) -> None:
    job = await asked()
    await hand_over_due(carrier, POLICIES, system_clock)
    await sweep(carrier, QUEUE_NAMES, AT_ONCE)
    waiting = await Job.get(id=job.id)
    assert (waiting.state, waiting.dispatch) == (JobState.DISPATCHED, 1)


async def test_a_second_delivery_is_dropped(
    database: str, redis_url: str, carrier: ArqRedis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with working(database, redis_url, take_in):
        done = await in_state(await asked())
        await hand_to(carrier, [Dispatch(done.id, done.dispatch, 0, "default")], system_clock())
        await eventually(lambda: said(caplog, "delivered twice"))
    assert (await Customer.all().count(), (await Job.get(id=done.id)).attempt) == (1, 1)


async def test_the_window_is_bounded_and_holds_only_what_waits(
    database: str, redis_url: str, carrier: ArqRedis
) -> None:
    for _ in range(WINDOW + 5):
        await asked()
    for _ in range(2):
        await hand_over_due(carrier, POLICIES, system_clock)
        assert await carrier.zcard(QUEUE) == WINDOW
    go_on = asyncio.Event()

    async def wait(_: RunningJob) -> None:
        await go_on.wait()

    async with working(database, redis_url, wait, at_once=5):
        await eventually(lambda: _counts(carrier, running=5, waiting=WINDOW))
        go_on.set()
        await eventually(_all_ended, 30)
    assert await carrier.zcard(QUEUE) == 0


async def test_what_is_planted_in_the_carrier_is_dropped(database: str, redis_url: str, carrier: ArqRedis) -> None:
    for number, planted in enumerate((b"\x80\x04N.", b"null", b'{"f":"run","a":["x"],"k":{},"t":null,"et":1}')):
        await carrier.set(f"arq:job:planted{number}", planted)
        await carrier.zadd(QUEUE, {f"planted{number}": 1})
    async with working(database, redis_url, take_in):
        assert (await in_state(await asked())).state == JobState.SUCCEEDED
        await eventually(lambda: _is_empty(carrier))


async def _is_empty(carrier: ArqRedis) -> bool:
    return await carrier.zcard(QUEUE) == 0


async def _counts(carrier: ArqRedis, *, running: int, waiting: int) -> bool:
    dispatched = await Job.filter(state=JobState.DISPATCHED).count()
    return (await Job.filter(state=JobState.RUNNING).count(), dispatched, await carrier.zcard(QUEUE)) == (
        running,
        waiting,
        waiting,
    )


async def _all_ended() -> bool:
    return not await Job.exclude(state=JobState.SUCCEEDED).exists()
