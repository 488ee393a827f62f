"""Tables of jobs: what is to be done, who asked for it, how far it is. The rows are the truth; arq only carries."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint

from domain.access.models import User
from domain.jobs.rules import JobState
from domain.kernel.record import Record


class Schedule(Record):
    """When a kind of job is to be run again and again: a cron line, read in a time zone."""

    prefix = "sch"

    name = fields.CharField(max_length=100, unique=True, description="What people call it.")
    kind = fields.CharField(max_length=80, description="The kind of job it starts.")
    payload: Any = fields.JSONField(description="What the job is given.")
    cron = fields.CharField(max_length=100, description="Minute, hour, day of month, month, day of week.")
    time_zone = fields.CharField(max_length=64, default="UTC", description="IANA zone the cron line is read in.")
    is_paused = fields.BooleanField(default=False, description="Whether it rests.")
    next_due_at = fields.DatetimeField(description="When it is next due (UTC).")

    class Meta:
        table = "schedule"


class Job(Record):
    """A piece of work done in the background: durable, retried, with progress that people can see."""

    prefix = "job"

    kind = fields.CharField(max_length=80, description="What it does, e.g. feedback.aggregate.")
    payload: Any = fields.JSONField(description="What it was given.")
    unique_key = fields.CharField(max_length=200, null=True, description="At most one live job has this key.")
    state = fields.CharField(max_length=12, default=JobState.QUEUED, description="Where it stands.")
    priority = fields.SmallIntField(default=0, description="The higher, the sooner.")
    run_at = fields.DatetimeField(description="Not before this time (UTC).")
    requested_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User,
        related_name="jobs",
        null=True,
        on_delete=fields.SET_NULL,
        description="Who asked for it; empty: the system.",
    )
    schedule: fields.ForeignKeyNullableRelation[Schedule] = fields.ForeignKeyField(
        Schedule, related_name="jobs", null=True, on_delete=fields.SET_NULL, description="The schedule that started it."
    )
    schedule_id: UUID | None
    due_at = fields.DatetimeField(null=True, description="The due time of its schedule (UTC).")
    dispatch = fields.IntField(default=0, description="How often it was handed to the queue.")
    dispatched_at = fields.DatetimeField(null=True, description="When it was last handed over (UTC).")
    attempt = fields.IntField(default=0, description="How often a worker has begun it.")
    max_attempts = fields.IntField(default=5, description="After so many failures it is dead.")
    lease_token = fields.UUIDField(null=True, description="Which claim may still write to it.")
    lease_until = fields.DatetimeField(null=True, description="Until when that claim holds, by the database's clock.")
    started_at = fields.DatetimeField(null=True, description="When the present or last attempt began (UTC).")
    finished_at = fields.DatetimeField(null=True, description="When it reached its last state (UTC).")
    progress_done = fields.BigIntField(default=0, description="How much is done.")
    progress_total = fields.BigIntField(null=True, description="Of how much, where that is known.")
    progress_message = fields.CharField(max_length=300, null=True, description="What it is doing now.")
    result: Any = fields.JSONField(null=True, description="What it found or made.")
    error = fields.TextField(null=True, description="Why the last attempt failed.")

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
