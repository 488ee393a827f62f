"""The jobs before a job by an index that a deletion may use, too, lest it reads the whole table for each."""

from migrations import Step
from tortoise.migrations import operations as ops

WAITED_FOR = "INDEX job_before ON job (then_id) WHERE then_id IS NOT NULL"


class Migration(Step):
    dependencies = [("salesloop", "0025_schedule_due_times")]

    initial = False

    operations = [
        ops.RunSQL("DROP INDEX job_before", reverse_sql=f"CREATE {WAITED_FOR} AND state <> 'succeeded'"),
        ops.RunSQL(f"CREATE {WAITED_FOR}", reverse_sql="DROP INDEX job_before"),
    ]
