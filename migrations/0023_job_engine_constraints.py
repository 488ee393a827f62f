"""A due time of a schedule has one outcome."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0022_job_engine")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="ScheduleRun",
            constraint=UniqueConstraint(fields=("schedule_id", "due_at"), name="schedule_run_once"),
        ),
    ]
