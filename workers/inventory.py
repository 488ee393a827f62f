"""Jobs of the inventory."""

from domain.inventory.reservations import release_expired
from domain.jobs.rules import MayStart
from workers.kinds import Every, RunningJob, job


@job(
    "inventory.expire",
    description="Gives back the stock of promises whose time is over.",
    may_start=MayStart.ADMINISTRATORS,
    schedule=Every("*/5 * * * *", "End promises of stock"),
)
async def expire(running: RunningJob) -> dict[str, int]:
    """This will end promises some hundreds at a time, each such batch in its own transaction, until none is due."""
    ended = 0
    while count := await release_expired(by=running.by, at=running.now()):
        ended += count
        running.progress(ended, None, "giving back stock")
    return {"ended": ended}
