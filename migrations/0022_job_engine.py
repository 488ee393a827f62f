"""Limits, attempts, kinds, queues and chains of jobs, and what became of each due time of a schedule."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0021_cohorts")]

    initial = False

    operations = [
        ops.CreateModel(
            name="JobAttempt",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "job",
                    fields.ForeignKeyField(
                        "salesloop.Job",
                        source_field="job_id",
                        description="The job.",
                        db_constraint=True,
                        to_field="id",
                        related_name="attempts",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("number", fields.IntField(description="1 for the first that counts, 2 for the next, …")),
                ("outcome", fields.CharField(description="How it ended.", max_length=10)),
                ("worker", fields.CharField(null=True, description="Which worker it was.", max_length=120)),
                (
                    "started_at",
                    fields.DatetimeField(description="When it began (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "finished_at",
                    fields.DatetimeField(
                        description="When it ended (UTC), or was found to have.", auto_now=False, auto_now_add=False
                    ),
                ),
                ("error", fields.TextField(null=True, description="Why it failed.", unique=False)),
                ("log_tail", fields.TextField(null=True, description="The last lines that it logged.", unique=False)),
            ],
            options={
                "table": "job_attempt",
                "app": "salesloop",
                "indexes": [Index(fields=["job_id", "started_at", "id"])],
                "pk_attr": "id",
                "table_description": "One attempt at a job that has ended: by which worker, how, and what it said. A deploy's do not count.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="JobKind",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "name",
                    fields.CharField(
                        unique=True, description="What jobs of this kind name, context first.", max_length=80
                    ),
                ),
                ("description", fields.TextField(description="What it does.", unique=False)),
                (
                    "queue",
                    fields.CharField(default="default", description="The queue that its jobs stand in.", max_length=40),
                ),
                (
                    "payload_version",
                    fields.IntField(default=1, description="The version of the payload that the newest worker takes."),
                ),
                (
                    "payload_oldest",
                    fields.IntField(default=1, description="The oldest version of the payload that it still takes."),
                ),
                ("payload_schema", fields.JSONField(description="What it is given, as a JSON Schema.")),
                ("may_start", fields.CharField(description="Who may start it by hand.", max_length=20)),
                ("max_attempts", fields.IntField(description="After so many failures a job of this kind is dead.")),
                (
                    "timeout_seconds",
                    fields.FloatField(null=True, description="How long an attempt may take; empty: as it likes."),
                ),
                (
                    "concurrency",
                    fields.IntField(null=True, description="How many may be under way at once; empty: any number."),
                ),
                (
                    "concurrency_per_key",
                    fields.IntField(null=True, description="How many of them with one key; empty: any number."),
                ),
                (
                    "rate_count",
                    fields.IntField(
                        null=True, description="How many of them may start in a stretch of time; empty: any."
                    ),
                ),
                ("rate_seconds", fields.FloatField(null=True, description="How long that stretch is.")),
                (
                    "seen_at",
                    fields.DatetimeField(
                        description="When a worker that knows it was last heard of (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "job_kind",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "A kind of job that workers have told of: what it does, what it is given, and how it is run.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="JobQueue",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="What kinds of jobs call it.", max_length=40)),
                ("is_paused", fields.BooleanField(default=False, description="Whether its jobs wait.")),
                ("reason", fields.CharField(null=True, description="Why it was paused.", max_length=300)),
            ],
            options={
                "table": "job_queue",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "A queue that kinds of jobs name: its jobs wait while it rests.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ScheduleRun",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "schedule",
                    fields.ForeignKeyField(
                        "salesloop.Schedule",
                        source_field="schedule_id",
                        description="The schedule.",
                        db_constraint=True,
                        to_field="id",
                        related_name="runs",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "due_at",
                    fields.DatetimeField(description="When it was due (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("outcome", fields.CharField(description="What became of it.", max_length=10)),
                (
                    "job",
                    fields.ForeignKeyField(
                        "salesloop.Job",
                        source_field="job_id",
                        null=True,
                        description="The job that it started.",
                        db_constraint=True,
                        to_field="id",
                        related_name="runs",
                        on_delete=fields.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "schedule_run",
                "app": "salesloop",
                "indexes": [Index(fields=["job_id"])],
                "pk_attr": "id",
                "table_description": "What became of a due time of a schedule: a job was started, or left out, and why.",
            },
            bases=["Record"],
        ),
        ops.AlterField(
            model_name="Job",
            name="attempt",
            field=fields.IntField(default=0, description="How often a worker has begun it, of those that count."),
        ),
        ops.AlterField(
            model_name="Job",
            name="error",
            field=fields.TextField(
                null=True, description="Why the last attempt failed, or why it waits.", unique=False
            ),
        ),
        ops.AddField(
            model_name="Job",
            name="batch_id",
            field=fields.UUIDField(null=True, description="The jobs that were asked for together have this in common."),
        ),
        ops.AddField(
            model_name="Job",
            name="cancel_requested_at",
            field=fields.DatetimeField(
                null=True,
                description="When somebody called it off while it ran (UTC).",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddField(
            model_name="Job",
            name="limit_key",
            field=fields.CharField(null=True, description="Its kind's limits per key count by this.", max_length=200),
        ),
        ops.AddField(
            model_name="Job",
            name="log_tail",
            field=fields.TextField(
                null=True, description="The last lines that the present or last attempt has logged.", unique=False
            ),
        ),
        ops.AddField(
            model_name="Job",
            name="payload_version",
            field=fields.IntField(default=1, description="The version of the payload's shape."),
        ),
        ops.AddField(
            model_name="Job",
            name="ready_at",
            field=fields.DatetimeField(
                null=True, description="Since when it could have been begun (UTC).", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="Job",
            name="replays",
            field=fields.IntField(default=0, description="How often somebody had it run again after its end."),
        ),
        ops.AddField(
            model_name="Job",
            name="then",
            field=fields.ForeignKeyField(
                "salesloop.Job",
                source_field="then_id",
                null=True,
                description="The job that waits for this one.",
                db_constraint=True,
                to_field="id",
                related_name="after",
                on_delete=fields.SET_NULL,
            ),
        ),
        ops.AddField(
            model_name="Job",
            name="trace_parent",
            field=fields.CharField(null=True, description="The span that asked for it (W3C).", max_length=55),
        ),
        ops.AddField(
            model_name="Job",
            name="unique_until",
            field=fields.DatetimeField(
                null=True,
                description="Until when its key is taken though it has ended (UTC).",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddField(
            model_name="Job",
            name="waits_for",
            field=fields.CharField(null=True, description="What it waits for of those before it.", max_length=10),
        ),
        ops.AddField(
            model_name="Job",
            name="worker",
            field=fields.CharField(null=True, description="Which worker has it, or had it last.", max_length=120),
        ),
        ops.AlterModelOptions(
            name="Schedule",
            options={
                "table": "schedule",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "When a kind of job is to be run again and again: by a cron line read in a time zone, or every so often.",
            },
        ),
        ops.AlterField(
            model_name="Schedule",
            name="cron",
            field=fields.CharField(
                null=True, description="Minute, hour, day of month, month, day of week.", max_length=100
            ),
        ),
        ops.AddField(
            model_name="Schedule",
            name="catch_up",
            field=fields.CharField(
                default="last", description="What happens to due times slept through.", max_length=10
            ),
        ),
        ops.AddField(
            model_name="Schedule",
            name="every_seconds",
            field=fields.IntField(null=True, description="Or the time from one due time to the next."),
        ),
        ops.AddField(
            model_name="Schedule",
            name="overlap",
            field=fields.CharField(
                default="skip", description="What happens while its last job is under way.", max_length=10
            ),
        ),
    ]
