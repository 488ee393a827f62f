"""What tests of the engine stand on beside the engines: a carrier that nobody else has used."""

import pytest

from runtime.redis import redis_client


@pytest.fixture
async def empty_queue(redis_url: str) -> None:
    client = redis_client(redis_url)
    await client.flushall()
    await client.aclose()
