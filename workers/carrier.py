"""arq as the carrier: it brings (job id, dispatch number) from the relay to a runner, and nothing else.

What it loses, the sweeper finds in the table; what it brings twice, the claim refuses. So it never retries, keeps no
results, and its messages are JSON. Each queue of ours is one of arq's. A dispatch leaves its queue when it is
delivered, not when its job ends: the queue holds what waits, and a worker that is killed leaves nothing behind in it.
Handing over and delivering take a round trip or two for many dispatches, where arq itself takes several for each.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from arq.connections import ArqRedis
from arq.constants import job_key_prefix
from arq.jobs import DeserializationError, deserialize_job_raw, serialize_job
from arq.utils import to_unix_ms
from arq.worker import Worker, func

from domain.jobs.dispatching import Claim
from domain.jobs.rules import Dispatch
from runtime.redis import redis_client
from workers.heart import Stopped
from workers.runner import Runner

QUEUES = "salesloop:jobs:"
"""What the keys of the queues begin with."""
WAKE = "salesloop:jobs"
"""The channel on which workers hear that something was handed over."""
FUNCTION = "run"
DAY = timedelta(days=1)
YEAR = timedelta(days=365)
GIVE_BACK_SECONDS = 10
LOWEST_PRIORITY = -(2**15)
HEAD_START = timedelta(hours=1)


class Deliveries(Worker):
    """arq's worker, which takes many dispatches in a step, from several queues, and outlives the loss of Redis."""

    def __init__(self, runner: Runner, queues: Sequence[str], *, on_taken: Callable[[], None], **options: Any) -> None:
        super().__init__(**options)
        self._runner = runner
        self._queues = [QUEUES + queue for queue in queues]
        self._on_taken = on_taken
        self._on_room: Callable[[], None] = lambda: None
        self._run: Any = self.functions[FUNCTION].coroutine

    def when_there_is_room(self, wake: Callable[[], None]) -> None:
        """This will have a call made whenever a job has ended, so that the next step is taken at once."""
        self._on_room = wake

    async def step(self) -> None:
        """This will start what waits, as far as there is room, by priority over all queues. Raises redis' errors."""
        while (room := self.max_jobs - len(self.tasks)) > 0:
            taken = await self._take(room)
            if not taken:
                break
            self._on_taken()
            for held in await self._runner.claim(taken):
                self._begin(held)
        await self.heart_beat()

    async def let_finish(self, seconds: float) -> None:
        """This will give running jobs so long to end, and then have them given back."""
        if running := list(self.tasks.values()):
            await asyncio.wait(running, timeout=seconds)
            self._runner.heart.stop_all(Stopped.WORKER_ENDS)
            await asyncio.wait(running, timeout=GIVE_BACK_SECONDS)

    def _begin(self, held: Claim) -> None:
        key = held.job_id.hex
        task = asyncio.create_task(self._run(held))
        self.tasks[key] = task
        task.add_done_callback(lambda done: self._is_over(key, done))

    def _is_over(self, key: str, done: "asyncio.Task[None]") -> None:
        if self.tasks.get(key) is done:
            del self.tasks[key]
        self.jobs_complete += 1
        if not done.cancelled():
            done.exception()  # a runner tells of what went wrong itself
        self._on_room()

    async def _take(self, room: int) -> list[tuple[UUID, int]]:
        """The first dispatches of all queues, taken out so that nobody else gets them."""
        async with self.pool.pipeline(transaction=False) as pipe:
            for queue in self._queues:
                pipe.zrange(queue, 0, room - 1, withscores=True)
            found = await pipe.execute()
        first = sorted(
            (score, name, queue) for queue, some in zip(self._queues, found, strict=True) for name, score in some
        )
        async with self.pool.pipeline(transaction=False) as pipe:
            for _, name, queue in first[:room]:
                key = job_key_prefix + name.decode()
                pipe.zrem(queue, name)
                pipe.get(key)
                pipe.delete(key)
            told = await pipe.execute() if first else []
        bodies = [body for is_ours, body in zip(told[::3], told[1::3], strict=True) if is_ours and body]
        return [dispatch for body in bodies if (dispatch := _read(body)) is not None]


def carrier_at(redis_url: str) -> ArqRedis:
    """This will give the carrier's client; nothing is connected until it is used."""
    pool = redis_client(redis_url).connection_pool
    return ArqRedis(pool, job_serializer=_dump, job_deserializer=orjson.loads)


async def hand_to(carrier: ArqRedis, dispatches: Sequence[Dispatch], at: datetime) -> None:
    """This will give dispatches to the carrier and wake the workers; a second time is the same as once.

    Their place in the queue is a time long past, so that workers with a slow clock take them at once; each step of
    priority is worth an hour of waiting.
    """
    async with carrier.pipeline(transaction=False) as pipe:
        for dispatch in dispatches:
            name, priority = _name(dispatch.job_id, dispatch.number), 1 + dispatch.priority - LOWEST_PRIORITY
            message = (str(dispatch.job_id), dispatch.number)
            body = serialize_job(FUNCTION, message, {}, None, to_unix_ms(at), serializer=_dump)
            pipe.psetex(job_key_prefix + name, DAY, body)
            pipe.zadd(QUEUES + dispatch.queue, {name: to_unix_ms(at - HEAD_START * priority)}, nx=True)
        pipe.publish(WAKE, "")
        await pipe.execute()


async def waiting(carrier: ArqRedis, queues: Iterable[str]) -> dict[str, int]:
    """This will count the dispatches that wait in the carrier, by queue. Raises redis' errors."""
    names = list(queues)
    async with carrier.pipeline(transaction=False) as pipe:
        for queue in names:
            pipe.zcard(QUEUES + queue)
        return dict(zip(names, await pipe.execute(), strict=True))


async def not_waiting(
    carrier: ArqRedis, dispatches: Sequence[tuple[UUID, int]], queues: Sequence[str]
) -> list[tuple[UUID, int]]:
    """This will find the dispatches that the carrier does not have, in none of the queues. Raises redis' errors."""
    if not dispatches:
        return []
    async with carrier.pipeline(transaction=False) as pipe:
        for job_id, number in dispatches:
            for queue in queues:
                pipe.zscore(QUEUES + queue, _name(job_id, number))
        places = await pipe.execute()
    of_each = [places[start : start + len(queues)] for start in range(0, len(places), len(queues))]
    return [
        dispatch for dispatch, found in zip(dispatches, of_each, strict=True) if not any(p is not None for p in found)
    ]


def deliveries(
    carrier: ArqRedis, runner: Runner, queues: Sequence[str], *, at_once: int, on_taken: Callable[[], None]
) -> Deliveries:
    """This will make a worker over a connection: it has the runner run what the queues bring."""
    return Deliveries(
        runner,
        queues,
        on_taken=on_taken,
        functions=[func(_coroutine(runner), name=FUNCTION, timeout=YEAR, max_tries=1, keep_result=0)],
        redis_pool=carrier,
        queue_name=QUEUES + queues[0],
        handle_signals=False,
        max_jobs=at_once,
        max_tries=1,
        retry_jobs=False,
        keep_result=0,
        health_check_key=f"{QUEUES}worker:{runner.name}",
        health_check_interval=60,
        job_serializer=_dump,
        job_deserializer=orjson.loads,
        timezone=UTC,
        log_results=False,
    )


def _coroutine(runner: Runner) -> Any:
    async def run(held: Claim) -> None:
        await runner.run(held)

    return run


def _read(body: bytes) -> tuple[UUID, int] | None:
    """The job and the number that a message names; None where somebody has planted something else."""
    try:
        _, (job_id, number), *_ = deserialize_job_raw(body, deserializer=orjson.loads)
        return UUID(job_id), int(number)
    except (ArithmeticError, AttributeError, DeserializationError, TypeError, ValueError):
        return None


def _name(job_id: UUID, number: int) -> str:
    return f"{job_id}.{number}"


def _dump(message: dict[str, Any]) -> bytes:
    return orjson.dumps(message, default=str)
