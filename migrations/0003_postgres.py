"""What PostgreSQL can do and the models cannot say: the safe reading horizon, partial indexes, append-only tables."""

from migrations import Step
from tortoise.migrations import operations as ops


class Migration(Step):
    dependencies = [("salesloop", "0002_constraints")]

    operations = [
        # The log's reading order is (transaction, id); see domain/kernel/events.py.
        ops.RunSQL(
            "ALTER TABLE event ADD COLUMN transaction xid8 NOT NULL DEFAULT pg_current_xact_id()",
            reverse_sql="ALTER TABLE event DROP COLUMN transaction",
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX event_reading_order ON event (transaction, id)",
            reverse_sql="DROP INDEX event_reading_order",
        ),
        ops.RunSQL(
            "CREATE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the event log is append-only'; END $$",
            reverse_sql="DROP FUNCTION event_is_append_only()",
        ),
        ops.RunSQL(
            "CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event "
            "FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()",
            reverse_sql="DROP TRIGGER event_append_only ON event",
        ),
        # At most one live job per unique key; the relay and the sweeper look only at live rows.
        ops.RunSQL(
            "CREATE UNIQUE INDEX job_one_live_per_key ON job (unique_key) "
            "WHERE state IN ('queued', 'dispatched', 'running')",
            reverse_sql="DROP INDEX job_one_live_per_key",
        ),
        ops.RunSQL(
            "CREATE INDEX job_ready ON job (priority DESC, run_at, id) WHERE state = 'queued'",
            reverse_sql="DROP INDEX job_ready",
        ),
        ops.RunSQL(
            "CREATE INDEX job_in_flight ON job (state, lease_until) WHERE state IN ('dispatched', 'running')",
            reverse_sql="DROP INDEX job_in_flight",
        ),
        # Which items have to be read (again): those without a reading.
        ops.RunSQL(
            "CREATE INDEX feedback_item_unread ON feedback_item (id) WHERE read_digest IS NULL",
            reverse_sql="DROP INDEX feedback_item_unread",
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX feedback_day_once ON feedback_day (day, source, product_id, theme_id) "
            "NULLS NOT DISTINCT",
            reverse_sql="DROP INDEX feedback_day_once",
        ),
    ]
