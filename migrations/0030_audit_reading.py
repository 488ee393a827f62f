"""The audit trail is read by who acted and by time."""

from migrations import Step
from tortoise.migrations import operations as ops


class Migration(Step):
    dependencies = [("salesloop", "0029_access_roles")]

    initial = False

    operations = [
        ops.RunSQL(
            "CREATE INDEX event_by_actor ON event (actor_id, transaction, id) WHERE actor_id IS NOT NULL",
            reverse_sql="DROP INDEX event_by_actor",
        ),
        ops.RunSQL(
            "CREATE INDEX event_by_time ON event USING brin (occurred_at)", reverse_sql="DROP INDEX event_by_time"
        ),
    ]
