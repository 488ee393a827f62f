"""Celery: messages are in Redis; one process, its quickest pool for what takes no time."""

import os
import sys
import threading
import time
from urllib.parse import urlsplit

from celery import Celery
from stopwatch import ASKED_ONE_BY_ONE, PAUSE_SECONDS, Stopwatch

watch = Stopwatch(int(sys.argv[1]))
app = Celery("bench", broker=f"redis+socket://{urlsplit(os.environ['REDIS_URL']).path}")
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=64, task_acks_late=True)


@app.task(name="tick")
def tick(asked: float = 0.0) -> None:
    """Does nothing."""
    watch.tick(asked)


def look_on() -> None:
    """This will ask for what is timed when all else is done, and print what the stopwatch says."""
    while not watch.is_empty:
        time.sleep(0.05)
    for _ in range(ASKED_ONE_BY_ONE):
        tick.delay(time.time())
        time.sleep(PAUSE_SECONDS)
    while not watch.is_over:
        time.sleep(0.05)
    watch.tell()
    os._exit(0)


if __name__ == "__main__":
    with app.producer_pool.acquire(block=True) as producer:
        for _ in range(watch.wanted):
            tick.apply_async(producer=producer)
    threading.Thread(target=look_on, daemon=True).start()
    watch.start()
    app.worker_main(["worker", "--pool=solo", "--loglevel=WARNING", "--without-gossip", "--without-mingle"])
