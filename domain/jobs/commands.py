"""Verbs of those who ask for jobs: one, a batch, a chain; and to call them off or have them run again.

What is asked for in a transaction exists when that commits, and never otherwise. See `dispatching` and `endings` for
what the engine does with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from tortoise.expressions import Q

from domain.jobs.kinds import check_payload, known_kind
from domain.jobs.models import Job
from domain.jobs.rules import BY_HAND, LIVE, REPLAY, JobState, MayStart, WaitsFor, same_work
from domain.jobs.statements import rows_of
from domain.kernel.actor import Actor
from domain.kernel.changes import check_fields
from domain.kernel.events import emit, emit_each
from domain.kernel.ids import new_id
from domain.kernel.permissions import Permission, Reach
from domain.kernel.refusals import Code, Conflict, Forbidden
from domain.kernel.trace import trace_parent
from domain.kernel.transactions import one_transaction

CHANNEL = "job_ready"
"""Where PostgreSQL says that there may be something to hand over."""


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
class JobRequest:
    """What is to be done: a kind and what it is given, and how it stands to other jobs.

    `unique_key`: at most one live job has it; with `unique_for`, none is begun for so long after the last was asked
    for, though that has ended. `limit_key`: what the limits per key of its kind count by. `run_at`: not before;
    without it at once. `priority`, -32768 to 32767: the higher, the sooner.
    """

    kind: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    payload_version: int = 1
    unique_key: str | None = None
    unique_for: timedelta | None = None
    limit_key: str | None = None
    run_at: datetime | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands among others: who waits for it, what it waits for, its batch, its schedule's due time."""

    then_id: UUID | None = None
    waits_for: WaitsFor | None = None
    batch_id: UUID | None = None
    schedule_id: UUID | None = None
    due_at: datetime | None = None


async def start_job(
    kind: str,
    payload: Mapping[str, Any],
    *,
    by: Actor,
    at: datetime,
    place: Place = Place(),
    **how: Any,
) -> Job:
    """This will ask for a job in the caller's transaction; `how` is what else a JobRequest says.

    A live job with the same key is given back instead, and so is the one that the due time of the schedule has
    started before. Raises Unauthenticated.
    """
    by.must_be_known()  # a job that nobody asked for runs in the system's name
    request = JobRequest(kind, payload, **how)
    async with one_transaction():
        if request.unique_for is not None:
            await rows_of("SELECT pg_advisory_xact_lock(hashtext($1))", request.unique_key)
        while True:
            if request.unique_for is not None and (taken := await _taken(request)) is not None:
                return taken
            if made := await _insert([(request, place)], by=by, at=at):
                return made[0]
            other = await Job.filter(
                Q(unique_key=request.unique_key, unique_key__isnull=False, state__in=LIVE)
                | Q(schedule_id=place.schedule_id, schedule_id__isnull=False, due_at=place.due_at)
            ).first()
            if other is not None:  # else it ended just now, and there is room for ours
                return other


async def start_jobs(requests: Sequence[JobRequest], *, by: Actor, at: datetime) -> list[Job]:
    """This will ask for jobs that have nothing to do with one another, in the caller's transaction.

    Of requests whose unique key is taken, none is made. Raises Unauthenticated.
    """
    by.must_be_known()
    async with one_transaction():
        return await _insert([(request, Place()) for request in requests], by=by, at=at) if requests else []


async def start_batch(
    requests: Sequence[JobRequest], *, then: JobRequest | None = None, by: Actor, at: datetime
) -> UUID:
    """This will ask for jobs that belong together, and return the batch's id.

    The job `then` begins when all of them have ended, however, and is given nothing of what they came to: it reads
    `outcomes_before` with its own id. Of requests whose unique key is taken, none is made. Raises Unauthenticated.
    """
    by.must_be_known()
    batch_id = new_id()
    async with one_transaction():
        last = None
        if then is not None:
            waits = WaitsFor.END if requests else None
            (last,) = await _insert([(then, Place(batch_id=batch_id, waits_for=waits))], by=by, at=at)
        place = Place(batch_id=batch_id, then_id=last.id if last else None)
        made = await _insert([(request, place) for request in requests], by=by, at=at)
        if last is not None and requests and not made:
            await rows_of("UPDATE job SET state = 'queued', ready_at = clock_timestamp() WHERE id = $1", last.id)
    return batch_id


async def start_chain(requests: Sequence[JobRequest], *, by: Actor, at: datetime) -> list[Job]:
    """This will ask for jobs of which each begins when the one before has succeeded.

    One that is dead holds up those behind it until it is run again; one that is called off takes them along. Unique
    keys have no place in a chain. Raises Unauthenticated, ValueError.
    """
    by.must_be_known()
    if any(request.unique_key for request in requests):
        raise ValueError("a job of a chain cannot have a unique key")
    batch_id, jobs = new_id(), list[Job]()
    async with one_transaction():
        for position in reversed(range(len(requests))):
            place = Place(
                then_id=jobs[0].id if jobs else None,
                waits_for=WaitsFor.SUCCESS if position else None,
                batch_id=batch_id,
            )
            jobs = [*await _insert([(requests[position], place)], by=by, at=at), *jobs]
    return jobs


async def ask_for_job(
    kind: str,
    payload: Mapping[str, Any],
    *field: str,
    unique_key: str,
    permission: Permission | None = None,
    by: Actor,
    at: datetime,
    **how: Any,
) -> Job:
    """This will start a job that its asker can follow, or give back the live one with the same key.

    With a permission, it does something to all records, which the actor must be permitted over all. Raises
    Unauthenticated, Forbidden, and AlreadyRunning (about `field`) where the live one is not for the actor to see.
    """
    if permission is not None:
        by.must(permission, Reach.ALL)
    job = await start_job(kind, payload, by=by, at=at, unique_key=unique_key, **how)
    if not await Job.seen([job.id], by=by):
        raise AlreadyRunning(*field)
    return job


async def start_by_hand(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Job:
    """This will start a job of a kind that people may start, or give back the live one that does the same work.

    `given` holds kind, and perhaps payload, run_at and priority. Raises Unauthenticated, Invalid, Forbidden, and
    AlreadyRunning where the live one is not for the actor to see.
    """
    by.must(Permission.JOBS_WRITE)
    values = check_fields(given, BY_HAND, required=("kind", "payload", "priority"))
    kind = await known_kind(values["kind"], "kind")
    if kind.may_start == MayStart.NOBODY:
        raise Forbidden(f"Nobody starts {kind.name} by hand: it follows from something else.", "kind")
    if kind.may_start == MayStart.ADMINISTRATORS:
        by.must(Permission.JOBS_ADMINISTER)
    payload = check_payload(kind, values.get("payload", {}), "payload")
    return await ask_for_job(
        kind.name,
        payload,
        "kind",
        payload_version=kind.payload_version,
        unique_key=same_work(kind.name, payload),
        permission=Permission(kind.permission) if kind.permission else None,
        run_at=values.get("run_at"),
        priority=values.get("priority", 0),
        by=by,
        at=at,
    )


async def _taken(request: JobRequest) -> Job | None:
    rows = await rows_of(
        "SELECT id FROM job WHERE unique_key = $1 AND unique_until > clock_timestamp() LIMIT 1", request.unique_key
    )
    return await Job.get(id=rows[0]["id"]) if rows else None


async def _insert(asked: Sequence[tuple[JobRequest, Place]], *, by: Actor, at: datetime) -> list[Job]:
    """Stores the jobs whose keys are free, in one statement, and rings the bell."""
    rows = await rows_of(
        """WITH made AS (
            INSERT INTO job (id, created_at, updated_at, version, kind, payload, payload_version, unique_key,
                unique_until, limit_key, state, priority, run_at, ready_at, requested_by_id, trace_parent, then_id,
                waits_for, batch_id, schedule_id, due_at, dispatch, attempt, max_attempts, replays, progress_done)
            SELECT id, $1, $1, 1, kind, payload::jsonb, payload_version, unique_key, clock_timestamp() + unique_for,
                limit_key, CASE WHEN waits_for IS NOT NULL THEN 'waiting'
                WHEN run_at > clock_timestamp() THEN 'scheduled' ELSE 'queued' END, priority, coalesce(run_at, $1),
                CASE WHEN waits_for IS NULL AND (run_at > clock_timestamp()) IS NOT TRUE THEN clock_timestamp() END,
                $2, trace_parent, then_id, waits_for, batch_id, schedule_id, due_at, 0, 0, 5, 0, 0
            FROM unnest($3::uuid[], $4::text[], $5::text[], $6::int[], $7::text[], $8::interval[], $9::text[],
                $10::timestamptz[], $11::int[], $12::text[], $13::uuid[], $14::text[], $15::uuid[], $16::uuid[],
                $17::timestamptz[])
                AS asked(id, kind, payload, payload_version, unique_key, unique_for, limit_key, run_at, priority,
                trace_parent, then_id, waits_for, batch_id, schedule_id, due_at)
            ON CONFLICT DO NOTHING RETURNING *
        )
        SELECT made.*, pg_notify($18, '') FROM made""",
        at, by.user_id, *_columns(asked), CHANNEL,
    )  # fmt: skip
    jobs = [Job._init_from_db(**{name: value for name, value in row.items() if name != "pg_notify"}) for row in rows]
    if len(jobs) == 1:
        await emit("jobs.job.queued", jobs[0].id, by=by, at=at, kind=jobs[0].kind)
    elif jobs:
        await emit_each("jobs.job.queued", ((job.id, {"kind": job.kind}) for job in jobs), by=by, at=at)
    return jobs


def _columns(asked: Sequence[tuple[JobRequest, Place]]) -> list[list[Any]]:
    around = trace_parent.get()
    rows = [
        (
            new_id(), of.kind, orjson.dumps(of.payload).decode(), of.payload_version, of.unique_key, of.unique_for,
            of.limit_key, of.run_at, of.priority, around, place.then_id, place.waits_for,
            place.batch_id, place.schedule_id, place.due_at,
        )
        for of, place in asked
    ]  # fmt: skip
    return [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(15)]


async def cancel_job(key: UUID | None, *, by: Actor, at: datetime) -> Job:
    """This will call a job off: at once where nobody has begun it; else its worker is told, and ends it soon.

    One that has ended stays as it is. Those that wait for its success are called off too. Raises Unauthenticated,
    NotFound.
    """
    by.must(Permission.JOBS_WRITE)
    async with one_transaction():
        job = await Job.locked(key, by=by)
        rows = await rows_of(
            """UPDATE job SET
                state = CASE WHEN state = 'running' THEN state ELSE 'cancelled' END,
                finished_at = CASE WHEN state = 'running' THEN NULL ELSE clock_timestamp() END,
                cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
                updated_at = clock_timestamp(), version = version + 1
            WHERE id = $1 AND state = ANY($2) AND cancel_requested_at IS NULL RETURNING state""",
            job.id, list(LIVE),
        )  # fmt: skip
        if rows:
            await emit("jobs.job.cancelled", job.id, by=by, at=at, was_running=rows[0]["state"] == JobState.RUNNING)
            if rows[0]["state"] == JobState.RUNNING:
                await rows_of("SELECT pg_notify($1, $2)", CHANNEL, job.id.hex)
            else:
                await follow_up([job.id])
    return await Job.get(id=key)


async def retry_job(key: UUID | None, *, by: Actor, at: datetime) -> Job:
    """This will have a job that is dead or called off run again, with all its attempts before it.

    One that is live or has succeeded stays as it is. Raises Unauthenticated, NotFound, and AlreadyRunning where a live
    job has its unique key.
    """
    by.must(Permission.JOBS_WRITE)
    async with one_transaction():
        job = await Job.locked(key, by=by)
        if job.unique_key and await Job.filter(unique_key=job.unique_key, state__in=LIVE).exclude(id=job.id).exists():
            raise AlreadyRunning("id")
        if await _replay([job.id]):
            await emit("jobs.job.queued", job.id, by=by, at=at, kind=job.kind, again=True)
    return await Job.get(id=key)


async def replay_jobs(given: Mapping[str, Any], *, by: Actor, at: datetime) -> int:
    """This will have dead jobs run again, the oldest first, and return how many; for administrators.

    `given` may narrow them: kind, ended_from, ended_to (not itself included), error_contains (every letter counts), and
    at_most, else 1000. Those whose unique key a live job has are left out. Raises Unauthenticated, Forbidden, Invalid.
    """
    by.must(Permission.JOBS_ADMINISTER)
    values = check_fields(given, REPLAY, required=REPLAY.keys())
    async with one_transaction():
        rows = await rows_of(
            """SELECT DISTINCT ON (coalesce(unique_key, id::text)) id, kind, finished_at FROM job dead
            WHERE state = 'dead' AND ($1::text IS NULL OR kind = $1)
                AND ($2::timestamptz IS NULL OR finished_at >= $2) AND ($3::timestamptz IS NULL OR finished_at < $3)
                AND ($4::text IS NULL OR strpos(error, $4) > 0)
                AND (unique_key IS NULL OR NOT EXISTS (
                    SELECT FROM job live WHERE live.unique_key = dead.unique_key AND live.state = ANY($5)))""",
            *map(values.get, ("kind", "ended_from", "ended_to", "error_contains")), list(LIVE),
        )  # fmt: skip
        oldest = sorted(rows, key=lambda row: row["finished_at"])[: values.get("at_most", 1000)]
        again = set(await _replay([row["id"] for row in oldest]))
        facts = [(row["id"], {"kind": row["kind"], "again": True}) for row in oldest if row["id"] in again]
        if facts:
            await emit_each("jobs.job.queued", facts, by=by, at=at)
    return len(again)


async def _replay(keys: Sequence[UUID]) -> list[UUID]:
    rows = await rows_of(
        """WITH again AS (
            UPDATE job SET state = 'queued', attempt = 0, replays = replays + 1, ready_at = clock_timestamp(),
                run_at = clock_timestamp(), finished_at = NULL, cancel_requested_at = NULL, error = NULL,
                updated_at = clock_timestamp(), version = version + 1
            WHERE id = ANY($1) AND state IN ('dead', 'cancelled') RETURNING id
        )
        SELECT id, pg_notify($2, '') FROM again""",
        list(keys), CHANNEL,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def follow_up(ended: Sequence[UUID]) -> None:
    """This will let on what waited for jobs that have ended: those behind them, and those that share their key."""
    while ended:
        rows = await rows_of("SELECT job_follow_up($1) AS called_off", list(ended))
        ended = rows[0]["called_off"]
