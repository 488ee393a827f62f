"""Salesloop's own engine: every job is a row, its end is written down before it counts."""

import asyncio
import logging
import os
import sys
import time
from dataclasses import dataclass

import uvloop

from bench.peers.queues.stopwatch import AT_ONCE, PAUSE_SECONDS, Stopwatch
from domain.jobs.commands import JobRequest, start_batch, start_job
from domain.jobs.rules import Policy
from domain.jobs.statements import rows_of
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.database import connected
from workers.kinds import Kind, RunningJob
from workers.main import work

BATCH = 500


@dataclass(frozen=True)
class Asked:
    """When it was asked for, of a job that is timed."""

    at: float = 0.0


async def main(jobs: int) -> None:
    """This will print what the stopwatch says, once the table says so too."""
    watch = Stopwatch(jobs)

    async def tick(running: RunningJob, payload: Asked) -> None:
        watch.tick(payload.at)

    database_url, redis_url, stop = os.environ["DATABASE_URL"], os.environ["REDIS_URL"], asyncio.Event()
    async with connected(database_url, pool_size=AT_ONCE // 4 + 8):
        for _ in range(0, jobs, BATCH):
            await start_batch([JobRequest("bench") for _ in range(BATCH)], by=SYSTEM, at=system_clock())
        watch.start()
        kinds = {"bench": Kind(Policy("bench"), "Does nothing.", tick, Asked)}
        working = asyncio.create_task(work(database_url, redis_url, stop, at_once=AT_ONCE, kinds=kinds))
        while await rows_of("SELECT FROM job WHERE state <> 'succeeded' LIMIT 1"):  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_SECONDS)
        watch.last = time.perf_counter()  # for the table says so, too
        await watch.look_on(lambda at: start_job("bench", {"at": at}, by=SYSTEM, at=system_clock()))
        stop.set()
        await working


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    uvloop.run(main(int(sys.argv[1])))
