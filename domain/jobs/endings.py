"""What the engine writes about a job that runs, and at its end. All of it is fenced by the token of the claim.

An attempt that ends leaves a row behind: by which worker, how, and what it said. States: running -> succeeded | dead |
cancelled | scheduled (tried again) | queued (given back).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.jobs.dispatching import Claim
from domain.jobs.rules import LONGEST_ERROR, LONGEST_LOG, LONGEST_MESSAGE, AttemptOutcome, JobState, legible
from domain.jobs.statements import rows_of
from domain.kernel.ids import new_id

AT_ONCE = timedelta(0)


class LeaseLost(Exception):
    """The claim no longer holds: what was done in its name must be undone."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is: how much of how much is done, what it does now, and the last lines that it logged."""

    done: int = 0
    total: int | None = None
    message: str | None = None
    log_tail: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """What became of an attempt. Without an outcome it never was one, and leaves no row."""

    held: Claim
    state: JobState
    outcome: AttemptOutcome | None
    progress: Progress = Progress()
    result: Any = None
    error: str | None = None
    wait: timedelta = AT_ONCE
    counts: bool = True


def success(held: Claim, result: Any, progress: Progress = Progress()) -> Ending:
    """This will be the end of a job that is done."""
    return Ending(held, JobState.SUCCEEDED, AttemptOutcome.SUCCEEDED, progress, result)


def failure(
    held: Claim,
    error: str,
    wait: timedelta | None,
    progress: Progress = Progress(),
    outcome: AttemptOutcome = AttemptOutcome.FAILED,
) -> Ending:
    """This will be the end of an attempt that failed: tried again after the wait, or dead where there is none."""
    state = JobState.DEAD if wait is None else JobState.SCHEDULED
    return Ending(held, state, outcome, progress, error=error, wait=wait or AT_ONCE)


def cancellation(held: Claim, progress: Progress = Progress()) -> Ending:
    """This will be the end of a job that somebody called off."""
    return Ending(held, JobState.CANCELLED, AttemptOutcome.CANCELLED, progress)


def release(held: Claim, progress: Progress = Progress()) -> Ending:
    """This will give a job back unfinished, as a deploy does; the attempt does not count."""
    return Ending(held, JobState.QUEUED, AttemptOutcome.RELEASED, progress, counts=False)


def postponement(held: Claim, reason: str, wait: timedelta) -> Ending:
    """This will give a job back that cannot be begun yet; it was no attempt."""
    return Ending(held, JobState.SCHEDULED, None, error=reason, wait=wait, counts=False)


@dataclass(frozen=True, slots=True)
class Beat:
    """What came of a sign of life whose claim still holds. A row that somebody else has locked is not renewed."""

    is_renewed: bool
    is_called_off: bool


async def renew_all(held: Sequence[tuple[Claim, float, Progress]]) -> dict[UUID, Beat]:
    """This will prolong leases, by so many seconds from now, and tell how far the jobs are, in one statement.

    Jobs that are missing from the answer are no longer ours.
    """
    rows = await rows_of(
        """WITH told AS (
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::float8[], $4::bigint[], $5::bigint[], $6::text[],
                $7::text[]) AS told(id, token, lease, done, total, message, log_tail)
        ), ours AS MATERIALIZED (
            SELECT job.id, told.token, job.cancel_requested_at FROM told JOIN job ON job.id = told.id
            WHERE job.lease_token = told.token AND job.state = 'running'
        ), free AS MATERIALIZED (
            SELECT job.id FROM ours JOIN job ON job.id = ours.id
            WHERE job.lease_token = ours.token AND job.state = 'running' FOR UPDATE OF job SKIP LOCKED
        ), renewed AS (
            UPDATE job SET lease_until = clock_timestamp() + make_interval(secs => told.lease),
                progress_done = told.done, progress_total = told.total, progress_message = told.message,
                log_tail = told.log_tail,
                updated_at = clock_timestamp(), version = version + 1
            FROM told JOIN free ON free.id = told.id WHERE job.id = told.id RETURNING job.id
        )
        SELECT ours.id, renewed.id IS NOT NULL AS is_renewed, ours.cancel_requested_at IS NOT NULL AS is_called_off
        FROM ours LEFT JOIN renewed ON renewed.id = ours.id""",
        *(list(column) for column in zip(*map(_beat, held), strict=True)),
    )  # fmt: skip
    return {row["id"]: Beat(row["is_renewed"], row["is_called_off"]) for row in rows}


async def end(ending: Ending) -> None:
    """This will record one ending; call it in the transaction of the job's effects. Raises LeaseLost."""
    if not await end_all([ending]):
        raise LeaseLost(f"job {ending.held.job_id} is no longer ours")


async def end_all(endings: Sequence[Ending]) -> set[UUID]:
    """This will record endings of different jobs in one statement, and return the jobs whose claim still held."""
    rows = await rows_of(
        """WITH told AS (
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::text[],
                $8::text[], $9::text[], $10::text[], $11::interval[], $12::int[], $13::uuid[])
                AS told(id, token, state, outcome, done, total, message, log_tail, result, error, wait, counts,
                attempt_id)
        ), ended AS (
            UPDATE job SET state = told.state, attempt = attempt - 1 + told.counts, lease_token = NULL,
                lease_until = NULL, progress_done = told.done, progress_total = told.total,
                progress_message = told.message, log_tail = told.log_tail, result = told.result::jsonb,
                error = told.error,
                run_at = CASE WHEN told.state = 'scheduled' THEN clock_timestamp() + told.wait ELSE run_at END,
                ready_at = CASE WHEN told.state = 'queued' THEN clock_timestamp() ELSE ready_at END,
                finished_at = CASE WHEN told.state IN ('succeeded', 'dead', 'cancelled') THEN clock_timestamp() END,
                updated_at = clock_timestamp(), version = version + 1
            FROM told WHERE job.id = told.id AND job.lease_token = told.token AND job.state = 'running'
            RETURNING job.id, job.state, job.worker, job.started_at, job.attempt + 1 - told.counts AS number,
                told.outcome, told.error, told.log_tail, told.attempt_id
        ), kept AS (
            INSERT INTO job_attempt (id, created_at, updated_at, version, job_id, number, outcome, worker, started_at,
                finished_at, error, log_tail)
            SELECT attempt_id, clock_timestamp(), clock_timestamp(), 1, id, number, outcome, worker, started_at,
                clock_timestamp(), error, log_tail FROM ended WHERE outcome IS NOT NULL
        )
        SELECT id, CASE WHEN state IN ('queued', 'scheduled') THEN pg_notify('job_ready', '') END FROM ended""",
        *(list(column) for column in zip(*map(_row, endings), strict=True)),
    )  # fmt: skip
    return {row["id"] for row in rows}


async def recover() -> dict[UUID, JobState]:
    """This will queue again the jobs of workers that went silent; one that has used its attempts is dead."""
    rows = await rows_of(
        """WITH silent AS (
            SELECT id FROM job WHERE state = 'running' AND lease_until < clock_timestamp() FOR UPDATE SKIP LOCKED
        ), ended AS (
            UPDATE job SET
                state = CASE WHEN cancel_requested_at IS NOT NULL THEN 'cancelled'
                    WHEN attempt >= max_attempts THEN 'dead' ELSE 'queued' END,
                finished_at = CASE WHEN cancel_requested_at IS NOT NULL OR attempt >= max_attempts
                    THEN clock_timestamp() END,
                error = $1, lease_token = NULL, lease_until = NULL, ready_at = clock_timestamp(),
                updated_at = clock_timestamp(), version = version + 1
            FROM silent WHERE job.id = silent.id
            RETURNING job.id, job.state, job.worker, job.started_at, job.attempt, job.log_tail
        ), kept AS (
            INSERT INTO job_attempt (id, created_at, updated_at, version, job_id, number, outcome, worker, started_at,
                finished_at, error, log_tail)
            SELECT uuidv7(), clock_timestamp(), clock_timestamp(), 1, id, attempt, 'lost', worker, started_at,
                clock_timestamp(), $1, log_tail FROM ended
        )
        SELECT id, state FROM ended""",
        "The worker went silent; its lease ran out.",
    )
    return {row["id"]: JobState(row["state"]) for row in rows}


def _beat(each: tuple[Claim, float, Progress]) -> tuple[Any, ...]:
    held, lease_seconds, progress = each
    return held.job_id, held.token, lease_seconds, *_columns(progress)


def _row(ending: Ending) -> tuple[Any, ...]:
    error = ending.error and legible(ending.error, LONGEST_ERROR)
    result = None if ending.result is None else orjson.dumps(ending.result).decode()
    return (
        ending.held.job_id, ending.held.token, ending.state, ending.outcome, *_columns(ending.progress), result, error,
        ending.wait, int(ending.counts), new_id(),
    )  # fmt: skip


def _columns(progress: Progress) -> tuple[Any, ...]:
    message = progress.message and legible(progress.message, LONGEST_MESSAGE)
    return (
        progress.done,
        progress.total,
        message,
        progress.log_tail and legible(progress.log_tail[-LONGEST_LOG:], LONGEST_LOG),
    )
