"""arq as the carrier: it brings (job id, dispatch number) from the relay to a runner, and nothing else.

What it loses, the sweeper finds in the table; what it brings twice, the claim refuses. So it never retries, keeps no
results, and its messages are JSON. A dispatch leaves the queue when it is delivered, not when its job ends: the queue
holds what waits, and a worker that is killed leaves nothing behind in it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from arq.connections import ArqRedis
from arq.worker import Worker, func
from redis.exceptions import RedisError

from domain.jobs.rules import Dispatch
from runtime.redis import redis_client

QUEUE = "salesloop:jobs"
FUNCTION = "run"
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
DELIVERY_SECONDS = 10
GIVE_BACK_SECONDS = 10
LOWEST_PRIORITY = -(2**15)
HEAD_START = timedelta(hours=1)

Run = Callable[[UUID, int], Awaitable[None]]


class Deliveries(Worker):
    """arq's worker, which can be stepped, tells when it has room, and outlives the loss of Redis."""

    def __init__(self, *, on_room: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self.in_progress_timeout_s = DELIVERY_SECONDS
        self._on_room = on_room

    async def step(self) -> None:
        """This will start what waits, as far as there is room. Raises redis' errors."""
        await self._poll_iteration()

    async def start_jobs(self, job_ids: list[bytes]) -> None:
        try:
            await super().start_jobs(job_ids)
        except (RedisError, OSError):  # arq has counted the job that it could not start
            self._release_sem_dec_counter_on_complete()
            raise

    async def let_finish(self, seconds: float) -> None:
        """This will give running jobs so long to end, and then cancel them."""
        running = list(self.tasks.values())
        if running:
            await asyncio.wait(running, timeout=seconds)
            for task in running:
                task.cancel()
            await asyncio.wait(running, timeout=GIVE_BACK_SECONDS)

    def _release_sem_dec_counter_on_complete(self) -> None:
        super()._release_sem_dec_counter_on_complete()
        self._on_room()


def carrier_at(redis_url: str) -> ArqRedis:
    """This will give the carrier's client; nothing is connected until it is used."""
    pool = redis_client(redis_url).connection_pool
    return ArqRedis(pool, job_serializer=_dump, job_deserializer=orjson.loads, default_queue_name=QUEUE)


async def hand_to(carrier: ArqRedis, dispatch: Dispatch, at: datetime) -> None:
    """This will give one dispatch to the carrier; a second time is the same as once.

    Its place in the queue is a time long past, so that workers with a slow clock take it at once; each step of
    priority is worth an hour of waiting.
    """
    place = at - HEAD_START * (1 + dispatch.priority - LOWEST_PRIORITY)
    await carrier.enqueue_job(
        FUNCTION, str(dispatch.job_id), dispatch.number, _job_id=_name(dispatch), _defer_until=place, _expires=DAY
    )


async def not_waiting(carrier: ArqRedis, dispatches: Sequence[Dispatch]) -> list[Dispatch]:
    """This will give those that are not in the carrier's queue: just delivered, or lost."""
    if not dispatches:
        return []
    places = await carrier.zmscore(QUEUE, [_name(dispatch) for dispatch in dispatches])
    return [dispatch for dispatch, place in zip(dispatches, places, strict=True) if place is None]


def deliveries(carrier: ArqRedis, run: Run, *, at_once: int, name: str, on_room: Callable[[], None]) -> Deliveries:
    """This will make a worker over a connection: it calls `run` for each dispatch that it is brought."""

    async def bring(context: dict[Any, Any], job_id: str, dispatch: int) -> None:
        await carrier.zrem(QUEUE, context["job_id"])
        await run(UUID(job_id), dispatch)

    carried: Any = bring

    return Deliveries(
        on_room=on_room,
        functions=[func(carried, name=FUNCTION, timeout=YEAR, max_tries=1, keep_result=0)],
        redis_pool=carrier,
        queue_name=QUEUE,
        handle_signals=False,
        max_jobs=at_once,
        max_tries=1,
        retry_jobs=False,
        keep_result=0,
        queue_read_limit=1000,
        health_check_key=f"{QUEUE}:worker:{name}",
        health_check_interval=60,
        job_serializer=_dump,
        job_deserializer=orjson.loads,
        timezone=UTC,
        log_results=False,
    )


def _name(dispatch: Dispatch) -> str:
    return f"{dispatch.job_id}.{dispatch.number}"


def _dump(message: dict[str, Any]) -> bytes:
    return orjson.dumps(message, default=str)
