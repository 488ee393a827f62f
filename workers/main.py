"""One worker process: relay, runner, sweeper, scheduler and announcer side by side, until it is told to stop.

Any number of such processes may run, on any number of machines. A lost Redis or PostgreSQL ends nothing: the parts
wait and resume. When told to stop, running jobs have some seconds to finish; the rest is given back unharmed.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Mapping
from datetime import timedelta
from functools import partial

import workers.attribution
import workers.feedback
import workers.imports
import workers.improvement
import workers.inventory
import workers.kpis
import workers.orders
import workers.pipeline
import workers.replenishment
import workers.segments
from domain.kernel.clock import Clock, system_clock
from runtime.database import connected
from runtime.settings import Settings
from workers.announcer import EVERY_SECONDS, Announcer
from workers.carrier import carrier_at, deliveries
from workers.kinds import KINDS, Kind
from workers.parts import Part
from workers.relay import Doorbell, hand_over_due
from workers.runner import run_job
from workers.scheduler import Scheduler
from workers.sweeper import prune, sweep

log = logging.getLogger("salesloop.worker")
GRACE_SECONDS = 3.0
LAST_STEP_SECONDS = 2.0
MODULES = (
    workers.attribution,
    workers.feedback,
    workers.imports,
    workers.improvement,
    workers.inventory,
    workers.kpis,
    workers.orders,
    workers.pipeline,
    workers.replenishment,
    workers.segments,
)
"""The modules that declare kinds of jobs; importing them is what makes them known."""


async def run(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """This will run a worker until the process gets SIGINT or SIGTERM, or `stop` is set."""
    logging.getLogger("arq").setLevel(logging.CRITICAL)  # the runner tells of every job itself
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with connected(
        settings.database_url, pool_size=settings.worker_concurrency + 6, statement_timeout_seconds=600
    ):
        await work(
            settings.database_url,
            settings.redis_url,
            stop,
            at_once=settings.worker_concurrency,
            keys_kept=timedelta(hours=settings.idempotency_hours),
        )


async def work(
    database_url: str,
    redis_url: str,
    stop: asyncio.Event,
    *,
    at_once: int = 4,
    kinds: Mapping[str, Kind] = KINDS,
    grace_seconds: float = GRACE_SECONDS,
    keys_kept: timedelta = timedelta(hours=24),
    clock: Clock = system_clock,
) -> None:
    """This will run all parts of a worker until `stop` is set, over models that are connected already.

    `clock` says what time it is in the business; leases and waits go by the database's clock.
    """
    carrier = carrier_at(redis_url)
    news = Announcer(carrier)
    runner = deliveries(
        carrier,
        partial(run_job, kinds=kinds, on_change=news.add, clock=clock),
        at_once=at_once,
        name=f"{socket.gethostname()}.{os.getpid()}",
        on_room=lambda: bring.wake(),
    )

    async def hand_over() -> None:
        await bell.listen()
        if await hand_over_due(carrier, system_clock):
            bring.wake()

    relay = Part("the relay", hand_over, every_seconds=1)
    bring = Part("the carrier", runner.step, every_seconds=0.1)
    sweeper = Part("the sweeper", lambda: sweep(carrier), every_seconds=5)
    pruner = Part("the pruner", lambda: prune(system_clock, keys_kept), every_seconds=600)
    scheduler = Part("the scheduler", Scheduler(clock, kinds).look, every_seconds=1)
    announcer = Part("the announcer", news.look, every_seconds=EVERY_SECONDS)
    bell = Doorbell(database_url, relay.wake)
    log.info("worker %d begins; it knows %s", os.getpid(), ", ".join(sorted(kinds)))
    await _keep_all_going((relay, bring, sweeper, pruner, scheduler, announcer), stop)
    await runner.let_finish(grace_seconds)
    await bell.close()
    await carrier.aclose(close_connection_pool=True)
    log.info("worker %d has stopped", os.getpid())


async def _keep_all_going(parts: tuple[Part, ...], stop: asyncio.Event) -> None:
    """Returns when `stop` is set and every part has ended its step, or had a moment to."""
    tasks = [asyncio.create_task(part.keep_going(stop)) for part in parts]
    try:
        await stop.wait()
        for part in parts:
            part.wake()
        await asyncio.wait(tasks, timeout=LAST_STEP_SECONDS)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
