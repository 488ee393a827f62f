"""procrastinate: jobs are rows of PostgreSQL, a worker listens for them."""

import asyncio
import os
import sys

from procrastinate import App, PsycopgConnector
from stopwatch import AT_ONCE, Stopwatch

BATCH = 500


async def main(jobs: int) -> None:
    """This will print what the stopwatch says."""
    watch = Stopwatch(jobs)
    app = App(connector=PsycopgConnector(conninfo=os.environ["DATABASE_URL"], max_size=AT_ONCE // 4 + 8))

    @app.task(name="tick")
    async def tick(asked: float = 0.0) -> None:
        watch.tick(asked)

    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for _ in range(0, jobs, BATCH):
            await tick.batch_defer_async(*({} for _ in range(BATCH)))
        watch.start()
        working = asyncio.create_task(app.run_worker_async(concurrency=AT_ONCE, install_signal_handlers=False))
        await watch.look_on(lambda asked: tick.defer_async(asked=asked))
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
