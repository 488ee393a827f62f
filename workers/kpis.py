"""Jobs of KPIs."""

from domain.kpis.computing import compute_all
from domain.kpis.registry import install_built_in
from workers.kinds import Every, RunningJob, job


@job(
    "kpis.compute",
    description="Computes the KPIs for the periods that have changed, and finds what moved beyond chance.",
    schedule=Every("*/15 * * * *", "Compute KPIs"),
)
async def compute(running: RunningJob) -> dict[str, int]:
    """This will take in missing built-in KPIs, and compute all; every period where `everything` is asked for."""
    await install_built_in(by=running.by, at=running.now())
    everything = bool(running.payload.get("everything"))
    return await compute_all(running.progress, everything=everything, by=running.by, at=running.now())
