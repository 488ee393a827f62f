"""Allowances: one bucket for all processes, spent in slabs, given back, and kept by each where Redis is away."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from runtime.allowance import Allowance, Spent

pytestmark = pytest.mark.anyio
AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
async def pair(redis_url: str) -> AsyncIterator[tuple[Allowance, Allowance]]:
    """Two processes that share their buckets of 1,000, which restore next to nothing while the test runs."""
    both = Allowance(redis_url, 1_000, 4), Allowance(redis_url, 1_000, 4)
    yield both
    for each in both:
        await each.close()


async def test_two_processes_spend_one_bucket(pair: tuple[Allowance, Allowance]) -> None:
    here, there = pair
    viewer = uuid4().hex
    await here.take(viewer, 600)
    assert (await there.take(viewer, 390)).available <= 30
    with pytest.raises(Spent) as spent:
        await there.take(viewer, 300)
    assert 60 <= spent.value.retry_after_seconds <= 75
    assert (await here.take(uuid4().hex, 1)).available == 999


async def test_what_was_not_used_can_be_spent_again(pair: tuple[Allowance, Allowance]) -> None:
    here, there = pair
    viewer = uuid4().hex
    await here.take(viewer, 1_000)
    assert here.settle(viewer, 1_000, 100).available >= 900
    await here.close()  # which waits for what is on its way back
    assert (await there.take(viewer, 850)).available <= 60


async def test_a_crowd_takes_no_more_than_it_spends(pair: tuple[Allowance, Allowance]) -> None:
    here, there = pair
    viewer = uuid4().hex
    await asyncio.gather(*(here.take(viewer, 5) for _ in range(100)))
    await there.take(viewer, 490)
    with pytest.raises(Spent):
        await here.take(viewer, 200)


async def test_what_costs_more_than_there_can_be_needs_a_full_bucket(pair: tuple[Allowance, Allowance]) -> None:
    here, _ = pair
    viewer = uuid4().hex
    assert (await here.take(viewer, 5_000)).available <= 5
    with pytest.raises(Spent):
        await here.take(viewer, 5_000)


async def test_the_bucket_fills_up_again(redis_url: str) -> None:
    allowance, viewer = Allowance(redis_url, 100, 1_000), uuid4().hex
    await allowance.take(viewer, 100)
    with pytest.raises(Spent) as spent:
        await allowance.take(viewer, 100)
    assert spent.value.retry_after_seconds == 1
    async with asyncio.timeout(5):
        while True:
            try:
                await allowance.take(viewer, 100)
                break
            except Spent:
                await asyncio.sleep(0.02)
    await allowance.close()


async def test_without_redis_each_process_keeps_its_own() -> None:
    allowance, viewer = Allowance(AWAY, 1_000, 1), uuid4().hex
    await allowance.take(viewer, 900)
    with pytest.raises(Spent):
        await allowance.take(viewer, 900)
    await allowance.take(uuid4().hex, 900)
    allowance.settle(viewer, 900, 0)
    assert (await allowance.take(viewer, 900)).available <= 101
    await allowance.close()
