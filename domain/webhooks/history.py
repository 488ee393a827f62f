"""What is past: deliveries that are forgotten after a while, and those whose job ended without sending them."""

from datetime import timedelta

from domain.jobs.statements import rows_of
from domain.webhooks.rules import Failure

MOST_AT_ONCE = 500
ABANDONED_AFTER = timedelta(minutes=10)


async def forget_deliveries(kept: timedelta) -> int:
    """This will delete some deliveries that ended longer ago, with their attempts, and return how many."""
    rows = await rows_of(
        """WITH gone AS (
            DELETE FROM webhook_delivery WHERE id IN (
                SELECT id FROM webhook_delivery
                WHERE state <> 'pending' AND updated_at < clock_timestamp() - $1::interval
                    AND created_at < clock_timestamp() - $1::interval
                ORDER BY created_at, id LIMIT $2 FOR UPDATE SKIP LOCKED) RETURNING 1
        )
        SELECT count(*) AS count FROM gone""",
        kept, MOST_AT_ONCE,
    )  # fmt: skip
    return int(rows[0]["count"])


async def give_up_abandoned(after: timedelta = ABANDONED_AFTER) -> int:
    """This will end deliveries that are overdue for so long and have no job that is live: it was called off, or lost.

    Returns how many that were.
    """
    rows = await rows_of(
        """WITH abandoned AS (
            SELECT d.id FROM webhook_delivery d LEFT JOIN job j ON j.id = d.job_id
            WHERE d.state = 'pending' AND d.next_attempt_at < clock_timestamp() - $1::interval
                AND (j.id IS NULL OR j.state IN ('succeeded', 'dead', 'cancelled'))
            ORDER BY d.created_at, d.id LIMIT $2 FOR UPDATE OF d SKIP LOCKED
        ), ended AS (
            UPDATE webhook_delivery d SET state = 'failed', failure = $3, next_attempt_at = NULL,
                updated_at = clock_timestamp(), version = version + 1
            FROM abandoned WHERE d.id = abandoned.id RETURNING 1
        )
        SELECT count(*) AS count FROM ended""",
        after, MOST_AT_ONCE, Failure.ABANDONED.value,
    )  # fmt: skip
    return int(rows[0]["count"])
