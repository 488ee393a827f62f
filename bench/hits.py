"""What the engine adds to its own SQL where it has met a question before, and what it takes to meet a new one."""

import json
import tempfile
import time
from collections.abc import Awaitable, Iterator
from pathlib import Path
from statistics import median

import uvloop

from bench.cases import CASES
from bench.data import SMALL
from bench.inside import inside
from bench.load import CONCURRENCY
from bench.report import heading, verdict
from bench.rounds import Side, always, in_turns, tell
from bench.stand import Stand

ROUNDS = 7
SECONDS = 1.2
WARM_SECONDS = 1.0
MISSES = 150
MOST_ADDED_MS = 0.1
MOST_MISS_MS = 5.0

LIST = CASES[0]
KEY = "page"


def run(stand: Stand) -> None:
    """This will say what a hit adds to bare Starlette and asyncpg, and what a miss adds to a hit."""
    url = stand.database(SMALL)
    heading(
        "Hits and misses",
        f"The page of the race ({LIST.name}); one process each; concurrency {CONCURRENCY}; in turns, {ROUNDS} rounds "
        f"of {SECONDS:g} s, medians.\nThe peer sends the very statement of ours through bare Starlette, asyncpg and "
        f"uvicorn; it reads no token and no question.\n{stand.remark}",
    )
    with tempfile.TemporaryDirectory() as folder:
        statement = Path(folder) / "statement.json"
        statement.write_text(json.dumps(uvloop.run(_statement(stand, url))))
        with stand.api(url) as ours, stand.bare(url, statement) as bare:
            if ours.ask(LIST.ours) != bare.ask(LIST.ours):
                raise RuntimeError("the bare peer answers otherwise")
            requests = always({"query": LIST.ours})
            sides = Side("ours", ours, requests), Side("bare", bare, requests)
            in_turns(stand, sides, rounds=ROUNDS, seconds=SECONDS, warm_seconds=WARM_SECONDS)
    tell({"hit": sides})
    added = median(sides[0].cpu_ms) - median(sides[1].cpu_ms)
    verdict(f"a hit adds {added:.3f} ms of CPU (target: {MOST_ADDED_MS:g} ms)", added <= MOST_ADDED_MS)
    for name, question in {"list": LIST.ours, "nested": _nested()}.items():
        hit, miss = uvloop.run(_misses(stand, url, question))
        verdict(
            f"a miss of {name} adds {miss - hit:.2f} ms of CPU (target: {MOST_MISS_MS:g} ms)", miss - hit < MOST_MISS_MS
        )


async def _statement(stand: Stand, url: str) -> dict[str, object]:
    async with inside(stand, url) as ours:
        await ours.ask(LIST.ours)
        ((sql, values),) = await ours.statements(LIST.ours)
    return {"sql": sql, "values": values, "key": KEY}


async def _misses(stand: Stand, url: str, question: str) -> tuple[float, float]:
    """The median of ms of CPU: of a hit, and of a question met for the first time that needs the same statement."""
    async with inside(stand, url) as ours:
        await ours.ask(question)
        hits = [await _timed(ours.ask(question)) for _ in range(MISSES)]
        misses = [await _timed(ours.ask(each)) for each in renamed(question, MISSES)]
    return median(hits), median(misses)


def renamed(question: str, number: int) -> Iterator[str]:
    """This will give the question under many names, so that none of them has been met before."""
    kind, _, rest = question.partition(" ")
    name = rest.split(maxsplit=1)[0].split("(")[0]
    for each in range(number):
        yield f"{kind} {rest.replace(name, f'{name}{each}', 1)}"


async def _timed(answer: Awaitable[bytes]) -> float:
    began = time.process_time()
    await answer
    return 1000 * (time.process_time() - began)


def _nested() -> str:
    return next(case.ours for case in CASES if case.name.startswith("nested"))
