"""What is past: jobs that are forgotten after a while, and those that hold others up though they have ended."""

from datetime import timedelta
from uuid import UUID

from domain.jobs.statements import rows_of

MOST_AT_ONCE = 500


async def forget_jobs(kept: timedelta) -> int:
    """This will delete some jobs that ended longer ago, with their attempts, and return how many.

    Few at a time, and none that somebody has locked, so that nobody waits for it. One that others wait for stays.
    """
    rows = await rows_of(
        """WITH old AS (
            SELECT id FROM job WHERE finished_at < clock_timestamp() - $1::interval
                AND state IN ('succeeded', 'dead', 'cancelled')
                AND (unique_until IS NULL OR unique_until < clock_timestamp())
                AND NOT EXISTS (SELECT FROM job later WHERE later.id = job.then_id AND later.state = 'waiting')
            ORDER BY finished_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ), gone AS (
            DELETE FROM job USING old WHERE job.id = old.id RETURNING 1
        )
        SELECT count(*) AS count FROM gone""",
        kept, MOST_AT_ONCE,
    )  # fmt: skip
    return int(rows[0]["count"])


async def forget_runs(kept: timedelta) -> int:
    """This will delete some outcomes of due times that are longer past, and return how many."""
    rows = await rows_of(
        """WITH gone AS (
            DELETE FROM schedule_run WHERE id IN (
                SELECT id FROM schedule_run WHERE due_at < clock_timestamp() - $1::interval
                ORDER BY due_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1
        )
        SELECT count(*) AS count FROM gone""",
        kept, MOST_AT_ONCE,
    )  # fmt: skip
    return int(rows[0]["count"])


async def held_up() -> list[UUID]:
    """This will find ended jobs that others may still wait for, since the worker that ended them was lost just then.

    One for each job that waits though nobody is before it, and for each key whose jobs wait though none is under way.
    """
    rows = await rows_of(
        """WITH RECURSIVE keys AS (
            (SELECT kind, limit_key FROM job WHERE state = 'blocked' ORDER BY kind, limit_key LIMIT 1)
            UNION ALL
            SELECT next.kind, next.limit_key FROM keys CROSS JOIN LATERAL (
                SELECT kind, limit_key FROM job
                WHERE state = 'blocked' AND (kind, limit_key) > (keys.kind, keys.limit_key)
                ORDER BY kind, limit_key LIMIT 1
            ) next
        )
        SELECT before.id FROM (SELECT * FROM keys LIMIT 10000) k CROSS JOIN LATERAL (
            SELECT id FROM job WHERE kind = k.kind AND limit_key = k.limit_key AND state = 'blocked'
            ORDER BY priority DESC, run_at, id LIMIT 1
        ) before
        WHERE NOT EXISTS (SELECT FROM job busy WHERE busy.kind = k.kind AND busy.limit_key = k.limit_key
            AND busy.state IN ('dispatched', 'running'))
        UNION ALL
        SELECT before.id FROM job held CROSS JOIN LATERAL (
            SELECT id FROM job WHERE then_id = held.id LIMIT 1
        ) before
        WHERE held.state = 'waiting' AND NOT EXISTS (SELECT FROM job b WHERE b.then_id = held.id
            AND b.state <> 'succeeded' AND (held.waits_for = 'success' AND b.state <> 'cancelled'
                OR b.state IN ('waiting', 'scheduled', 'queued', 'blocked', 'dispatched', 'running')))"""
    )
    return [row["id"] for row in rows]
