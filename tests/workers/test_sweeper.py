"""What the sweeper clears away beside lost jobs: idempotency keys, once they have been kept for long enough."""

from datetime import timedelta

import pytest

from domain.kernel.actor import Actor
from domain.kernel.clock import system_clock
from domain.kernel.idempotency import IdempotencyKey, claim
from domain.kernel.ids import new_id
from tests.waiting import eventually
from tests.workers.workplace import take_in, working

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("empty_queue")]


async def test_a_worker_forgets_old_keys(database: str, redis_url: str) -> None:
    by = Actor("Ann", new_id())
    for hours in (23, 25, 1000):
        at = system_clock() - timedelta(hours=hours)
        await claim(f"hours-{hours}", command="customerCreate", input_digest=b"", by=by, at=at)

    async def left() -> bool:
        return await IdempotencyKey.all().values_list("key", flat=True) == ["hours-23"]

    async with working(database, redis_url, take_in):
        assert await eventually(left)
