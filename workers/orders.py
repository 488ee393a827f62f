"""Jobs of orders and quotes."""

from domain.jobs.rules import MayStart
from domain.orders.quotes import expire_quotes
from workers.kinds import Every, RunningJob, job


@job(
    "quotes.expire",
    description="Ends quotes that were not answered by their last day.",
    may_start=MayStart.ADMINISTRATORS,
    schedule=Every("10 * * * *", "End unanswered quotes"),
)
async def expire(running: RunningJob) -> dict[str, int]:
    """This will end quotes some hundreds at a time, each such batch in its own transaction, until none is due."""
    ended = 0
    while count := await expire_quotes(by=running.by, at=running.now()):
        ended += count
        running.progress(ended, None, "ending quotes")
    return {"ended": ended}
