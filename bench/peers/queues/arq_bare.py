"""arq by itself: jobs are in Redis alone. It is as its defaults are, or with `tuned` it hurries."""

import asyncio
import os
import sys
from typing import Any, cast
from urllib.parse import urlsplit

import uvloop
from arq.connections import RedisSettings, create_pool
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func

from bench.peers.queues.stopwatch import AT_ONCE, Stopwatch


async def main(jobs: int, tuned: bool) -> None:
    """This will print what the stopwatch says."""
    watch = Stopwatch(jobs)

    async def tick(_: dict[Any, Any], asked: float = 0.0) -> None:
        watch.tick(asked)

    pool = await create_pool(RedisSettings(unix_socket_path=urlsplit(os.environ["REDIS_URL"]).path))
    for _ in range(jobs):
        await pool.enqueue_job("tick")
    more: dict[str, Any] = {"poll_delay": 0.005, "max_jobs": AT_ONCE, "keep_result": 0} if tuned else {}
    worker = Worker([func(cast(WorkerCoroutine, tick), name="tick")], redis_pool=pool, handle_signals=False, **more)
    watch.start()
    working = asyncio.create_task(worker.async_run())
    await watch.look_on(lambda asked: pool.enqueue_job("tick", asked))
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)
    os._exit(0)


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), "tuned" in sys.argv))
