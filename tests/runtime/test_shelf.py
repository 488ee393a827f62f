"""The shelf: what one process puts there all find, bounded for each viewer and in each process."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from runtime import shelf
from runtime.redis import redis_client
from runtime.shelf import Shelf, digest_of

pytestmark = pytest.mark.anyio
DAY = 86_400


@pytest.fixture
async def pair(redis_url: str) -> AsyncIterator[tuple[Shelf, Shelf]]:
    """Two processes."""
    both = Shelf(redis_url, 2), Shelf(redis_url, 2)
    yield both
    for each in both:
        await each.close()


def text_and_digest(length: int = 40) -> tuple[str, str]:
    """A text that is nowhere yet."""
    text = (uuid4().hex + "é").ljust(length, "x")
    return text, digest_of(text)


async def test_a_text_is_found_everywhere_and_is_the_same_object_each_time(pair: tuple[Shelf, Shelf]) -> None:
    here, there = pair
    text, digest = text_and_digest()
    assert await there.find(digest) is None
    assert await here.put(digest, text, "ada")
    found = await there.find(digest)
    assert found == text
    assert await there.find(digest) is found


async def test_what_was_planted_is_not_believed(pair: tuple[Shelf, Shelf], redis_url: str) -> None:
    here, there = pair
    (text, digest), redis = text_and_digest(), redis_client(redis_url)
    await here.put(digest, text, "ada")
    for planted in ("another text", b"\xff"):
        await redis.set(f"salesloop:{{shelf}}:{digest}", planted)
        assert await there.find(digest) is None
    assert await here.find(digest) == text
    await here.put(digest, text, "ada")
    assert await there.find(digest) == text
    await redis.aclose()


async def test_a_text_goes_some_days_after_its_last_use(pair: tuple[Shelf, Shelf], redis_url: str) -> None:
    here, there = pair
    (text, digest), redis = text_and_digest(), redis_client(redis_url)
    key = f"salesloop:{{shelf}}:{digest}"
    await here.put(digest, text, uuid4().hex)
    assert 2 * DAY - 60 < await redis.ttl(key) <= 2 * DAY
    for use in (there.find(digest), here.put(digest, text, uuid4().hex)):
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
    texts = [text_and_digest(200) for _ in range(4)]
    assert [await here.put(digest, text, viewer) for text, digest in texts] == [True, True, False, False]
    (known, digest), (_, unknown), (last, last_digest) = texts[0], texts[2], texts[3]
    assert await here.find(unknown) is None
    assert await here.put(digest, known, viewer)  # which is there already
    assert await there.put(last_digest, last, other)
    assert 2 * DAY - 60 < await redis.ttl(f"salesloop:{{shelf}}:of:{viewer}") <= 2 * DAY
    await redis.aclose()


async def test_a_process_has_only_so_much_at_hand(pair: tuple[Shelf, Shelf], monkeypatch: pytest.MonkeyPatch) -> None:
    here, _ = pair
    monkeypatch.setattr(shelf, "MOST_CHARACTERS", 250)
    texts = [text_and_digest(100) for _ in range(3)]
    for text, digest in texts:
        await here.put(digest, text, "ada")
    digests = [digest for _, digest in texts]
    assert list(here._at_hand) == digests[1:]
    assert await here.find(digests[0]) == texts[0][0]
    assert list(here._at_hand) == [digests[2], digests[0]]
    assert here._characters == 200


async def test_without_redis_a_process_has_its_own(caplog: pytest.LogCaptureFixture) -> None:
    alone = Shelf("redis://127.0.0.1:1/0", 2)
    text, digest = text_and_digest()
    assert await alone.find(digest) is None
    assert await alone.put(digest, text, "ada")
    assert await alone.find(digest) == text
    assert caplog.text.count("this process has only its own texts") == 1
    await alone.close()
