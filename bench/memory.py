"""What a process holds in memory: the API after many requests, the worker at rest."""

import time
from typing import Any

from bench.data import SMALL
from bench.load import Order, fire
from bench.reads import READS
from bench.report import heading, table, verdict
from bench.stand import Server, Stand

STAGES = (100, 1_000, 2_000, 5_000, 10_000)
BATCH = 500
LARGEST_MEBIBYTES = 150
FLAT = 1.05
WORKER_SECONDS = 5


def run(stand: Stand) -> None:
    """This will send 10,000 requests, most of them documents never seen before, and look at the API in between."""
    heading(
        "Memory",
        f"Resident memory of one API process after so many requests at concurrency 16: of every four, two are the reads "
        f"above and two are documents that were never sent before, so that every cache fills up and turns over. Of a "
        f"worker: after {WORKER_SECONDS} s of rest.\n{stand.remark}",
    )
    url = stand.database(SMALL)
    with stand.api(url) as api:
        held = _held(api)
    rows: list[tuple[object, ...]] = [("API: started", held[0])]
    rows += [(f"API: after {count:,} requests", held[count]) for count in STAGES]
    table(("", "MiB"), [*rows, ("worker: at rest", _worker(stand, url))])
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
          n{number}: id orderedAt total {{ amount currency }} customer {{ id name city country industry }}
          lines(first: 5) {{ nodes {{ position quantity product {{ id sku name category }} }} }} }}
          pageInfo {{ hasNextPage endCursor }} }} }}"""


def _worker(stand: Stand, url: str) -> float | str:
    try:
        with stand.worker(url) as worker:
            time.sleep(WORKER_SECONDS)
            return worker.resident_mebibytes() or "it ended"
    except (OSError, ValueError):
        return "it ended"
