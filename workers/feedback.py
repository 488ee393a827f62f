"""Jobs of feedback."""

import asyncio
from dataclasses import asdict
from functools import cache
from typing import TYPE_CHECKING, Any

from domain.jobs.rules import MayStart
from domain.kernel.permissions import Permission
from workers.kinds import Every, RunningJob, job

if TYPE_CHECKING:
    from domain.feedback.text.reading import Reader


@job(
    "feedback.aggregate",
    description="Reads what customers said since the last time, finds the themes, counts them.",
    may_start=MayStart.EVERYBODY,
    permission=Permission.FEEDBACK_WRITE,
    schedule=Every("*/15 * * * *", "Aggregate feedback"),
)
async def aggregate(running: RunningJob) -> dict[str, Any]:
    """This will read what is new or changed and gather all of it anew."""
    running.progress(0, None, "getting the reader ready")
    reader = await asyncio.to_thread(_reader)
    from domain.feedback import aggregation

    await aggregation.void_old_readings(reader)
    read = await aggregation.read_new(reader, lambda done, total: running.progress(done, total, "reading"))
    running.progress(running.done, running.total, "gathering themes")
    async with running.finishing() as result:
        result |= {"read": read, **await aggregation.gather(by=running.by, at=running.now())}
        result["held_out_accuracy"] = {language: asdict(found) for language, found in reader.accuracy.items()}
    return result


@cache
def _reader() -> "Reader":
    """The one reader of this process; its imports alone take seconds, so it is made off the event loop."""
    from domain.feedback.text.reading import Reader

    return Reader()
