"""The announcer calls out what is new where somebody listens, once among many, and is silent otherwise."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.kernel.actor import SYSTEM
from domain.kernel.events import emit, newest, position_id
from domain.kernel.ids import new_id
from runtime.announcements import EVENTS, RECORDS, Listener
from runtime.redis import redis_client
from tests.graph import NOW
from tests.waiting import eventually
from workers.announcer import TURN, Announcer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def heard(redis_url: str) -> AsyncIterator[list[tuple[str, str]]]:
    """What a listener hears, its own beginnings first."""
    heard: list[tuple[str, str]] = []
    listener = Listener(redis_url, (EVENTS, RECORDS), lambda *said: heard.append(said))
    listener.begin()
    await eventually(lambda: _count(heard, 2))
    yield heard
    await listener.end()


async def _count(heard: list[tuple[str, str]], count: int) -> bool:
    return len(heard) >= count


async def test_of_many_one_says_how_far_the_log_has_grown(
    database: str, redis_url: str, heard: list[tuple[str, str]]
) -> None:
    client = redis_client(redis_url)
    announcers = [Announcer(client) for _ in range(3)]
    await emit("test.event.told", new_id(), by=SYSTEM, at=NOW)
    for announcer in announcers:
        await announcer.look()
    await eventually(lambda: _count(heard, 3))
    await asyncio.sleep(0.1)
    assert heard == [(EVENTS, ""), (RECORDS, ""), (EVENTS, position_id(await newest()))]
    await client.aclose()


async def test_what_was_said_is_not_said_again(database: str, redis_url: str, heard: list[tuple[str, str]]) -> None:
    client = redis_client(redis_url)
    announcer, key = Announcer(client), new_id()
    announcer.add(key)
    for _ in range(3):
        await announcer.look()
        await client.delete(TURN)
    await eventually(lambda: _count(heard, 3))
    await asyncio.sleep(0.1)
    assert heard[2:] == [(RECORDS, key.hex)]
    await client.aclose()


async def test_where_nobody_listens_nothing_is_asked(database: str, redis_url: str) -> None:
    client = redis_client(redis_url)
    await emit("test.event.untold", new_id(), by=SYSTEM, at=NOW)
    announcer = Announcer(client)
    await announcer.look()
    assert not await client.exists(TURN)
    await client.aclose()


async def test_a_listener_outlives_a_cut(redis_url: str, heard: list[tuple[str, str]]) -> None:
    client = redis_client(redis_url)
    await client.client_kill_filter(_type="pubsub")
    await eventually(lambda: _count(heard, 4))
    assert sorted(heard[2:4]) == [(EVENTS, ""), (RECORDS, "")], "some may have been lost meanwhile"
    await client.aclose()
