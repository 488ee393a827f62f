"""The feed of one process: whoever leaves it is gone at once, whatever comes in at that moment."""

import asyncio
from contextlib import aclosing
from uuid import uuid4

import pytest

from api.graph.feed import Feed

pytestmark = pytest.mark.anyio
ROUNDS = 120
"""Enough to meet the moment in which Redis answers just as the last one leaves; one round of about forty did."""


async def test_the_last_one_to_leave_leaves(redis_url: str) -> None:
    feed = Feed(redis_url, most_behind=1, look_every_seconds=60)
    async with asyncio.timeout(20):
        for round in range(ROUNDS):
            async with aclosing(feed.touches(uuid4())) as touches:
                await anext(touches)
                await asyncio.sleep(round % 40 * 0.0003)
