"""Jobs of segments."""

from dataclasses import dataclass
from uuid import UUID

from domain.jobs.rules import MayStart
from domain.kernel.permissions import Permission
from domain.segments.commands import refresh_segment
from domain.segments.models import Segment
from workers.kinds import Every, RunningJob, job


@dataclass(frozen=True)
class Refresh:
    """Which segment is evaluated; none: all of them."""

    segment_id: UUID | None = None


@job(
    "segments.refresh",
    description="Finds out who belongs to each segment now: who came, and who left.",
    may_start=MayStart.EVERYBODY,
    permission=Permission.SEGMENTS_WRITE,
    schedule=Every("25 * * * *", "Refresh segments"),
)
async def refresh(running: RunningJob, payload: Refresh) -> dict[str, int]:
    """This will evaluate all segments, or the one that is asked for, each in a transaction of its own."""
    keys = (
        [payload.segment_id]
        if payload.segment_id
        else [each.id for each in await Segment.all().order_by("refreshed_at", "id").only("id")]
    )
    counts = {"segments": len(keys), "joined": 0, "left": 0}
    for done, key in enumerate(keys):
        running.progress(done, len(keys), "evaluating segments")
        found = await refresh_segment(key, by=running.by, at=running.now())
        counts["joined"] += found["joined"]
        counts["left"] += found["left"]
    return counts
