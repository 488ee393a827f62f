"""One worker process: relay, runner, sweeper and scheduler side by side, until it is told to stop.

Any number of such processes may run, on any number of machines. A lost Redis or PostgreSQL ends nothing: the parts
wait and resume. When told to stop, running jobs have some seconds to finish; the rest is given back unharmed.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

import asyncpg
from arq.connections import ArqRedis
from arq.worker import Worker
from redis.exceptions import RedisError
from tortoise.exceptions import BaseORMException

import workers.feedback
import workers.imports
from domain.kernel.clock import system_clock
from runtime.database import connected
from runtime.settings import Settings
from workers.carrier import carrier_worker, open_carrier
from workers.kinds import KINDS, Kind
from workers.relay import Doorbell, relay
from workers.runner import run_job
from workers.scheduler import schedule
from workers.sweeper import sweep

log = logging.getLogger("salesloop.worker")
GRACE_SECONDS = 3.0
OUTAGES = (OSError, RedisError, asyncpg.PostgresError, asyncpg.InterfaceError, BaseORMException, TimeoutError)
MODULES = (workers.feedback, workers.imports)
"""The modules that declare kinds of jobs; importing them is what makes them known."""


async def run(settings: Settings) -> None:
    """This will run a worker until the process gets SIGINT or SIGTERM."""
    logging.getLogger("arq").setLevel(logging.CRITICAL)  # the runner tells of every job itself
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with connected(
        settings.database_url, pool_size=settings.worker_concurrency + 6, statement_timeout_seconds=600
    ):
        await work(settings.database_url, settings.redis_url, stop, at_once=settings.worker_concurrency)


async def work(
    database_url: str,
    redis_url: str,
    stop: asyncio.Event,
    *,
    at_once: int = 4,
    kinds: dict[str, Kind] = KINDS,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """This will run all parts of a worker until `stop` is set, over models that are connected already."""
    bell = Doorbell(database_url)

    async def carried() -> None:
        carrier = await open_carrier(redis_url)
        try:
            await _carry(carrier, bell, stop, at_once, kinds, grace_seconds)
        finally:
            await carrier.aclose(close_connection_pool=True)

    log.info("worker %d begins; it knows %s", os.getpid(), ", ".join(sorted(kinds)))
    parts = [
        asyncio.create_task(_unceasing("the carrier", carried, stop)),
        asyncio.create_task(_unceasing("the sweeper", sweep, stop)),
        asyncio.create_task(_unceasing("the scheduler", lambda: schedule(system_clock), stop)),
    ]
    await stop.wait()
    for part in parts[1:]:
        part.cancel()
    await asyncio.gather(*parts, return_exceptions=True)
    await bell.close()
    log.info("worker %d has stopped", os.getpid())


async def _carry(
    carrier: ArqRedis, bell: Doorbell, stop: asyncio.Event, at_once: int, kinds: dict[str, Kind], grace_seconds: float
) -> None:
    async def bring(job_id: UUID, dispatch: int) -> None:
        await run_job(job_id, dispatch, kinds)

    worker = carrier_worker(carrier, bring, at_once=at_once, name=f"{socket.gethostname()}.{os.getpid()}")
    parts = {
        asyncio.create_task(relay(carrier, bell)),
        asyncio.create_task(worker.async_run()),
        asyncio.create_task(stop.wait()),
    }
    try:
        done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        for part in done:
            part.result()
    finally:
        for part in parts:
            part.cancel()
        await asyncio.gather(*parts, return_exceptions=True)
        await _let_finish(worker, grace_seconds)


async def _let_finish(worker: Worker, grace_seconds: float) -> None:
    if worker.main_task is not None:
        worker.main_task.cancel()
    running = list(worker.tasks.values())
    if running:
        await asyncio.wait(running, timeout=grace_seconds)
    for task in [*worker.job_tasks.values(), *running]:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _unceasing(name: str, part: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
    """Runs a part again and again through outages, telling of each once."""
    lost = False
    while not stop.is_set():
        try:
            await part()
            lost = False
        except OUTAGES as error:
            if not lost:
                log.warning("%s lost its engine (%s) and waits for it", name, type(error).__name__)
            lost = True
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1)
