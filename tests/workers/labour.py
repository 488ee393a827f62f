"""A worker process for tests to kill: its one kind of job waits for a customer called `go on` before it takes effect."""

import asyncio
import sys
from datetime import timedelta

from domain.customers.models import Customer
from runtime.settings import read_settings
from runtime.telemetry import configure_logging
from tests.waiting import eventually
from tests.workers.workplace import NOW
from workers.kinds import RunningJob, job
from workers.main import run

KIND, GO_ON, DONE = "labour", "go on", "done"


@job(KIND, description="A test.", lease=timedelta(seconds=1))
async def labour(running: RunningJob) -> None:
    """This will wait for the customer `go on`, and make the customer `done`."""
    await eventually(lambda: Customer.exists(name=GO_ON))
    async with running.finishing():
        await Customer.create(kind="person", name=DONE, created_at=NOW, updated_at=NOW)


if __name__ == "__main__":
    settings = read_settings().with_engines(database_url=sys.argv[1], redis_url=sys.argv[2])
    configure_logging(settings)
    asyncio.run(run(settings))
