"""Jobs and schedules as the graph shows them."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.access.types import User
from api.graph.aggregates import aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, expression, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.scalars import JSON
from domain.jobs import models
from domain.jobs.queues import THROUGHPUT_MINUTES
from domain.jobs.rules import AttemptOutcome, CatchUp, JobState, MayStart, Overlap, RunOutcome
from domain.kernel.permissions import Permission

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

word_enum(
    MayStart,
    "MayStart",
    "Who may start jobs of a kind with `jobStart`.",
    NOBODY="Nobody: they follow from something else.",
    ADMINISTRATORS="Administrators.",
    EVERYBODY="Whoever is signed in.",
)

word_enum(
    Overlap,
    "ScheduleOverlap",
    "What a schedule does when it is due while its last job is under way.",
    SKIP="It leaves the due time out.",
    QUEUE="It starts a job that begins when those before it have ended.",
    REPLACE="It calls the jobs before it off, and starts one that begins when they have ended.",
)

word_enum(
    CatchUp,
    "ScheduleCatchUp",
    "What a schedule does about due times that passed while no worker ran.",
    NONE="Nothing: what is more than a minute late is missed.",
    LAST="It starts one job, for the last of them.",
    ALL="It starts a job for each, at most a hundred at a time, as `overlap` lets it.",
)

word_enum(
    RunOutcome,
    "ScheduleRunOutcome",
    "What became of a due time.",
    STARTED="A job was started.",
    SKIPPED="None was: the one before, or the same work asked for by others, was under way.",
    MISSED="None was: no worker ran at that time.",
)


def _count(state: JobState) -> str:
    of = "SELECT count(*) FROM job j JOIN job_kind k ON k.name = j.kind"
    return f"({of} WHERE k.queue = {{t}}.name AND j.state = '{state}')"


@entity(models.Job, order=("-createdAt",))
class Job(Node):
    """A piece of work done in the background: durable, retried, with progress that people can see."""

    id: strawberry.ID = identity()
    kind: str = column(filter=True, order=True, group=True)
    state: JobState = column(filter=True, group=True)
    payload: JSON = column()
    payload_version: int = column(
        description="By which version of its kind's payload it was asked for; workers bring older ones up to date."
    )
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
    schedule: Annotated["Schedule", strawberry.lazy("api.jobs.types")] | None = to_one(
        "schedule_id",
        nullable=True,
        description="The schedule that started it; null where none did, and where that is no more.",
    )
    due_at: datetime | None = column(
        description="The due time that it is for, or when `scheduleRun` started it (UTC); null where no schedule did."
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


@entity(models.JobAttempt, order=("startedAt",))
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


@entity(models.Schedule, order=("name",))
class Schedule(Node):
    """When a kind of job is run again and again: by a cron line read in a time zone, or every so many seconds."""

    id: strawberry.ID = identity()
    name: str = column(filter=True, order=True)
    kind: str = column(filter=True)
    payload: JSON = column()
    payload_version: int = column()
    cron: str | None = column()
    every_seconds: int | None = column()
    time_zone: str = column()
    overlap: Overlap = column(filter=True)
    catch_up: CatchUp = column(filter=True)
    is_paused: bool = column(filter=True)
    next_due_at: datetime = column(filter=True, order=True)
    due_times: list[datetime] = column(
        description="When it is next due, five times (UTC), `nextDueAt` the first; while it rests, when it would be."
    )
    created_at: datetime = column()
    updated_at: datetime = column()
    version: int = column()
    jobs: Connection[Job] = to_many(
        "schedule_id", order=("-createdAt",), filter=True, description="The jobs that it has started, the newest first."
    )
    runs: Connection[Annotated["ScheduleRun", strawberry.lazy("api.jobs.types")]] = to_many(
        "schedule_id", order=("-dueAt",), description="What became of its due times, the last ones first."
    )


@entity(models.ScheduleRun, order=("-dueAt",))
class ScheduleRun(Node):
    """What became of a due time of a schedule. Kept as long as jobs are."""

    id: strawberry.ID = identity()
    due_at: datetime = column(filter=True, order=True)
    outcome: RunOutcome = column(filter=True)
    created_at: datetime = column(description="When that was decided (UTC): how late the schedule was looked at.")
    job: Job | None = to_one(
        "job_id",
        nullable=True,
        description="The job that it started, or that it was left out for; null where you may not see it, too.",
    )
    schedule: Schedule = to_one("schedule_id", description="The schedule that was due.")


@entity(models.JobKind, order=("name",))
class JobKind(Node):
    """A kind of job that workers have told of: what it does, what it is given, and how it is run."""

    id: strawberry.ID = identity()
    name: str = column(filter=True, order=True)
    description: str = column()
    queue: str = column(filter=True)
    may_start: MayStart = column(filter=True)
    permission: Permission | None = column(filter=True)
    payload_version: int = column()
    payload_oldest: int = column()
    payload_schema: JSON = column()
    max_attempts: int = column()
    timeout_seconds: float | None = column()
    concurrency: int | None = column()
    concurrency_per_key: int | None = column()
    rate_count: int | None = column()
    rate_seconds: float | None = column()
    seen_at: datetime = column()


@entity(models.JobQueue, order=("name",))
class JobQueue(Node):
    """A queue that kinds of jobs stand in, and how it moves. Jobs of a kind that no worker has told of are in none."""

    id: strawberry.ID = identity()
    name: str = column(filter=True, order=True)
    is_paused: bool = column(filter=True)
    reason: str | None = column()
    kinds: list[str] = expression(
        "(SELECT coalesce(jsonb_agg(k.name ORDER BY k.name), '[]') FROM job_kind k WHERE k.queue = {t}.name)",
        "JSONField",
        description="The names of the kinds whose jobs stand in it.",
    )
    depth: int = expression(
        f"({_count(JobState.QUEUED)} + {_count(JobState.DISPATCHED)})",
        "IntField",
        description="How many jobs could be begun now, and wait for a worker.",
    )
    scheduled_count: int = expression(
        _count(JobState.SCHEDULED), "IntField", description="How many jobs wait for their time, or for another try."
    )
    blocked_count: int = expression(
        _count(JobState.BLOCKED), "IntField", description="How many jobs wait for others with their key."
    )
    running_count: int = expression(_count(JobState.RUNNING), "IntField", description="How many jobs run.")
    dead_count: int = expression(
        _count(JobState.DEAD), "IntField", description="How many jobs were refused, or failed too often, and are kept."
    )
    oldest_age_seconds: float | None = expression(
        "(SELECT extract(epoch FROM clock_timestamp() - min(j.ready_at))::float8 FROM job j "
        "JOIN job_kind k ON k.name = j.kind WHERE k.queue = {t}.name AND j.state = 'queued')",
        "FloatField",
        nullable=True,
        description="How long the oldest job that could be begun has waited; null where none waits.",
    )
    ended_per_minute: float = expression(
        "(SELECT count(*)::float8 FROM job j JOIN job_kind k ON k.name = j.kind WHERE k.queue = {t}.name "
        f"AND j.finished_at > clock_timestamp() - interval '{THROUGHPUT_MINUTES} min') / {THROUGHPUT_MINUTES}",
        "FloatField",
        description="Its throughput: how many jobs a minute have ended, the mean of the last five.",
    )
    updated_at: datetime = column()
    version: int = column()


JobWhere = where_input("JobWhere", Job)
JobOrderBy = order_input("JobOrderBy", Job)
JobAttemptWhere = where_input("JobAttemptWhere", JobAttempt)
JobAttemptOrderBy = order_input("JobAttemptOrderBy", JobAttempt)
ScheduleRunWhere = where_input("ScheduleRunWhere", ScheduleRun)
ScheduleRunOrderBy = order_input("ScheduleRunOrderBy", ScheduleRun)
JobKindWhere = where_input("JobKindWhere", JobKind)
JobKindOrderBy = order_input("JobKindOrderBy", JobKind)
JobQueueWhere = where_input("JobQueueWhere", JobQueue)
JobQueueOrderBy = order_input("JobQueueOrderBy", JobQueue)
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
