"""Jobs and schedules as the graph shows them."""

from datetime import datetime

import strawberry

from api.access.types import User
from api.graph.aggregates import aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.scalars import JSON
from domain.jobs import models
from domain.jobs.queries import visible, visible_schedules
from domain.jobs.rules import JobState

word_enum(
    JobState,
    "JobState",
    "Where a job stands.",
    QUEUED="It waits for its time and for a worker.",
    DISPATCHED="It was handed to the workers; none has begun.",
    RUNNING="A worker is at it.",
    SUCCEEDED="It is done; `result` says what came of it.",
    DEAD="It was refused, or failed too often; `error` says why.",
    CANCELLED="Somebody called it off.",
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
    run_at: datetime = column(filter=True, order=True)
    started_at: datetime | None = column(filter=True, order=True)
    finished_at: datetime | None = column(filter=True, order=True, measure=True)
    result: JSON | None = column()
    error: str | None = column()
    requested_by: User | None = to_one(
        "requested_by_id",
        nullable=True,
        filter=True,
        group=True,
        description="Who asked for it; null where it was the system itself.",
    )
    created_at: datetime = column(filter=True, order=True, measure=True, group=True)
    updated_at: datetime = column()


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
