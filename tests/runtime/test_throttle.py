"""Counting attempts: in Redis for all processes, in this one where Redis does not answer."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from uuid import uuid4

import pytest

from runtime import throttle
from runtime.redis import redis_client
from runtime.throttle import Attempt, Limit, Throttle, TooMany
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
Make = Callable[[int], Throttle]


@pytest.fixture(params=["in Redis", "in this process"])
async def make(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> AsyncIterator[Make]:
    """Makes throttles of one kind, of so many seconds; they share what they count only in Redis."""
    kind, made = uuid4().hex, list[Throttle]()
    url = redis_url if request.param == "in Redis" else f"unix://{tmp_path}/nobody.sock"

    def make(seconds: int) -> Throttle:
        made.append(Throttle(kind, url, seconds))
        return made[-1]

    yield make
    for each in made:
        await each.close()


async def refusals(throttle: Throttle, times: int, *limits: Limit) -> list[bool]:
    return [not isinstance(await attempt(throttle, *limits), Attempt) for _ in range(times)]


async def attempt(throttle: Throttle, *limits: Limit) -> Attempt | TooMany:
    try:
        return await throttle.begin(*limits)
    except TooMany as many:
        return many


async def test_a_full_window_refuses_and_says_when_to_return(make: Make) -> None:
    throttle = make(60)
    assert await refusals(throttle, 3, Limit("a", 3), Limit("b", 9)) == [False] * 3
    many = await attempt(throttle, Limit("b", 9), Limit("a", 3))
    assert isinstance(many, TooMany)
    assert many.key == "a"
    assert 58 <= many.retry_after_seconds <= 60
    assert await refusals(throttle, 7, Limit("b", 9)) == [False] * 6 + [True]  # what was refused counted nowhere


async def test_many_at_once_do_not_slip_by(make: Make) -> None:
    throttle = make(60)
    found = await asyncio.gather(*(attempt(throttle, Limit("a", 5)) for _ in range(50)))
    assert sum(isinstance(each, Attempt) for each in found) == 5


async def test_the_window_slides(make: Make) -> None:
    throttle = make(1)
    assert await refusals(throttle, 3, Limit("a", 2)) == [False, False, True]

    async def open_again() -> bool:
        return await refusals(throttle, 1, Limit("a", 2)) == [False]

    await eventually(open_again, seconds=5)


async def test_what_is_forgiven_counts_no_more(make: Make) -> None:
    throttle = make(60)
    first = await throttle.begin(Limit("a", 2), Limit("b", 2))
    await throttle.begin(Limit("a", 2), Limit("b", 2))
    await throttle.forgive(first, "a")
    assert await refusals(throttle, 3, Limit("a", 2)) == [False, False, True]
    assert await refusals(throttle, 2, Limit("b", 2)) == [False, True]


async def test_processes_count_together(redis_url: str) -> None:
    kind = uuid4().hex
    one, other = Throttle(kind, redis_url, 60), Throttle(kind, redis_url, 60)
    assert await refusals(one, 2, Limit("a", 3)) + await refusals(other, 2, Limit("a", 3)) == [False] * 3 + [True]
    async with redis_client(redis_url) as redis:
        keys = [key async for key in redis.scan_iter(f"salesloop:{{{kind}}}:*")]
        assert len(keys) == 1
        assert 0 < await redis.pttl(keys[0]) <= 60_000
        assert await redis.zcard(keys[0]) == 3
    await one.close()
    await other.close()


async def test_the_own_ledger_is_bounded_and_closed_when_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(throttle, "MOST_KEYS", 3)
    alone = Throttle("x", f"unix://{tmp_path}/nobody.sock", 1)
    with caplog.at_level(logging.ERROR):
        assert await refusals(alone, 3, Limit("a", 1)) == [False, True, True]
    assert [record.getMessage() for record in caplog.records] == [
        "Redis does not answer; this process counts attempts for itself: ConnectionError"
    ]
    assert [await refusals(alone, 1, Limit(key, 1)) for key in "bcd"] == [[False], [False], [True]]

    async def open_again() -> bool:
        return await refusals(alone, 1, Limit("d", 1)) == [False]

    await eventually(open_again, seconds=5)
    await alone.close()
