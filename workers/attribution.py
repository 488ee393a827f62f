"""Jobs of attribution."""

from dataclasses import dataclass

from domain.attribution.computing import credit_next, due_count, mark_everybody
from domain.jobs.rules import MayStart
from domain.kernel.permissions import Permission
from workers.kinds import Every, RunningJob, job


@dataclass(frozen=True)
class Compute:
    """What is computed: what has changed, or everything anew."""

    everything: bool = False


@job(
    "attribution.compute",
    description="Credits won revenue to the campaigns that touched the customer, and compares targeted with held out.",
    may_start=MayStart.EVERYBODY,
    permission=Permission.ATTRIBUTION_WRITE,
    schedule=Every("40 * * * *", "Credit campaigns"),
)
async def compute(running: RunningJob, payload: Compute) -> dict[str, int]:
    """This will credit customers a batch at a time, all of them where `everything` is asked for, then sum up."""
    from domain.attribution.results import compare_arms, sum_up

    if payload.everything:
        await mark_everybody()
    counts = {"customers": 0, "credits": 0}
    total = await due_count()
    while found := await credit_next(running.now()):
        counts["customers"] += found[0]
        counts["credits"] += found[1]
        running.progress(counts["customers"], max(total, counts["customers"]), "crediting campaigns")
    await sum_up(running.now())
    counts["compared"] = await compare_arms(running.now())
    return counts
