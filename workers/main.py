"""One worker process: relay, runner, sweeper, scheduler and announcer side by side, until it is told to stop.

Any number of such processes may run, on any number of machines. A lost Redis or PostgreSQL ends nothing: the parts
wait and resume. When told to stop, running jobs have some seconds to finish; the rest is given back unharmed.
"""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import workers.access
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
import workers.webhooks
from domain.access.tokens import TokenKey
from domain.jobs.kinds import tell_kinds
from domain.kernel.clock import Clock
from domain.kernel.seals import SealKeys, seal_all
from domain.webhooks.addresses import read_networks
from domain.webhooks.fan_out import KIND as DELIVER
from runtime.announcements import Listener
from runtime.database import connected
from runtime.mail import sender
from runtime.outbound import Outbound
from runtime.ports import listening
from runtime.settings import Settings
from runtime.token_key import former_keys, signing_key
from runtime.tracing import configure_tracing
from workers.announcer import EVERY_SECONDS, Announcer
from workers.carrier import WAKE, Deliveries, carrier_at, deliveries
from workers.clock import DatabaseClock
from workers.desk import open_desk
from workers.heart import BEAT_SECONDS, Heart
from workers.kinds import KINDS, OUTSIDE, Kind, Outside
from workers.log_tail import TailHandler
from workers.parts import Part
from workers.recorder import Recorder
from workers.relay import Doorbell, hand_over_due
from workers.runner import Runner
from workers.scheduler import Scheduler
from workers.sweeper import prune, sweep
from workers.webhooks import distribute

log = logging.getLogger("salesloop.worker")
LAST_STEP_SECONDS = 0.5
MODULES = (
    workers.access,
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
    workers.webhooks,
)
"""The modules that declare kinds of jobs; importing them is what makes them known."""


async def run(settings: Settings, stop: asyncio.Event | None = None) -> None:
    """This will run a worker until the process gets SIGINT or SIGTERM, or `stop` is set."""
    logging.getLogger("arq").setLevel(logging.CRITICAL)  # the runner tells of every job itself
    logging.getLogger().addHandler(TailHandler())
    stop = stop or asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    configure_tracing(settings, "salesloop-worker")
    key = TokenKey(signing_key(settings), timedelta(minutes=settings.token_minutes), former_keys(settings))
    post = Outbound(read_networks(settings.webhook_private_networks)).post
    OUTSIDE.set(Outside(sender(settings), key, settings.found_at, post))
    place = listening(settings.host, settings.worker_port) if settings.worker_port else None
    if place is not None:
        log.info("asked how it is, it answers on port %d: /health, /ready, /metrics", place.getsockname()[1])
    async with connected(
        settings.database_url, pool_size=settings.worker_concurrency + 6, statement_timeout_seconds=600
    ):
        await work(
            settings.database_listen_url or settings.database_url,
            settings.redis_url,
            stop,
            at_once=settings.worker_concurrency,
            grace_seconds=settings.worker_grace_seconds,
            kept=Kept(timedelta(hours=settings.idempotency_hours), timedelta(days=settings.jobs_kept_days)),
            place=place,
            seals=key.seal_keys,
        )


@dataclass(frozen=True, slots=True)
class Kept:
    """How long idempotency keys are kept, and jobs after their end."""

    keys: timedelta = timedelta(hours=24)
    jobs: timedelta = timedelta(days=30)


async def work(
    database_url: str,
    redis_url: str,
    stop: asyncio.Event,
    *,
    at_once: int = 4,
    kinds: Mapping[str, Kind] = KINDS,
    grace_seconds: float = 1.0,
    kept: Kept = Kept(),
    clock: Clock | None = None,
    place: socket.socket | None = None,
    seals: SealKeys | None = None,
) -> None:
    """This will run all parts of a worker until `stop` is set, over models that are connected already.

    One connection to `database_url` LISTENs and needs a session of its own. `clock` is the business's; where there is
    none, and for all else, the database's counts. At `place` it can be asked how it is. With `seals` it seals the log.
    """
    told = DatabaseClock()
    carrier = carrier_at(redis_url)
    news = Announcer(carrier)
    heart = Heart(news.add)
    runner = Runner(kinds, f"{socket.gethostname()}.{os.getpid()}", clock or told, heart, Recorder(), news.add)
    policies = [kind.policy for kind in kinds.values()]
    queues = sorted({policy.queue for policy in policies})
    bring = deliveries(carrier, runner, queues, at_once=at_once, on_taken=lambda: relay.wake())

    async def hand_over() -> float:
        await bell.listen()
        return await hand_over_due(carrier, policies, told)

    relay = Part("the relay", hand_over)
    carry = Part("the carrier", bring.step, every_seconds=1)
    bring.when_there_is_room(carry.wake)
    parts = (
        relay,
        carry,
        Part("the heart", heart.beat, every_seconds=BEAT_SECONDS),
        Part("the announcer", news.look, every_seconds=EVERY_SECONDS),
        Part("the sweeper", lambda: sweep(carrier, queues), every_seconds=3),
        *_caretakers(kinds, kept, told, clock or told, seals),
    )
    bell = Doorbell(database_url, relay.wake, heart.call_off)
    wakes = Listener(redis_url, (WAKE,), lambda *_: carry.wake())
    wakes.begin()
    log.info("worker %d begins; it knows %s", os.getpid(), ", ".join(sorted(kinds)))
    await _keep_open(place, parts, stop, lambda: _let_finish(bring, heart, grace_seconds))
    await asyncio.gather(wakes.end(), bell.close(), carrier.aclose(close_connection_pool=True))
    log.info("worker %d has stopped", os.getpid())


def _caretakers(
    kinds: Mapping[str, Kind], kept: Kept, told: DatabaseClock, clock: Clock, seals: SealKeys | None
) -> tuple[Part, ...]:
    """What is to be done now and then: starting what is due, telling of the kinds, forgetting what is old, sealing."""
    known, scheduler = [kind.told() for kind in kinds.values()], Scheduler(clock, kinds)

    async def schedule() -> None:
        await told.set()
        await scheduler.look()

    return (
        Part("the scheduler", schedule, every_seconds=1),
        Part("the registrar", lambda: tell_kinds(known, told()), every_seconds=30),
        Part("the pruner", lambda: prune(told, kept.keys, kept.jobs), every_seconds=600),
        *((Part("the sealer", partial(seal_all, seals), every_seconds=1),) if seals else ()),
        *((Part("the distributor", partial(distribute, told), every_seconds=1),) if DELIVER in kinds else ()),
    )


async def _keep_open(
    place: socket.socket | None, parts: tuple[Part, ...], stop: asyncio.Event, leave: Callable[[], Awaitable[None]]
) -> None:
    async with open_desk(place, parts):
        await _keep_all_going(parts, stop)
        await leave()


async def _let_finish(bring: Deliveries, heart: Heart, grace_seconds: float) -> None:
    """Leaves the last jobs their grace; the heart goes on, for leases may be shorter."""
    ended = asyncio.Event()
    beating = asyncio.create_task(Part("the heart", heart.beat, every_seconds=BEAT_SECONDS).keep_going(ended))
    await bring.let_finish(grace_seconds)
    ended.set()
    beating.cancel()
    await asyncio.gather(beating, return_exceptions=True)


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
