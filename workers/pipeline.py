"""Jobs of the pipeline."""

from domain.jobs.rules import MayStart
from domain.kernel.permissions import Permission
from domain.pipeline.forecasts import freeze_forecasts, score_forecasts
from workers.kinds import Every, RunningJob, job


@job(
    "pipeline.snapshot_forecast",
    description="Freezes what the pipeline promises for the month and the quarter, and scores what is over.",
    may_start=MayStart.EVERYBODY,
    permission=Permission.PIPELINE_WRITE,
    schedule=Every("0 6 1 * 1", "Freeze the forecast"),
)
async def snapshot_forecast(running: RunningJob) -> dict[str, int]:
    """This will freeze the forecasts of today, unless they are, and then score those that wait for it."""
    running.progress(0, 2, "freezing forecasts")
    taken = await freeze_forecasts(by=running.by, at=running.now())
    running.progress(1, 2, "scoring forecasts")
    scored = await score_forecasts(by=running.by, at=running.now())
    return {"taken": taken, "scored": scored}
