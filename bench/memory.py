"""What a process holds in memory: the API after many requests, the worker before and after it gathered feedback."""

import asyncio
import time
from typing import Any

from bench.data import SMALL
from bench.load import CONCURRENCY, Order, fire
from bench.reads import READS
from bench.report import heading, table, verdict
from bench.stand import Server, Stand
from domain.jobs.commands import start_job
from domain.jobs.models import Job
from domain.jobs.rules import LIVE
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.database import connected

STAGES = (100, 1_000, 2_000, 5_000, 10_000)
BATCH = 500
LARGEST_MEBIBYTES = 150
FLAT = 1.05
WORKER_SECONDS = 5
JOB_SECONDS = 90
POLL_SECONDS = 0.2


def run(stand: Stand) -> None:
    """This will send 10,000 requests, most of them documents never seen before, and look at the API in between."""
    heading(
        "Memory",
        f"Resident memory of one API process after so many requests at concurrency {CONCURRENCY}: of every four, two "
        "are the reads of this bench and two are documents never sent before, so that every cache fills up and turns "
        f"over. Of a worker: after {WORKER_SECONDS} s of rest, and after it read and gathered {SMALL.feedback:,} "
        f"feedback items.\n{stand.remark}",
    )
    url = stand.database(SMALL)
    with stand.api(url) as api:
        held = _held(api)
    rows: list[tuple[object, ...]] = [("API: started", held[0])]
    rows += [(f"API: after {count:,} requests", held[count]) for count in STAGES]
    table(("", "MiB"), [*rows, *_worker(stand, url)])
    print()
    last, thousand = held[STAGES[-1]], held[1_000]
    verdict(f"API: {last:.0f} MiB (target: at most {LARGEST_MEBIBYTES})", last <= LARGEST_MEBIBYTES)
    verdict(f"API: {last / thousand:.2f} of what it held after 1,000 (target: flat, {FLAT})", last <= FLAT * thousand)


def _held(api: Server) -> dict[int, float]:
    held, sent = {0: api.process.resident_mebibytes()}, 0
    for stage in STAGES:
        while sent < stage:
            count = min(BATCH, stage - sent)
            fire(Order(api.process.port, _mixed(sent, count), api.token, answers=count))
            sent += count
        held[stage] = api.process.resident_mebibytes()
    return held


def _mixed(begin: int, count: int) -> list[dict[str, Any]]:
    reads = list(READS.values())
    return [{"query": reads[n % 4] if n % 4 < 2 else _new_document(n)} for n in range(begin, begin + count)]


def _new_document(number: int) -> str:
    """Each of them is another text, another plan and another statement."""
    return f"""
        query New{number} {{ orders(first: {1 + number % 40}, where: {{totalAmount: {{gte: "{number}"}}}}) {{ nodes {{
          n{number}: id placedAt total {{ amount currency }} customer {{ id name city country industry }}
          lines(first: 5) {{ nodes {{ position quantity product {{ id sku name category }} }} }} }}
          pageInfo {{ hasNextPage endCursor }} }} }}"""


def _worker(stand: Stand, url: str) -> list[tuple[object, ...]]:
    with stand.worker(url) as worker:
        time.sleep(WORKER_SECONDS)
        rested = worker.resident_mebibytes()
        asyncio.run(_aggregate(url))
        return [("worker: at rest", rested), ("worker: after the aggregation", worker.resident_mebibytes())]


async def _aggregate(url: str) -> None:
    async with connected(url, pool_size=1):
        job = await start_job("feedback.aggregate", {}, by=SYSTEM, at=system_clock())
        deadline = time.monotonic() + JOB_SECONDS
        while job.state in LIVE and time.monotonic() < deadline:
            await asyncio.sleep(POLL_SECONDS)
            job = await Job.get(id=job.id)
    if job.state != "succeeded":
        raise RuntimeError(f"the aggregation is {job.state} after {JOB_SECONDS} s: {job.error}")
