"""The engine in PostgreSQL: what the relay reads by, and the two functions that have to see what others just did.

Each takes its lock first and then reads, so that limits hold with any number of relays, and each is one statement, so
that a relay which is stopped in the middle holds nobody up.
"""

from migrations import Step
from tortoise.migrations import operations as ops

LIVE = "('waiting', 'scheduled', 'queued', 'blocked', 'dispatched', 'running')"
LOCK = "hashtext('salesloop.jobs')"
INDEXES = {
    "job_one_live_per_key": f"UNIQUE INDEX job_one_live_per_key ON job (unique_key) WHERE state IN {LIVE}",
    "job_key_taken": "INDEX job_key_taken ON job (unique_key, unique_until) WHERE unique_until IS NOT NULL",
    "job_queued": "INDEX job_queued ON job (kind, payload_version, priority DESC, run_at, id) WHERE state = 'queued'",
    "job_scheduled": "INDEX job_scheduled ON job (run_at) WHERE state = 'scheduled'",
    "job_blocked": "INDEX job_blocked ON job (kind, limit_key, priority DESC, run_at, id) WHERE state = 'blocked'",
    "job_waiting": "INDEX job_waiting ON job (id) WHERE state = 'waiting'",
    "job_in_flight": "INDEX job_in_flight ON job (kind, state, limit_key) WHERE state IN ('dispatched', 'running')",
    "job_before": "INDEX job_before ON job (then_id) WHERE then_id IS NOT NULL AND state <> 'succeeded'",
    "job_batch": "INDEX job_batch ON job (batch_id, id) WHERE batch_id IS NOT NULL",
}
BEFORE = {
    "job_one_live_per_key": "UNIQUE INDEX job_one_live_per_key ON job (unique_key) "
    "WHERE state IN ('queued', 'dispatched', 'running')",
    "job_ready": "INDEX job_ready ON job (priority DESC, run_at, id) WHERE state = 'queued'",
    "job_in_flight": "INDEX job_in_flight ON job (state, lease_until) WHERE state IN ('dispatched', 'running')",
}
HAND_OVER = f"""
CREATE FUNCTION job_hand_over(
    policies jsonb, rooms jsonb, most int, OUT is_busy boolean, OUT moved int, OUT next_in interval,
    OUT job_ids uuid[], OUT numbers int[], OUT priorities int[], OUT queues text[]
) LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    present timestamptz;
    became_due int;
    held_back int;
    until_rate interval;
BEGIN
    is_busy := NOT pg_try_advisory_xact_lock({LOCK});
    IF is_busy THEN RETURN; END IF;
    present := clock_timestamp();

    WITH due AS (
        SELECT id FROM job WHERE state = 'scheduled' AND run_at <= present
        ORDER BY run_at LIMIT 1000 FOR UPDATE SKIP LOCKED
    )
    UPDATE job SET state = 'queued', ready_at = present, updated_at = present, version = version + 1
    FROM due WHERE job.id = due.id;
    GET DIAGNOSTICS became_due = ROW_COUNT;

    WITH policy AS MATERIALIZED (
        SELECT p.*, coalesce((rooms ->> p.queue)::int, 0) AS queue_room
        FROM jsonb_to_recordset(policies) AS p(
            kind text, queue text, oldest int, newest int, concurrency int, per_key int, pace float8, tolerance float8)
        WHERE NOT EXISTS (SELECT FROM job_queue q WHERE q.name = p.queue AND q.is_paused)
    ), in_flight AS MATERIALIZED (
        SELECT j.kind, j.limit_key, count(*)::int AS busy, count(*) FILTER (WHERE j.state = 'dispatched') AS unclaimed
        FROM policy p JOIN job j ON j.kind = p.kind AND j.state IN ('dispatched', 'running')
        WHERE coalesce(p.concurrency, p.per_key, p.pace) IS NOT NULL GROUP BY 1, 2
    ), paced AS MATERIALIZED (
        SELECT p.kind, greatest(extract(epoch FROM l.due_at - present)::float8, 0) AS ahead
        FROM policy p JOIN job_limit l ON l.kind = p.kind AND l.limit_key = '' WHERE p.pace IS NOT NULL
    ), open AS MATERIALIZED (
        SELECT p.*, a.ahead, least(most, p.queue_room, p.concurrency - b.busy, CASE WHEN p.pace IS NOT NULL THEN
            floor(1.000001 + (p.tolerance - coalesce(a.ahead, 0)) / p.pace) - b.unclaimed END)::int AS room
        FROM policy p LEFT JOIN paced a ON a.kind = p.kind
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(f.busy), 0) AS busy, coalesce(sum(f.unclaimed), 0) AS unclaimed
            FROM in_flight f WHERE f.kind = p.kind
        ) b
    ), candidate AS (
        SELECT j.*, o.queue, o.queue_room, o.room, o.per_key
        FROM open o CROSS JOIN LATERAL generate_series(o.oldest, o.newest) AS of(version) CROSS JOIN LATERAL (
            SELECT job.id, job.kind, job.limit_key, job.priority, job.run_at FROM job
            WHERE job.state = 'queued' AND job.kind = o.kind AND job.payload_version = of.version
            ORDER BY job.priority DESC, job.run_at, job.id LIMIT o.room
        ) j WHERE o.room > 0
    ), judged AS MATERIALIZED (
        SELECT c.*, c.per_key IS NULL OR c.limit_key IS NULL OR coalesce(f.busy, 0) + row_number() OVER (
            PARTITION BY c.kind, c.limit_key ORDER BY c.priority DESC, c.run_at, c.id) <= c.per_key AS fits
        FROM candidate c LEFT JOIN in_flight f ON f.kind = c.kind AND f.limit_key = c.limit_key
    ), placed AS (
        SELECT *, row_number() OVER (PARTITION BY queue ORDER BY priority DESC, run_at, id) AS place,
            row_number() OVER (PARTITION BY kind ORDER BY priority DESC, run_at, id) AS kind_place
        FROM judged WHERE fits
    ), chosen AS MATERIALIZED (
        SELECT id, queue FROM placed WHERE place <= queue_room AND kind_place <= room ORDER BY priority DESC, run_at, id LIMIT most
    ), free AS MATERIALIZED (
        SELECT j.id, c.queue FROM chosen c JOIN job j ON j.id = c.id WHERE j.state = 'queued'
        FOR UPDATE OF j SKIP LOCKED
    ), handed AS (
        UPDATE job SET state = 'dispatched', dispatch = dispatch + 1, dispatched_at = present,
            updated_at = present, version = version + 1
        FROM free WHERE job.id = free.id
        RETURNING job.id, job.dispatch, job.priority::int AS priority, job.run_at, free.queue
    ), unfit AS MATERIALIZED (
        SELECT j.id FROM judged c JOIN job j ON j.id = c.id WHERE NOT c.fits AND j.state = 'queued'
        FOR UPDATE OF j SKIP LOCKED
    ), held AS (
        UPDATE job SET state = 'blocked', updated_at = present, version = version + 1
        FROM unfit WHERE job.id = unfit.id RETURNING 1
    )
    SELECT array_agg(h.id ORDER BY h.priority DESC, h.run_at, h.id),
        array_agg(h.dispatch ORDER BY h.priority DESC, h.run_at, h.id),
        array_agg(h.priority ORDER BY h.priority DESC, h.run_at, h.id),
        array_agg(h.queue ORDER BY h.priority DESC, h.run_at, h.id),
        (SELECT count(*) FROM held),
        (SELECT make_interval(secs => min(greatest(o.ahead - o.tolerance, 0.01))) FROM open o
            WHERE o.pace IS NOT NULL AND o.room < 1)
    INTO job_ids, numbers, priorities, queues, held_back, until_rate FROM handed h;
    moved := held_back + CASE WHEN became_due = 1000 THEN 1 ELSE 0 END;
    SELECT least(until_rate, min(run_at) - clock_timestamp()) INTO next_in FROM job WHERE state = 'scheduled';
END $$
"""
FOLLOW_UP = f"""
CREATE FUNCTION job_follow_up(ended uuid[]) RETURNS uuid[] LANGUAGE plpgsql SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    called_off uuid[];
    unblocked int;
    released int;
BEGIN
    PERFORM pg_advisory_xact_lock({LOCK});

    WITH freed AS (
        SELECT kind, limit_key, count(*) AS places FROM job
        WHERE id = ANY(ended) AND limit_key IS NOT NULL AND state NOT IN ('dispatched', 'running') GROUP BY 1, 2
    ), next_ones AS (
        SELECT j.id FROM freed f CROSS JOIN LATERAL (
            SELECT id FROM job WHERE state = 'blocked' AND kind = f.kind AND limit_key = f.limit_key
            ORDER BY priority DESC, run_at, id LIMIT f.places FOR UPDATE SKIP LOCKED
        ) j
    )
    UPDATE job SET state = 'queued', updated_at = clock_timestamp(), version = version + 1
    FROM next_ones WHERE job.id = next_ones.id;
    GET DIAGNOSTICS unblocked = ROW_COUNT;

    WITH next_ones AS (
        SELECT n.id, n.waits_for = 'success' AND EXISTS (
            SELECT FROM job p WHERE p.then_id = n.id AND p.state = 'cancelled') AS is_called_off
        FROM job n WHERE n.id IN (SELECT then_id FROM job WHERE id = ANY(ended)) AND n.state = 'waiting'
        FOR UPDATE OF n SKIP LOCKED
    ), resolved AS (
        UPDATE job n SET
            state = CASE WHEN r.is_called_off THEN 'cancelled' WHEN n.run_at > clock_timestamp() THEN 'scheduled'
                ELSE 'queued' END,
            error = CASE WHEN r.is_called_off THEN 'A job that it waited for was called off.' END,
            finished_at = CASE WHEN r.is_called_off THEN clock_timestamp() END,
            ready_at = CASE WHEN NOT r.is_called_off THEN clock_timestamp() END,
            updated_at = clock_timestamp(), version = version + 1
        FROM next_ones r WHERE n.id = r.id AND (r.is_called_off OR NOT EXISTS (
            SELECT FROM job p WHERE p.then_id = n.id AND p.state <> 'succeeded'
                AND (n.waits_for = 'success' OR p.state IN {LIVE})))
        RETURNING n.id, n.state
    )
    SELECT array_agg(id) FILTER (WHERE state = 'cancelled'), count(*) FILTER (WHERE state <> 'cancelled')
    INTO called_off, released FROM resolved;

    IF unblocked + released > 0 THEN PERFORM pg_notify('job_ready', ''); END IF;
    RETURN coalesce(called_off, '{{}}');
END $$
"""


class Migration(Step):
    dependencies = [("salesloop", "0023_job_engine_constraints")]

    initial = False

    operations = [
        *(ops.RunSQL(f"DROP INDEX {name}", reverse_sql=f"CREATE {on}") for name, on in BEFORE.items()),
        *(ops.RunSQL(f"CREATE {on}", reverse_sql=f"DROP INDEX {name}") for name, on in INDEXES.items()),
        ops.RunSQL(
            "CREATE TABLE job_limit (kind varchar(80), limit_key varchar(200), due_at timestamptz NOT NULL, "
            "tail_at timestamptz NOT NULL, PRIMARY KEY (kind, limit_key))",
            reverse_sql="DROP TABLE job_limit",
        ),
        ops.RunSQL(
            "UPDATE job SET state = 'scheduled' WHERE state = 'queued' AND run_at > clock_timestamp()",
            reverse_sql="UPDATE job SET state = 'queued' WHERE state IN ('scheduled', 'blocked', 'waiting')",
        ),
        ops.RunSQL(
            "UPDATE job SET ready_at = greatest(created_at, run_at) WHERE state = 'queued'", reverse_sql="SELECT 1"
        ),
        ops.RunSQL(HAND_OVER, reverse_sql="DROP FUNCTION job_hand_over(jsonb, jsonb, int)"),
        ops.RunSQL(FOLLOW_UP, reverse_sql="DROP FUNCTION job_follow_up(uuid[])"),
    ]
