"""Values of events may be erased, and nothing else about them; what proves it is append-only."""

from migrations import Step
from tortoise.migrations import operations as ops

IS_ERASED = """CREATE FUNCTION event_only_erased(was jsonb, is_now jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT (was IS NULL) = (is_now IS NULL) AND NOT EXISTS (
        SELECT FROM jsonb_each(was) w FULL JOIN jsonb_each(is_now) n USING (key)
        WHERE w.value::text IS DISTINCT FROM n.value::text
            AND (w.value IS NULL OR n.value IS DISTINCT FROM '"[erased]"'::jsonb)
    )
$$"""
ONLY_ERASES = """CREATE FUNCTION event_only_erases() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF to_jsonb(NEW) - '{data,before}'::text[] = to_jsonb(OLD) - '{data,before}'::text[]
        AND event_only_erased(OLD.data, NEW.data) AND event_only_erased(OLD.before, NEW.before)
    THEN RETURN NEW; END IF;
    RAISE EXCEPTION 'the event log is append-only';
END $$"""
APPEND_ONLY = "FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()"
PROVEN = "FOR EACH STATEMENT EXECUTE FUNCTION event_redaction_is_append_only()"


class Migration(Step):
    dependencies = [("salesloop", "0033_erasure")]

    initial = False

    operations = [
        ops.RunSQL(IS_ERASED, reverse_sql="DROP FUNCTION event_only_erased(jsonb, jsonb)"),
        ops.RunSQL(ONLY_ERASES, reverse_sql="DROP FUNCTION event_only_erases()"),
        ops.RunSQL(
            "DROP TRIGGER event_append_only ON event",
            reverse_sql=f"CREATE TRIGGER event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event {APPEND_ONLY}",
        ),
        ops.RunSQL(
            f"CREATE TRIGGER event_append_only BEFORE DELETE OR TRUNCATE ON event {APPEND_ONLY}",
            reverse_sql="DROP TRIGGER event_append_only ON event",
        ),
        ops.RunSQL(
            "CREATE TRIGGER event_only_erases BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION event_only_erases()",
            reverse_sql="DROP TRIGGER event_only_erases ON event",
        ),
        ops.RunSQL(
            "CREATE FUNCTION event_redaction_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'event_redaction is append-only'; END $$",
            reverse_sql="DROP FUNCTION event_redaction_is_append_only()",
        ),
        ops.RunSQL(
            f"CREATE TRIGGER event_redaction_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_redaction {PROVEN}",
            reverse_sql="DROP TRIGGER event_redaction_append_only ON event_redaction",
        ),
    ]
