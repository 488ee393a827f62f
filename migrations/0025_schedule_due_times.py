"""When schedules are next due, which version of a payload they hold, and their history in order."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(Step):
    dependencies = [("salesloop", "0024_job_engine_postgres")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Schedule",
            name="due_times",
            field=fields.JSONField(default=[], description="When it is next due, five times (UTC)."),
        ),
        ops.AddField(
            model_name="Schedule",
            name="payload_version",
            field=fields.IntField(default=1, description="The version of the payload's shape."),
        ),
        ops.AddIndex(model_name="ScheduleRun", index=Index(fields=["due_at", "id"])),
        ops.AddIndex(model_name="ScheduleRun", index=Index(fields=["schedule_id", "due_at", "id"])),
    ]
