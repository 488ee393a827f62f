"""Reads of jobs for jobs: whether others have ended, and how."""

from datetime import datetime
from uuid import UUID

from domain.jobs.models import Job
from domain.jobs.rules import LIVE, JobState


async def has_ended(key: UUID) -> bool:
    """This will say whether a job is done or dead, or is no more."""
    return not await Job.exists(id=key, state__in=LIVE)


async def asked_at(key: UUID) -> datetime:
    """This will say when a job was asked for: what was done of it since then is done."""
    return (await Job.get(id=key).only("created_at")).created_at


async def outcomes_before(key: UUID) -> dict[JobState, int]:
    """This will count the jobs that a job has waited for by what became of them: for the last job of a batch."""
    outcomes: dict[JobState, int] = {}
    for state in await Job.filter(then_id=key).values_list("state", flat=True):
        outcomes[JobState(str(state))] = outcomes.get(JobState(str(state)), 0) + 1
    return outcomes
