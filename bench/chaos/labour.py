"""What the workers do: jobs whose effects can be counted, in the database and outside of it."""

import asyncio
import logging
import os
import random
import signal
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.jobs.rules import Backoff
from domain.jobs.statements import rows_of
from domain.kernel import clock
from runtime.database import connected
from workers.kinds import KINDS as ALL
from workers.kinds import Kind, RunningJob, job
from workers.main import work

TABLES = """
CREATE TABLE chaos_ledger (job_id uuid PRIMARY KEY);
CREATE TABLE chaos_effect (job_id uuid NOT NULL, attempt int NOT NULL);
"""
LEASE = timedelta(seconds=10)
LEAST_SECONDS = 0.05
"""What work is done before something is done outside: whoever is killed meanwhile has done nothing yet."""
AT_ONCE, AT_ONCE_PER_KEY = 3, 1
POOL, BUSY = 12, 8
PLENTY = 40
"""More attempts than any job can lose to faults, so that one that is dead is one that was meant to be."""
SOON = Backoff(first_seconds=0.2, factor=1.2, longest_seconds=1)


@dataclass(frozen=True)
class Work:
    """How long it takes, and where it leaves a trace outside of the database."""

    seconds: float = 0.0
    trace: str | None = None


def _declared() -> dict[str, Kind]:
    before = set(ALL)

    @job("chaos.effect", description="Does something once.", lease=LEASE, max_attempts=PLENTY)
    async def effect(running: RunningJob, payload: Work) -> dict[str, Any]:
        running.progress(0, 1)
        await asyncio.sleep(payload.seconds)
        return await _done(running)

    @job("chaos.external", description="Does something outside of the database.", lease=LEASE, max_attempts=PLENTY)
    async def external(running: RunningJob, payload: Work) -> None:
        assert payload.trace is not None
        await asyncio.sleep(max(payload.seconds, LEAST_SECONDS))
        line = f"{running.claim.job_id} {running.idempotency_key}\n".encode()
        trace = os.open(payload.trace, os.O_WRONLY | os.O_APPEND)
        os.write(trace, line)
        os.close(trace)

    @job("chaos.flaky", description="Fails half of the time.", lease=LEASE, max_attempts=4, backoff=SOON)
    async def flaky(running: RunningJob, payload: Work) -> dict[str, Any]:
        if random.random() < 0.5:
            raise RuntimeError("as it was meant to")
        return await _done(running)

    @job(
        "chaos.limited", description="May be done by few at once.", lease=LEASE, max_attempts=PLENTY,
        concurrency=AT_ONCE, concurrency_per_key=AT_ONCE_PER_KEY,
    )  # fmt: skip
    async def limited(running: RunningJob, payload: Work) -> dict[str, Any]:
        await asyncio.sleep(payload.seconds)
        return await _done(running)

    return {name: kind for name, kind in ALL.items() if name not in before}


async def _done(running: RunningJob) -> dict[str, Any]:
    async with running.finishing() as result:
        insert = "INSERT INTO chaos_effect (job_id, attempt) VALUES ($1, $2)"
        await rows_of(insert, running.claim.job_id, running.claim.attempt)
    return result


KINDS = _declared()


def toil(database_url: str, redis_url: str, log: str, ahead_seconds: float) -> None:
    """This will be a worker process, whose clock is ahead of the others', until it is told to stop."""
    os.setsid()
    place = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(place, 1)
    os.dup2(place, 2)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(message)s", stream=sys.stderr)
    logging.getLogger("tortoise").setLevel(logging.WARNING)
    _set_clock(ahead_seconds)
    asyncio.run(_toil(database_url, redis_url))


def _set_clock(ahead_seconds: float) -> None:
    """Lets everything that asks this process what time it is hear a wrong one."""
    true_time, true_clock = time.time, clock.system_clock
    wrong: dict[object, object] = {
        true_time: lambda: true_time() + ahead_seconds,
        true_clock: lambda: true_clock() + timedelta(seconds=ahead_seconds),
    }
    for module in list(sys.modules.values()):
        for name in ("time", "system_clock"):
            if (told := getattr(module, name, None)) in (true_time, true_clock):
                setattr(module, name, wrong[told])


async def _toil(database_url: str, redis_url: str) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with connected(database_url, pool_size=POOL, statement_timeout_seconds=10):
        await work(database_url, redis_url, stop, at_once=BUSY, kinds=KINDS)
