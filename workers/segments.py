"""Jobs of segments."""

from uuid import UUID

from domain.segments.commands import refresh_segment
from domain.segments.models import Segment
from workers.kinds import Every, RunningJob, job


@job(
    "segments.refresh",
    description="Finds out who belongs to each segment now: who came, and who left.",
    schedule=Every("25 * * * *", "Refresh segments"),
)
async def refresh(running: RunningJob) -> dict[str, int]:
    """This will evaluate all segments, or the one that is asked for, each in a transaction of its own."""
    asked = running.payload.get("segment_id")
    keys = (
        [UUID(asked)] if asked else [each.id for each in await Segment.all().order_by("refreshed_at", "id").only("id")]
    )
    counts = {"segments": len(keys), "joined": 0, "left": 0}
    for done, key in enumerate(keys):
        running.progress(done, len(keys), "evaluating segments")
        found = await refresh_segment(key, by=running.by, at=running.now())
        counts["joined"] += found["joined"]
        counts["left"] += found["left"]
    return counts
