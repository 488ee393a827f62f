"""The shelf: what one process puts there all find, bounded for each viewer and in each process."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from runtime import shelf
from runtime.redis import redis_client
from runtime.shelf import Shelf

pytestmark = pytest.mark.anyio
DAY = 86_400


@pytest.fixture
async def pair(redis_url: str) -> AsyncIterator[tuple[Shelf, Shelf]]:
    """Two processes."""
    both = Shelf(redis_url, 2), Shelf(redis_url, 2)
    yield both
    for each in both:
        await each.close()


async def test_a_text_is_found_everywhere_and_is_the_same_object_each_time(pair: tuple[Shelf, Shelf]) -> None:
    here, there = pair
    digest = uuid4().hex
    assert await there.find(digest) is None
    assert await here.put(digest, "text é", "ada")
    found = await there.find(digest)
    assert found == "text é"
    assert await there.find(digest) is found


async def test_a_text_goes_some_days_after_its_last_use(pair: tuple[Shelf, Shelf], redis_url: str) -> None:
    here, there = pair
    digest, redis = uuid4().hex, redis_client(redis_url)
    key = f"salesloop:{{shelf}}:{digest}"
    await here.put(digest, "text", uuid4().hex)
    assert 2 * DAY - 60 < await redis.ttl(key) <= 2 * DAY
    for use in (there.find(digest), here.put(digest, "text", uuid4().hex)):
        await redis.expire(key, 60)
        await use
        assert await redis.ttl(key) > DAY
    await redis.aclose()


async def test_what_a_viewer_puts_there_is_bounded(
    pair: tuple[Shelf, Shelf], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = pair
    monkeypatch.setattr(shelf, "MOST_BYTES_OF_A_VIEWER", 1_000)
    viewer, other, redis = uuid4().hex, uuid4().hex, redis_client(redis_url)
    digests = [uuid4().hex for _ in range(4)]
    assert [await here.put(digest, "x" * 200, viewer) for digest in digests] == [True, True, False, False]
    assert await here.find(digests[2]) is None
    assert await here.put(digests[0], "x" * 200, viewer)  # which is there already
    assert await there.put(digests[3], "x" * 200, other)
    assert 2 * DAY - 60 < await redis.ttl(f"salesloop:{{shelf}}:of:{viewer}") <= 2 * DAY
    await redis.aclose()


async def test_a_process_has_only_so_much_at_hand(pair: tuple[Shelf, Shelf], monkeypatch: pytest.MonkeyPatch) -> None:
    here, _ = pair
    monkeypatch.setattr(shelf, "MOST_CHARACTERS", 250)
    digests = [uuid4().hex for _ in range(3)]
    for digest in digests:
        await here.put(digest, digest[0] * 100, "ada")
    assert list(here._at_hand) == digests[1:]
    assert await here.find(digests[0]) == digests[0][0] * 100
    assert list(here._at_hand) == [digests[2], digests[0]]
    assert here._characters == 200


async def test_without_redis_a_process_has_its_own(caplog: pytest.LogCaptureFixture) -> None:
    alone = Shelf("redis://127.0.0.1:1/0", 2)
    assert await alone.find("a") is None
    assert await alone.put("a", "text", "ada")
    assert await alone.find("a") == "text"
    assert caplog.text.count("this process has only its own texts") == 1
    await alone.close()
