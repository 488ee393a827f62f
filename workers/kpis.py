"""Jobs of KPIs."""

from dataclasses import dataclass

from domain.jobs.rules import MayStart
from domain.kernel.permissions import Permission
from domain.kpis.computing import compute_all
from domain.kpis.registry import install_built_in
from workers.kinds import Every, RunningJob, job


@dataclass(frozen=True)
class Compute:
    """What is computed: what has changed, or everything anew."""

    everything: bool = False


@job(
    "kpis.compute",
    description="Computes the KPIs for the periods that have changed, and finds what moved beyond chance.",
    may_start=MayStart.EVERYBODY,
    permission=Permission.KPIS_WRITE,
    schedule=Every("*/15 * * * *", "Compute KPIs"),
)
async def compute(running: RunningJob, payload: Compute) -> dict[str, int]:
    """This will take in missing built-in KPIs, and compute all; every period where `everything` is asked for."""
    await install_built_in(by=running.by, at=running.now())
    return await compute_all(running.progress, everything=payload.everything, by=running.by, at=running.now())
