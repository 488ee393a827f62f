"""Jobs of replenishment."""

from dataclasses import dataclass

from domain.jobs.queries import asked_at
from domain.jobs.rules import MayStart
from domain.kernel.permissions import Permission
from domain.replenishment.proposing import Run, propose
from workers.kinds import Every, RunningJob, job


@dataclass(frozen=True)
class Propose:
    """What is computed: what has changed, or everything anew."""

    everything: bool = False


@job(
    "replenishment.propose",
    description="Looks at the stock of every policy whose look is due, and proposes what to buy, with the reasons.",
    may_start=MayStart.EVERYBODY,
    permission=Permission.REPLENISHMENT_WRITE,
    schedule=Every("0 4 * * *", "Propose what to buy"),
)
async def propose_what_to_buy(running: RunningJob, payload: Propose) -> dict[str, int]:
    """This will look at all policies where `everything` is asked for, else at those whose next look is due."""
    run = Run(await asked_at(running.claim.job_id), payload.everything, running.now())
    return await propose(run, lambda done, total: running.progress(done, total, "looking at the stock"), by=running.by)
