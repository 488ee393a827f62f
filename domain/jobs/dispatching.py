"""What the engine does with jobs until one runs: hand over, take back, claim. By the database's clock throughout.

A dispatch is numbered, and only the last one of a job may be claimed. A claim is fenced: it carries a token, and
nothing is written in its name once another claim holds the row (see `endings`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from domain.jobs.rules import Dispatch, Policy, Rate
from domain.jobs.statements import rows_of
from domain.kernel.ids import new_id


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What one look for due jobs came to.

    `again`: there may be more at once. `next_in`: how long until the next job is due that waits for its time. `busy`:
    another relay looks just now, and nothing was done.
    """

    dispatches: Sequence[Dispatch]
    again: bool
    next_in: timedelta | None
    busy: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to run a job once: whose token is on the row may write to it."""

    job_id: UUID
    token: UUID
    kind: str
    payload: Mapping[str, Any]
    payload_version: int
    attempt: int
    max_attempts: int
    requested_by_id: UUID | None
    limit_key: str | None = None
    then_id: UUID | None = None
    batch_id: UUID | None = None
    trace_parent: str | None = None
    lag: timedelta = timedelta(0)
    """How long it could have been begun before it was."""

    @property
    def has_followers(self) -> bool:
        """Whether somebody may wait for its end."""
        return self.then_id is not None or self.limit_key is not None


async def hand_over(policies: Iterable[Policy], rooms: Mapping[str, int], most: int) -> HandedOver:
    """This will take the next jobs out of the queues, by priority and then by time, and number their dispatch.

    Only kinds with a policy are looked at, of each queue as many as it has room for, and no more than the limits of
    the kinds allow. One relay looks at a time, or the limits would not hold.
    """
    (row,) = await rows_of(
        "SELECT * FROM job_hand_over($1, $2, $3)",
        orjson.dumps([_plain(policy) for policy in policies]).decode(), orjson.dumps(rooms).decode(), most,
    )  # fmt: skip
    columns = (row["job_ids"] or (), row["numbers"] or (), row["priorities"] or (), row["queues"] or ())
    dispatches = [Dispatch(*each) for each in zip(*columns, strict=True)]
    again = bool(row["moved"]) or len(dispatches) >= most
    return HandedOver(dispatches, again, row["next_in"], row["is_busy"])


def _plain(policy: Policy) -> dict[str, Any]:
    oldest, newest = policy.versions
    return {
        "kind": policy.kind,
        "queue": policy.queue,
        "oldest": oldest,
        "newest": newest,
        "concurrency": policy.concurrency,
        "per_key": policy.concurrency_per_key,
        "pace": policy.rate and policy.rate.interval.total_seconds(),
        "tolerance": policy.rate and policy.rate.tolerance.total_seconds(),
    }


async def undelivered(longer_than: timedelta) -> list[tuple[UUID, int]]:
    """This will find the dispatches that nobody has claimed for so long, by job and number.

    They wait in the carrier, or it has lost them.
    """
    rows = await rows_of(
        """SELECT id, dispatch FROM job
        WHERE state = 'dispatched' AND dispatched_at < clock_timestamp() - $1::interval""",
        longer_than,
    )
    return [tuple(row) for row in rows]


async def take_back(dispatches: Sequence[tuple[UUID, int]]) -> list[UUID]:
    """This will queue those jobs again whose dispatch has not been claimed, and return them; it is void from now on."""
    rows = await rows_of(
        """UPDATE job SET state = 'queued', updated_at = clock_timestamp(), version = version + 1
        FROM unnest($1::uuid[], $2::int[]) AS void(id, number)
        WHERE job.id = void.id AND dispatch = void.number AND state = 'dispatched' RETURNING job.id""",
        [job_id for job_id, _ in dispatches], [number for _, number in dispatches],
    )  # fmt: skip
    return [row["id"] for row in rows]


async def claim(dispatches: Sequence[tuple[UUID, int]], policies: Iterable[Policy], worker: str) -> list[Claim]:
    """This will claim dispatched jobs, by job and number, for the lease of their kinds.

    Those that are missing from the answer are duplicate deliveries, or no longer wanted. Kinds without a policy are
    claimed for the shortest while, so that they can be given back.
    """
    tokens = {job_id: new_id() for job_id, _ in dispatches}
    known = {policy.kind: policy for policy in policies}
    rows = await rows_of(
        """WITH own AS MATERIALIZED (
            SELECT * FROM unnest($5::text[], $6::interval[], $7::int[]) AS own(kind, lease, most)
        )
        UPDATE job SET state = 'running', lease_token = wanted.token, attempt = attempt + 1, worker = $4,
            started_at = clock_timestamp(),
            lease_until = clock_timestamp() + coalesce((SELECT lease FROM own WHERE own.kind = job.kind), '10 s'),
            max_attempts = coalesce((SELECT most FROM own WHERE own.kind = job.kind), max_attempts),
            progress_done = 0, progress_total = NULL, progress_message = NULL, log_tail = NULL,
            updated_at = clock_timestamp(), version = version + 1
        FROM unnest($1::uuid[], $2::int[], $3::uuid[]) AS wanted(id, number, token)
        WHERE job.id = wanted.id AND job.dispatch = wanted.number AND job.state = 'dispatched'
        RETURNING job.id, job.kind, job.payload::text AS payload, job.payload_version, job.attempt, job.max_attempts,
            job.requested_by_id, job.limit_key, job.then_id, job.batch_id, job.trace_parent,
            job.started_at - coalesce(job.ready_at, job.started_at) AS lag""",
        [job_id for job_id, _ in dispatches], [number for _, number in dispatches], [*tokens.values()], worker,
        [*known], [policy.lease for policy in known.values()], [policy.max_attempts for policy in known.values()],
    )  # fmt: skip
    return [_claim(dict(row), tokens) for row in rows]


def _claim(row: dict[str, Any], tokens: Mapping[UUID, UUID]) -> Claim:
    job_id = row.pop("id")
    return Claim(job_id=job_id, token=tokens[job_id], **row | {"payload": orjson.loads(row["payload"])})


async def admit(held: Claim, policy: Policy) -> timedelta | None:
    """This will count a start towards the rates of its kind; or say how long it has to wait for its turn.

    A turn is kept free for each that waits, in the order in which they asked.
    """
    limits = [("", policy.rate)]
    if held.limit_key is not None:
        limits.append((held.limit_key, policy.rate_per_key))
    for key, rate in limits:
        if rate is not None and (wait := await _turn(held.kind, key, rate)) is not None:
            return wait
    return None


async def _turn(kind: str, key: str, rate: Rate) -> timedelta | None:
    """Source: GCRA, ITU-T I.371; `due_at` is its theoretical arrival time, `tail_at` the turn given out last."""
    admitted = await rows_of(
        """INSERT INTO job_limit AS l (kind, limit_key, due_at, tail_at)
        VALUES ($1, $2, clock_timestamp() + $3::interval, clock_timestamp())
        ON CONFLICT (kind, limit_key) DO UPDATE SET due_at = greatest(l.due_at, clock_timestamp()) + $3::interval
        WHERE l.due_at <= clock_timestamp() + $4::interval RETURNING 1""",
        kind, key, rate.interval, rate.tolerance,
    )  # fmt: skip
    if admitted:
        return None
    rows = await rows_of(
        """UPDATE job_limit SET tail_at = greatest(tail_at + $3::interval, due_at - $4::interval)
        WHERE kind = $1 AND limit_key = $2
        RETURNING greatest(tail_at - clock_timestamp(), interval '10 ms') AS wait""",
        kind, key, rate.interval, rate.tolerance,
    )  # fmt: skip
    return rows[0]["wait"] if rows else rate.interval
