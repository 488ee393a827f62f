"""What can be heard of jobs."""

import strawberry

from api.graph.events import changes
from api.jobs.types import Job
from domain.jobs.queries import has_ended


@strawberry.type
class JobSubscriptions:
    job_progress: Job = changes(
        ends=has_ended,
        description="A job as it stands now, and again whenever that has changed: its state, its progress. The "
        "subscription is complete when the job has ended.",
    )
