"""`python -m bench.chaos [--faults N] [--seed S]`: a thousand faults and more, and whether all promises were kept."""

import argparse
import asyncio
import logging
import sys
import time
from collections import Counter

from bench.chaos.faults import FAULTS
from bench.chaos.stage import Stage, staged
from bench.chaos.verdict import Promise, promises
from domain.jobs.statements import rows_of

PAUSE_SECONDS = 0.8
ASKERS = 4
TOGETHER = 2
"""So many faults are under way at once, one of a sort."""
HEAL_SECONDS = 120


async def chaos(faults: int, seed: int, per_second: float = 240) -> tuple[list[Promise], list[str]]:
    """This will let so many faults befall the workers, wait until all is done, and give the verdict and figures."""
    async with staged(seed) as stage:
        stop, began = asyncio.Event(), time.monotonic()
        asking = [stage.ask_for_jobs(stop, per_second / ASKERS) for _ in range(ASKERS)]
        busy = [asyncio.create_task(each) for each in (*asking, stage.count(stop))]
        happened = await _trouble(stage, faults)
        stop.set()
        await asyncio.gather(*busy)
        troubled = time.monotonic() - began
        await rows_of("UPDATE schedule SET is_paused = true")
        for _ in range(HEAL_SECONDS):
            if await stage.is_idle():
                break
            await asyncio.sleep(1)
        verdict = await promises(stage.rolled_back, stage.trace.read_text(), stage.too_many)
        figures = [
            f"{sum(happened.values())} faults in {troubled:.0f} s, seed {seed}: "
            + ", ".join(f"{count} {name}" for name, count in sorted(happened.items())),
            *await _figures(len(stage.rolled_back)),
        ]
        if any(promise.broken for promise in verdict):
            figures.append(f"what the workers said last:\n{stage.log.read_text()[-20_000:]}")
        return verdict, figures


async def _trouble(stage: Stage, faults: int) -> Counter[str]:
    happened: Counter[str] = Counter()
    under_way: dict[str, asyncio.Task[None]] = {}
    for _ in range(faults):
        await asyncio.sleep(stage.chance.expovariate(1 / PAUSE_SECONDS))
        (fault,) = stage.chance.choices(list(FAULTS), list(FAULTS.values()))
        name = fault.__name__
        if name in under_way:
            await under_way[name]
        if len(under_way) >= TOGETHER:
            await asyncio.wait(under_way.values(), return_when=asyncio.FIRST_COMPLETED)
        for done in [each for each, task in under_way.items() if task.done()]:
            await under_way.pop(done)
        happened[name] += 1
        under_way[name] = asyncio.create_task(fault(stage))
    await asyncio.gather(*under_way.values())
    return happened


async def _figures(rolled_back: int) -> list[str]:
    states = {row[0]: row[1] for row in await rows_of("SELECT state, count(*) FROM job GROUP BY 1 ORDER BY 1")}
    outcomes = await rows_of("SELECT outcome, count(*) FROM job_attempt GROUP BY 1 ORDER BY 1")
    runs = await rows_of("SELECT outcome, count(*) FROM schedule_run GROUP BY 1 ORDER BY 1")
    return [
        f"{sum(states.values())} jobs: " + ", ".join(f"{count} {state}" for state, count in states.items()),
        f"{rolled_back} rolled back; attempts: " + ", ".join(f"{row[1]} {row[0]}" for row in outcomes),
        "due times: " + ", ".join(f"{row[1]} {row[0]}" for row in runs),
    ]


def main() -> int:
    """This will print the verdict; 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--faults", type=int, default=1000, help="how many (default: 1000)")
    parser.add_argument("--seed", type=int, default=1, help="what befalls whom in which order (default: 1)")
    chosen = parser.parse_args()
    logging.getLogger("asyncpg").setLevel(logging.CRITICAL)  # engines are away: that is the point
    verdict, figures = asyncio.run(chaos(chosen.faults, chosen.seed))
    print("\n".join(figures))
    for promise in verdict:
        print(f"{'BROKEN' if promise.broken else 'kept  '}  {promise.words}")
        for each in promise.broken[:10]:
            print(f"        {each}")
    return int(any(promise.broken for promise in verdict))


if __name__ == "__main__":
    sys.exit(main())
