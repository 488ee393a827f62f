"""Words and law of jobs: the states a job goes through and the way back after a failure."""

from datetime import timedelta
from enum import StrEnum


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    DISPATCHED = "dispatched"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"
    CANCELLED = "cancelled"


LIVE = (JobState.QUEUED, JobState.DISPATCHED, JobState.RUNNING)
"""The states in which a job has still something ahead of it."""


def backoff(attempt: int, jitter: float) -> timedelta:
    """This will say how long to wait after the attempt-th failure (from 1): 1 s, 2 s, 4 s … at most 10 minutes.

    `jitter` in [0, 1) spreads the wait over its upper half, so that jobs which failed together do not return together.
    """
    ceiling = min(2.0 ** (attempt - 1), 600.0)
    return timedelta(seconds=ceiling * (0.5 + jitter / 2))
