"""SAQ: jobs are in Redis, or with `postgres` they are rows of PostgreSQL."""

import asyncio
import os
import sys
from urllib.parse import urlsplit

from redis.asyncio import Redis
from saq import Queue, Worker
from saq.queue.redis import RedisQueue
from stopwatch import AT_ONCE, Stopwatch

BATCH = 100


def _queue(in_postgres: bool) -> Queue:
    if in_postgres:
        return Queue.from_url(os.environ["DATABASE_URL"], max_size=AT_ONCE // 4 + 8)
    return RedisQueue(Redis.from_url(f"unix://{urlsplit(os.environ['REDIS_URL']).path}"))


async def main(jobs: int, in_postgres: bool) -> None:
    """This will print what the stopwatch says."""
    watch, queue = Stopwatch(jobs), _queue(in_postgres)

    async def tick(_: object, *, asked: float = 0.0) -> None:
        watch.tick(asked)

    await queue.connect()
    for _ in range(0, jobs, BATCH):
        await asyncio.gather(*(queue.enqueue("tick") for _ in range(BATCH)))
    worker = Worker(queue, [("tick", tick)], concurrency=AT_ONCE)
    watch.start()
    working = asyncio.create_task(worker.start())
    await watch.look_on(lambda asked: queue.enqueue("tick", asked=asked))
    working.cancel()
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), "postgres" in sys.argv))
