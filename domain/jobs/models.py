"""Tables of jobs: what is to be done, who asked for it, how far it is. The rows are the truth; arq only carries."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from domain.access.models import User
from domain.jobs.rules import JobState
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class JobKind(Record):
    """A kind of job that workers have told of: what it does, what it is given, and how it is run."""

    prefix = "jkd"
    guard = Guard(read=Permission.JOBS_READ)

    name = fields.CharField(max_length=80, unique=True, description="What jobs of this kind name, context first.")
    description = fields.TextField(description="What it does.")
    queue = fields.CharField(max_length=40, default="default", description="The queue that its jobs stand in.")
    payload_version = fields.IntField(default=1, description="The version of the payload that the newest worker takes.")
    payload_oldest = fields.IntField(default=1, description="The oldest version of the payload that it still takes.")
    payload_schema: Any = fields.JSONField(description="What it is given, as a JSON Schema.")
    may_start = fields.CharField(max_length=20, description="Who may start it by hand.")
    permission = fields.CharField(
        max_length=60, null=True, description="What must be permitted over all records to start it; empty: no more."
    )
    max_attempts = fields.IntField(description="After so many failures a job of this kind is dead.")
    timeout_seconds = fields.FloatField(null=True, description="How long an attempt may take; empty: as it likes.")
    concurrency = fields.IntField(null=True, description="How many may be under way at once; empty: any number.")
    concurrency_per_key = fields.IntField(null=True, description="How many of them with one key; empty: any number.")
    rate_count = fields.IntField(null=True, description="How many of them may start in a stretch of time; empty: any.")
    rate_seconds = fields.FloatField(null=True, description="How long that stretch is.")
    seen_at = fields.DatetimeField(description="When a worker that knows it was last heard of (UTC).")

    class Meta:
        table = "job_kind"


class JobQueue(Record):
    """A queue that kinds of jobs name: its jobs wait while it rests."""

    prefix = "jqu"
    guard = Guard(read=Permission.JOBS_ADMINISTER, write=Permission.JOBS_ADMINISTER)

    name = fields.CharField(max_length=40, unique=True, description="What kinds of jobs call it.")
    is_paused = fields.BooleanField(default=False, description="Whether its jobs wait.")
    reason = fields.CharField(max_length=300, null=True, description="Why it was paused.")

    class Meta:
        table = "job_queue"


class Schedule(Record):
    """When a kind of job is to be run again and again: by a cron line read in a time zone, or every so often."""

    prefix = "sch"
    guard = Guard(read=Permission.JOBS_READ, write=Permission.JOBS_ADMINISTER)

    name = fields.CharField(max_length=100, unique=True, description="What people call it.")
    kind = fields.CharField(max_length=80, description="The kind of job it starts.")
    payload: Any = fields.JSONField(description="What the job is given.")
    payload_version = fields.IntField(default=1, description="The version of the payload's shape.")
    cron = fields.CharField(max_length=100, null=True, description="Minute, hour, day of month, month, day of week.")
    every_seconds = fields.IntField(null=True, description="Or the time from one due time to the next.")
    time_zone = fields.CharField(max_length=64, default="UTC", description="IANA zone the cron line is read in.")
    overlap = fields.CharField(
        max_length=10, default="skip", description="What happens while its last job is under way."
    )
    catch_up = fields.CharField(max_length=10, default="last", description="What happens to due times slept through.")
    is_paused = fields.BooleanField(default=False, description="Whether it rests.")
    next_due_at = fields.DatetimeField(description="When it is next due (UTC).")
    due_times: Any = fields.JSONField(default=[], description="When it is next due, five times (UTC).")

    class Meta:
        table = "schedule"


class Job(Record):
    """A piece of work done in the background: durable, retried, with progress that people can see."""

    prefix = "job"
    guard = Guard(read=Permission.JOBS_READ, write=Permission.JOBS_WRITE, owner="requested_by_id")

    kind = fields.CharField(max_length=80, description="What it does, e.g. feedback.aggregate.")
    payload: Any = fields.JSONField(description="What it was given.")
    payload_version = fields.IntField(default=1, description="The version of the payload's shape.")
    unique_key = fields.CharField(max_length=200, null=True, description="At most one live job has this key.")
    unique_until = fields.DatetimeField(null=True, description="Until when its key is taken though it has ended (UTC).")
    limit_key = fields.CharField(max_length=200, null=True, description="Its kind's limits per key count by this.")
    state = fields.CharField(max_length=12, default=JobState.QUEUED, description="Where it stands.")
    priority = fields.SmallIntField(default=0, description="The higher, the sooner.")
    run_at = fields.DatetimeField(description="Not before this time (UTC).")
    ready_at = fields.DatetimeField(null=True, description="Since when it could have been begun (UTC).")
    requested_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User,
        related_name="jobs",
        null=True,
        on_delete=fields.SET_NULL,
        description="Who asked for it; empty: the system.",
    )
    trace_parent = fields.CharField(max_length=55, null=True, description="The span that asked for it (W3C).")
    batch_id = fields.UUIDField(null=True, description="The jobs that were asked for together have this in common.")
    then: fields.ForeignKeyNullableRelation["Job"] = fields.ForeignKeyField(
        "salesloop.Job",
        related_name="after",
        null=True,
        on_delete=fields.SET_NULL,
        description="The job that waits for this one.",
    )
    then_id: UUID | None
    waits_for = fields.CharField(max_length=10, null=True, description="What it waits for of those before it.")
    schedule: fields.ForeignKeyNullableRelation[Schedule] = fields.ForeignKeyField(
        Schedule, related_name="jobs", null=True, on_delete=fields.SET_NULL, description="The schedule that started it."
    )
    schedule_id: UUID | None
    due_at = fields.DatetimeField(null=True, description="The due time of its schedule (UTC).")
    dispatch = fields.IntField(default=0, description="How often it was handed to the queue.")
    dispatched_at = fields.DatetimeField(null=True, description="When it was last handed over (UTC).")
    attempt = fields.IntField(default=0, description="How often a worker has begun it, of those that count.")
    max_attempts = fields.IntField(default=5, description="After so many failures it is dead.")
    replays = fields.IntField(default=0, description="How often somebody had it run again after its end.")
    worker = fields.CharField(max_length=120, null=True, description="Which worker has it, or had it last.")
    lease_token = fields.UUIDField(null=True, description="Which claim may still write to it.")
    lease_until = fields.DatetimeField(null=True, description="Until when that claim holds, by the database's clock.")
    cancel_requested_at = fields.DatetimeField(null=True, description="When somebody called it off while it ran (UTC).")
    started_at = fields.DatetimeField(null=True, description="When the present or last attempt began (UTC).")
    finished_at = fields.DatetimeField(null=True, description="When it reached its last state (UTC).")
    progress_done = fields.BigIntField(default=0, description="How much is done.")
    progress_total = fields.BigIntField(null=True, description="Of how much, where that is known.")
    progress_message = fields.CharField(max_length=300, null=True, description="What it is doing now.")
    log_tail = fields.TextField(null=True, description="The last lines that the present or last attempt has logged.")
    result: Any = fields.JSONField(null=True, description="What it found or made.")
    error = fields.TextField(null=True, description="Why the last attempt failed, or why it waits.")

    class Meta:
        table = "job"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("kind", "created_at", "id")),
            Index(fields=("kind", "id")),
            Index(fields=("schedule_id", "created_at", "id")),
            Index(fields=("run_at", "id")),
            Index(fields=("started_at", "id")),
            Index(fields=("finished_at", "id")),
        )
        constraints = (UniqueConstraint(fields=("schedule_id", "due_at"), name="job_once_per_due_time"),)


class JobAttempt(Record):
    """One attempt at a job that has ended: by which worker, how, and what it said. A deploy's do not count."""

    prefix = "jat"
    guard = Guard(read=Permission.JOBS_READ, whole=("job_id", Job))

    job: fields.ForeignKeyRelation[Job] = fields.ForeignKeyField(
        Job, related_name="attempts", on_delete=fields.CASCADE, description="The job."
    )
    job_id: UUID
    number = fields.IntField(description="1 for the first that counts, 2 for the next, …")
    outcome = fields.CharField(max_length=10, description="How it ended.")
    worker = fields.CharField(max_length=120, null=True, description="Which worker it was.")
    started_at = fields.DatetimeField(description="When it began (UTC).")
    finished_at = fields.DatetimeField(description="When it ended (UTC), or was found to have.")
    error = fields.TextField(null=True, description="Why it failed.")
    log_tail = fields.TextField(null=True, description="The last lines that it logged.")

    class Meta:
        table = "job_attempt"
        indexes = (Index(fields=("job_id", "started_at", "id")),)


class ScheduleRun(Record):
    """What became of a due time of a schedule: a job was started, or left out, and why."""

    prefix = "srn"
    guard = Guard(read=Permission.JOBS_READ)

    schedule: fields.ForeignKeyRelation[Schedule] = fields.ForeignKeyField(
        Schedule, related_name="runs", on_delete=fields.CASCADE, description="The schedule."
    )
    schedule_id: UUID
    due_at = fields.DatetimeField(description="When it was due (UTC).")
    outcome = fields.CharField(max_length=10, description="What became of it.")
    job: fields.ForeignKeyNullableRelation[Job] = fields.ForeignKeyField(
        Job, related_name="runs", null=True, on_delete=fields.SET_NULL, description="The job that it started."
    )
    job_id: UUID | None

    class Meta:
        table = "schedule_run"
        indexes = (
            Index(fields=("job_id",)),
            Index(fields=("due_at", "id")),
            Index(fields=("schedule_id", "due_at", "id")),
        )
        constraints = (UniqueConstraint(fields=("schedule_id", "due_at"), name="schedule_run_once"),)
