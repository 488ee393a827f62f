"""Subscriptions over a real server: events reach those who may see them, each once, in order, whatever breaks."""

import asyncio
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from domain.access.commands import create_user
from domain.access.models import User
from domain.customers.commands import create_customer, update_customer
from domain.jobs.commands import start_job
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.events import Event, emit
from domain.kernel.ids import new_id, public_id
from tests.graph import NOW, PASSWORD, token_for
from tests.live import Live, announcing, serving
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
CUSTOMERS = "subscription($id: ID, $after: String) { customerChanged(id: $id, after: $after) { id topic actorName occurredAt changed customer { name } } }"


@pytest.fixture
def chosen() -> dict[str, Any]:
    """Settings that a test chooses."""
    return {}


@pytest.fixture
async def stranger(database_url: str, redis_url: str, tmp_path: Path, chosen: dict[str, Any]) -> AsyncIterator[Live]:
    async with serving(database_url, redis_url, tmp_path, **chosen) as live, announcing(redis_url):
        yield live


@pytest.fixture
async def rob(stranger: Live) -> User:
    return await create_user("rob@example.org", "Rob", PASSWORD, by=SYSTEM, at=NOW)


@pytest.fixture
async def live(stranger: Live, rob: User) -> Live:
    """The server, with a representative signed in."""
    return stranger.as_user(token_for(rob))


async def taken_in(name: str, by: Actor = SYSTEM) -> str:
    """The public id of a new customer."""
    return public_id("cus", (await create_customer({"kind": "person", "name": name}, by=by, at=NOW)).id)


async def test_a_change_reaches_a_subscriber(live: Live) -> None:
    async with live.socket() as socket:
        await socket.subscribe(CUSTOMERS, after=await live.here())
        await taken_in("Kim")
        event = (await socket.next())["customerChanged"]
    assert event.pop("id").startswith("evt_")
    assert event == {
        "topic": "CUSTOMER_CREATED",
        "actorName": "system",
        "occurredAt": "2024-05-01T12:00:00+00:00",
        "changed": ["kind", "name"],
        "customer": {"name": "Kim"},
    }


async def test_from_now_on_means_what_commits_from_now_on(live: Live) -> None:
    await taken_in("Before")
    async with live.socket() as socket:
        await socket.subscribe(CUSTOMERS)
        await asyncio.sleep(0.3)
        await taken_in("After")
        assert (await socket.next())["customerChanged"]["customer"] == {"name": "After"}
