"""Jobs and schedules as the graph shows them."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.access.types import User
from api.graph.aggregates import aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.scalars import JSON
from domain.jobs import models
from domain.jobs.queries import visible, visible_attempts, visible_schedules
from domain.jobs.rules import AttemptOutcome, JobState

word_enum(
    JobState,
    "JobState",
    "Where a job stands.",
    WAITING="It waits for other jobs, which have to end or succeed before it.",
    SCHEDULED="It waits for its time: `runAt`.",
    QUEUED="It could be begun, and waits for a worker.",
    BLOCKED="As many jobs with its key are under way as there may be; it waits for one of them.",
    DISPATCHED="It was handed to the workers; none has begun.",
    RUNNING="A worker is at it.",
    SUCCEEDED="It is done; `result` says what came of it.",
    DEAD="It was refused, or failed too often; `error` says why.",
    CANCELLED="Somebody called it off.",
)

word_enum(
    AttemptOutcome,
    "AttemptOutcome",
    "How an attempt at a job ended.",
    SUCCEEDED="The job is done.",
    FAILED="Something went wrong; `error` says what.",
    TIMED_OUT="It took longer than jobs of its kind may.",
    REFUSED="What was asked for cannot be done, and would not be later either.",
    CANCELLED="Somebody called the job off meanwhile.",
    RELEASED="Its worker was told to stop, and gave it back unharmed; it does not count as an attempt.",
    LOST="Its worker went silent for longer than its lease.",
)


@entity(models.Job, visible=visible, order=("-createdAt",))
class Job(Node):
    """A piece of work done in the background: durable, retried, with progress that people can see."""

    id: strawberry.ID = identity()
    kind: str = column(filter=True, order=True, group=True)
    state: JobState = column(filter=True, group=True)
    payload: JSON = column()
    progress_done: int = column()
    progress_total: int | None = column()
    progress_message: str | None = column()
    attempt: int = column(filter=True, measure=True)
    max_attempts: int = column()
    replays: int = column()
    priority: int = column(filter=True)
    run_at: datetime = column(filter=True, order=True)
    ready_at: datetime | None = column()
    dispatched_at: datetime | None = column()
    started_at: datetime | None = column(filter=True, order=True)
    finished_at: datetime | None = column(filter=True, order=True, measure=True)
    cancel_requested_at: datetime | None = column()
    worker: str | None = column()
    log_tail: str | None = column()
    result: JSON | None = column()
    error: str | None = column()
    requested_by: User | None = to_one(
        "requested_by_id",
        nullable=True,
        filter=True,
        group=True,
        description="Who asked for it; null where it was the system itself.",
    )
    attempts: Connection[Annotated["JobAttempt", strawberry.lazy("api.jobs.types")]] = to_many(
        "job_id", order=("startedAt",), description="The attempts at it that have ended, the first ones first."
    )
    then: Annotated["Job", strawberry.lazy("api.jobs.types")] | None = to_one(
        "then_id", nullable=True, description="The job that waits for this one, if one does."
    )
    after: Connection[Annotated["Job", strawberry.lazy("api.jobs.types")]] = to_many(
        "then_id", order=("createdAt",), description="The jobs that it waits for, or has waited for."
    )
    created_at: datetime = column(filter=True, order=True, measure=True, group=True)
    updated_at: datetime = column()


@entity(models.JobAttempt, visible=visible_attempts, order=("startedAt",))
class JobAttempt(Node):
    """One attempt at a job that has ended: by which worker, how, and what it said. A deploy's do not count."""

    id: strawberry.ID = identity()
    number: int = column()
    outcome: AttemptOutcome = column(filter=True)
    worker: str | None = column()
    started_at: datetime = column(order=True)
    finished_at: datetime = column()
    error: str | None = column()
    log_tail: str | None = column()
    job: Job = to_one("job_id", description="The job that was tried.")


@entity(models.Schedule, visible=visible_schedules, order=("name",))
class Schedule(Node):
    """When a kind of job is run again and again: a cron line, read in a time zone."""

    id: strawberry.ID = identity()
    name: str = column(filter=True, order=True)
    kind: str = column(filter=True)
    cron: str = column()
    time_zone: str = column()
    is_paused: bool = column(filter=True)
    next_due_at: datetime = column(filter=True, order=True)
    created_at: datetime = column()
    updated_at: datetime = column()
    version: int = column()
    jobs: Connection[Job] = to_many(
        "schedule_id", order=("-createdAt",), filter=True, description="The jobs that it has started, the newest first."
    )


JobWhere = where_input("JobWhere", Job)
JobOrderBy = order_input("JobOrderBy", Job)
JobAttemptWhere = where_input("JobAttemptWhere", JobAttempt)
JobAttemptOrderBy = order_input("JobAttemptOrderBy", JobAttempt)
ScheduleWhere = where_input("ScheduleWhere", Schedule)
ScheduleOrderBy = order_input("ScheduleOrderBy", Schedule)


@aggregate_of(
    Job,
    numbers="JobNumbers",
    bounds="JobBounds",
    group="JobGroup",
    key="JobGroupKey",
    by="JobGroupBy",
)
class JobAggregate:
    """What jobs come to: how many, how often they were tried, the whole or by groups."""
