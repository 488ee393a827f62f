"""arq as the carrier: it brings (job id, dispatch number) from the relay to a runner, and nothing else.

What it loses, the sweeper finds in the table; what it brings twice, the claim refuses. So it never retries, keeps no
results, and its messages are JSON.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
from arq.connections import ArqRedis, create_pool
from arq.worker import Worker, func

from runtime.redis import arq_settings

QUEUE = "salesloop:jobs"
FUNCTION = "run"
DAY_SECONDS = 86_400
POLL_SECONDS = 0.1

Run = Callable[[UUID, int], Awaitable[None]]


async def open_carrier(redis_url: str) -> ArqRedis:
    """This will connect to the carrier. Raises redis' connection errors."""
    return await create_pool(
        arq_settings(redis_url), job_serializer=_dump, job_deserializer=orjson.loads, default_queue_name=QUEUE
    )


async def hand_to(carrier: ArqRedis, job_id: UUID, dispatch: int) -> None:
    """This will give one dispatch to the carrier; a second time is the same as once."""
    await carrier.enqueue_job(FUNCTION, str(job_id), dispatch, _job_id=f"{job_id}.{dispatch}")


def carrier_worker(carrier: ArqRedis, run: Run, *, at_once: int, name: str) -> Worker:
    """This will make arq's worker over a connection: it calls `run` for each dispatch that it is brought."""

    async def bring(_: dict[Any, Any], job_id: str, dispatch: int) -> None:
        await run(UUID(job_id), dispatch)

    carried: Any = bring

    return Worker(
        functions=[func(carried, name=FUNCTION, timeout=DAY_SECONDS, max_tries=1, keep_result=0)],
        redis_pool=carrier,
        queue_name=QUEUE,
        handle_signals=False,
        max_jobs=at_once,
        max_tries=1,
        retry_jobs=False,
        keep_result=0,
        poll_delay=POLL_SECONDS,
        queue_read_limit=1000,
        health_check_key=f"{QUEUE}:worker:{name}",
        health_check_interval=60,
        job_serializer=_dump,
        job_deserializer=orjson.loads,
        log_results=False,
    )


def _dump(message: dict[str, Any]) -> bytes:
    return orjson.dumps(message, default=str)
