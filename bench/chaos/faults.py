"""What befalls the workers, the engines and the networks. Each takes its time, and leaves everything able to go on."""

import asyncio
import os
import shutil
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress

from redis.exceptions import RedisError

from bench.chaos.proxy import Proxy
from bench.chaos.stage import Stage
from domain.jobs.rules import Dispatch
from domain.jobs.statements import rows_of
from domain.kernel.clock import system_clock
from runtime.outages import OUTAGES
from runtime.redis import redis_client
from workers.carrier import carrier_at, hand_to

LONGEST_STOP_SECONDS = 14.0
STOP_WAIT_SECONDS = 15.0


async def kill_worker(stage: Stage) -> None:
    """A machine goes up in smoke."""
    async with stage.some_worker() as number:
        stage.workers[number].kill()
        await asyncio.to_thread(stage.workers[number].join)
        stage.start_worker(number)


async def deploy(stage: Stage) -> None:
    """A worker is told to go, and another comes."""
    async with stage.some_worker() as number:
        stage.workers[number].terminate()
        await asyncio.to_thread(stage.workers[number].join, STOP_WAIT_SECONDS)
        if stage.workers[number].is_alive():
            stage.workers[number].kill()
            await asyncio.to_thread(stage.workers[number].join)
        stage.start_worker(number)


async def freeze(stage: Stage) -> None:
    """A worker stands still, perhaps for longer than its leases, and goes on as if nothing had been."""
    async with stage.some_worker() as number:
        pid = stage.workers[number].pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(stage.chance.uniform(0.2, LONGEST_STOP_SECONDS))
        os.kill(pid, signal.SIGCONT)


async def flush(stage: Stage) -> None:
    """Somebody empties Redis."""
    async with redis_client(stage.valkey.url) as client:
        with suppress(RedisError, OSError):
            await client.flushall()


async def lose_redis(stage: Stage) -> None:
    """Redis is killed, and comes back with what it had written down."""
    async with stage.engine("valkey"):
        stage.valkey.kill()
        await asyncio.sleep(stage.chance.uniform(0, 1))
        await asyncio.to_thread(stage.valkey.start)


async def lose_redis_for_good(stage: Stage) -> None:
    """Redis is killed, and comes back with nothing."""
    async with stage.engine("valkey"):
        stage.valkey.kill()
        for each in list(stage.valkey.process.data.iterdir()):
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        await asyncio.to_thread(stage.valkey.start)


async def restart_postgres(stage: Stage) -> None:
    """PostgreSQL is killed in the middle of everything, and recovers."""
    async with stage.engine("postgres"):
        stage.postgres.kill()
        await asyncio.sleep(stage.chance.uniform(0, 1))
        await asyncio.to_thread(stage.postgres.start)


async def deliver_again(stage: Stage) -> None:
    """What was handed over is handed over again, done or not."""
    with suppress(*OUTAGES):
        rows = await rows_of(
            """SELECT id, dispatch FROM job WHERE dispatch > 0
            ORDER BY (state IN ('dispatched', 'running')) DESC, updated_at DESC LIMIT 20"""
        )
        carrier = carrier_at(stage.valkey.url)
        with suppress(RedisError, OSError):
            twice = [Dispatch(row["id"], row["dispatch"], 0, "default") for row in rows]
            await hand_to(carrier, twice, system_clock())
        await carrier.aclose(close_connection_pool=True)


async def slow_network(stage: Stage) -> None:
    """Everything takes its time."""
    line = _line(stage)
    line.delay_seconds = stage.chance.uniform(0.02, 0.3)
    await asyncio.sleep(stage.chance.uniform(0.5, 3))
    line.heal()


async def cut_network(stage: Stage) -> None:
    """Nobody gets through."""
    line = _line(stage)
    line.cut()
    await asyncio.sleep(stage.chance.uniform(0, 4))
    line.heal()


async def stuck_network(stage: Stage) -> None:
    """Nothing arrives, and nobody is told; then all lines are lost."""
    line = _line(stage)
    line.stick()
    await asyncio.sleep(stage.chance.uniform(0.5, 4))
    line.cut()
    line.heal()


FAULTS: dict[Callable[[Stage], Coroutine[None, None, None]], float] = {
    kill_worker: 24,
    deploy: 16,
    freeze: 12,
    flush: 14,
    lose_redis: 6,
    lose_redis_for_good: 4,
    restart_postgres: 3,
    deliver_again: 16,
    slow_network: 5,
    cut_network: 5,
    stuck_network: 4,
}
"""Every fault, and how often it comes beside the others. Each worker holds a relay, a scheduler and a sweeper."""


def _line(stage: Stage) -> Proxy:
    return stage.chance.choice((stage.to_postgres, stage.to_valkey))
