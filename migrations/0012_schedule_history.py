"""What a schedule has started is found by it."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(Step):
    dependencies = [("salesloop", "0011_loop_postgres")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="Job",
            index=Index(fields=["schedule_id", "created_at", "id"]),
        ),
    ]
