"""Verbs of jobs: asking for one, and what the engine does with it. Each is one statement, and the row is the truth.

A claim is fenced: it carries a token, and nothing is written in its name once another claim holds the row. All
leases go by the database's clock. States: queued -> dispatched -> running -> succeeded | queued again | dead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from tortoise.connection import get_connection
from tortoise.expressions import Q

from domain.jobs.models import Job
from domain.jobs.queries import visible
from domain.jobs.rules import LIVE, LONGEST_ERROR, LONGEST_MESSAGE, Dispatch, JobState, legible
from domain.kernel.actor import Actor
from domain.kernel.events import emit
from domain.kernel.ids import new_id
from domain.kernel.refusals import Code, Conflict
from domain.kernel.transactions import one_transaction

CHANNEL = "job_ready"


class LeaseLost(Exception):
    """The claim no longer holds: what was done in its name must be undone."""


class AlreadyRunning(Conflict):
    """The same work is under way, in a job that is not for this actor to see."""

    code = Code.ALREADY_RUNNING

    def __init__(self, *field: str) -> None:
        super().__init__(
            "This is under way already, started by somebody else or by a schedule; ask again when it is done, if you "
            "still need it.",
            *field,
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job once: whose token is on the row may write to it."""

    job_id: UUID
    token: UUID
    kind: str
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    requested_by_id: UUID | None


async def start_job(
    kind: str,
    payload: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    unique_key: str | None = None,
    run_at: datetime | None = None,
    priority: int = 0,
    max_attempts: int = 5,
    schedule_id: UUID | None = None,
    due_at: datetime | None = None,
) -> Job:
    """This will ask for a job in the caller's transaction.

    A live job with the same key is given back instead, and so is the one that the due time of the schedule has
    started before. Raises Unauthenticated.
    """
    by.must_be_known()  # a job that nobody asked for runs in the system's name
    async with one_transaction():
        while True:
            job_id = new_id()
            made = await _rows(
                """INSERT INTO job (id, created_at, updated_at, version, kind, payload, unique_key, state, priority,
                    run_at, dispatch, attempt, max_attempts, progress_done, requested_by_id, schedule_id, due_at)
                VALUES ($1, $2, $2, 1, $3, $4::jsonb, $5, 'queued', $6, $7, 0, 0, $8, 0, $9, $10, $11)
                ON CONFLICT DO NOTHING RETURNING id""",
                job_id, at, kind, orjson.dumps(payload).decode(), unique_key, priority, run_at or at, max_attempts,
                by.user_id, schedule_id, due_at,
            )  # fmt: skip
            if made:
                await emit("jobs.job.queued", job_id, by=by, at=at, kind=kind)
                await _rows("SELECT pg_notify($1, '')", CHANNEL)
                return await Job.get(id=job_id)
            other = await Job.filter(
                Q(unique_key=unique_key, unique_key__isnull=False, state__in=LIVE)
                | Q(schedule_id=schedule_id, schedule_id__isnull=False, due_at=due_at)
            ).first()
            if other is not None:  # else it ended just now, and there is room for ours
                return other


async def ask_for_job(
    kind: str, payload: Mapping[str, Any], *field: str, unique_key: str, by: Actor, at: datetime
) -> Job:
    """This will start a job that its asker can follow, or give back the live one with the same key.

    Raises Unauthenticated, and AlreadyRunning (about `field`) where the live one is not for the actor to see.
    """
    job = await start_job(kind, payload, by=by, at=at, unique_key=unique_key)
    if not await Job.filter(visible(by), id=job.id).exists():
        raise AlreadyRunning(*field)
    return job


async def hand_over(at_most: int) -> list[Dispatch]:
    """This will take the next jobs that are due out of the queue, in their order, and number their dispatch."""
    rows = await _rows(
        """WITH due AS (
            SELECT id FROM job WHERE state = 'queued' AND run_at <= clock_timestamp()
            ORDER BY priority DESC, run_at, id LIMIT $1 FOR UPDATE SKIP LOCKED
        ), handed AS (
            UPDATE job SET state = 'dispatched', dispatch = dispatch + 1, dispatched_at = clock_timestamp(),
                updated_at = clock_timestamp(), version = version + 1
            FROM due WHERE job.id = due.id RETURNING job.id, dispatch, priority, run_at
        )
        SELECT id, dispatch, priority FROM handed ORDER BY priority DESC, run_at, id""",
        at_most,
    )
    return [Dispatch(*row) for row in rows]


async def undelivered(longer_than: timedelta) -> list[Dispatch]:
    """This will find the dispatches that nobody has claimed for so long: they wait in the carrier, or it lost them."""
    rows = await _rows(
        """SELECT id, dispatch, priority FROM job
        WHERE state = 'dispatched' AND dispatched_at < clock_timestamp() - $1::interval""",
        longer_than,
    )
    return [Dispatch(*row) for row in rows]


async def take_back(dispatches: Sequence[Dispatch]) -> list[UUID]:
    """This will queue those jobs again whose dispatch has not been claimed, and return them; it is void from now on."""
    rows = await _rows(
        """UPDATE job SET state = 'queued', updated_at = clock_timestamp(), version = version + 1
        FROM unnest($1::uuid[], $2::int[]) AS void(id, number)
        WHERE job.id = void.id AND dispatch = void.number AND state = 'dispatched' RETURNING job.id""",
        [dispatch.job_id for dispatch in dispatches], [dispatch.number for dispatch in dispatches],
    )  # fmt: skip
    return [row["id"] for row in rows]


async def claim(
    job_id: UUID, dispatch: int, lease: timedelta, by_kind: Mapping[str, timedelta] | None = None
) -> Claim | None:
    """This will claim a dispatched job for the lease of its kind, or for `lease` where none is named.

    None where it is a duplicate delivery or no longer wanted.
    """
    token = new_id()
    leases = by_kind or {}
    rows = await _rows(
        """UPDATE job SET state = 'running', lease_token = $3, attempt = attempt + 1, started_at = clock_timestamp(),
            lease_until = clock_timestamp() + coalesce(
                (SELECT long FROM unnest($5::text[], $6::interval[]) AS own(kind, long) WHERE own.kind = job.kind), $4),
            progress_done = 0, progress_total = NULL, progress_message = NULL,
            updated_at = clock_timestamp(), version = version + 1
        WHERE id = $1 AND dispatch = $2 AND state = 'dispatched'
        RETURNING kind, payload::text AS payload, attempt, max_attempts, requested_by_id""",
        job_id, dispatch, token, lease, [*leases], [*leases.values()],
    )  # fmt: skip
    if not rows:
        return None
    row = dict(rows[0])
    return Claim(job_id=job_id, token=token, **row | {"payload": orjson.loads(row["payload"])})


async def renew(held: Claim, lease: timedelta, done: int, total: int | None, message: str | None) -> None:
    """This will prolong the lease and tell how far the job is. Raises LeaseLost."""
    await _fenced(
        held,
        "lease_until = clock_timestamp() + $3, progress_done = $4, progress_total = $5, progress_message = $6",
        lease, done, total, message and legible(message, LONGEST_MESSAGE),
    )  # fmt: skip


async def succeed(held: Claim, result: Any, done: int, total: int | None, message: str | None) -> None:
    """This will record the job as done; call it in the transaction of its effects. Raises LeaseLost."""
    await _fenced(
        held,
        """state = 'succeeded', result = $3::jsonb, progress_done = $4, progress_total = $5, progress_message = $6,
        error = NULL, lease_token = NULL, lease_until = NULL, finished_at = clock_timestamp()""",
        orjson.dumps(result).decode(), done, total, message and legible(message, LONGEST_MESSAGE),
    )  # fmt: skip


async def retry(held: Claim, error: str, wait: timedelta) -> None:
    """This will queue a failed job again, not before the wait is over. Raises LeaseLost."""
    await _fenced(
        held,
        """state = 'queued', error = $3, run_at = clock_timestamp() + $4, lease_token = NULL, lease_until = NULL""",
        legible(error, LONGEST_ERROR), wait,
    )  # fmt: skip


async def postpone(held: Claim, reason: str, wait: timedelta) -> None:
    """This will give a job back that this worker cannot run; the attempt does not count. Raises LeaseLost."""
    await _fenced(
        held,
        """state = 'queued', attempt = attempt - 1, error = $3, run_at = clock_timestamp() + $4, lease_token = NULL,
        lease_until = NULL""",
        legible(reason, LONGEST_ERROR), wait,
    )  # fmt: skip


async def bury(held: Claim, error: str) -> None:
    """This will record a job as dead, with the reason. Raises LeaseLost."""
    await _fenced(
        held,
        "state = 'dead', error = $3, lease_token = NULL, lease_until = NULL, finished_at = clock_timestamp()",
        legible(error, LONGEST_ERROR),
    )


async def release(held: Claim) -> None:
    """This will give a job back unfinished, as a deploy does; the attempt does not count. Raises LeaseLost."""
    await _fenced(held, "state = 'queued', attempt = attempt - 1, lease_token = NULL, lease_until = NULL")


async def recover() -> dict[UUID, JobState]:
    """This will queue again the jobs of workers that went silent; one that has used its attempts is dead."""
    rows = await _rows(
        """WITH silent AS (
            SELECT id FROM job WHERE state = 'running' AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED
        )
        UPDATE job SET
            state = CASE WHEN attempt >= max_attempts THEN 'dead' ELSE 'queued' END,
            finished_at = CASE WHEN attempt >= max_attempts THEN clock_timestamp() END,
            error = 'The worker went silent; its lease ran out.', lease_token = NULL, lease_until = NULL,
            updated_at = clock_timestamp(), version = version + 1
        FROM silent WHERE job.id = silent.id RETURNING job.id, state""",
    )
    return {row["id"]: JobState(row["state"]) for row in rows}


async def _fenced(held: Claim, changes: str, *values: Any) -> None:
    written = await _rows(
        f"UPDATE job SET {changes}, updated_at = clock_timestamp(), version = version + 1 "
        "WHERE id = $1 AND lease_token = $2 AND state = 'running' RETURNING id",
        held.job_id, held.token, *values,
    )  # fmt: skip
    if not written:
        raise LeaseLost(f"job {held.job_id} is no longer ours")


async def _rows(sql: str, *values: Any) -> list[Any]:
    async with get_connection("default").acquire_connection() as connection:
        rows: list[Any] = await connection.fetch(sql, *values)
        return rows
