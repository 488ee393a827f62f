"""Verbs of schedules: keep one, make, change and remove them, and start what is due.

A due time has one outcome, however many schedulers look, and whatever their clocks say: `schedule_run` is unique.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from domain.jobs.commands import Place, cancel_job, start_job
from domain.jobs.kinds import check_payload, known_kind
from domain.jobs.models import Job, Schedule, ScheduleRun
from domain.jobs.rules import LIVE, SCHEDULE, Cadence, CatchUp, Overlap, RunOutcome, WaitsFor, same_work
from domain.jobs.statements import rows_of
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.events import emit
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.transactions import one_transaction

LATE_AFTER = timedelta(minutes=1)
"""What was due longer ago was slept through."""
MOST_AT_ONCE = 100
DUE_TIMES = 5
WHEN = ("cron", "every_seconds", "time_zone", "is_paused")
"""The fields by which a schedule's due times are reckoned."""


class NameTaken(Conflict):
    """Two schedules cannot have one name."""

    def __init__(self) -> None:
        super().__init__("{field} is taken: another schedule has this name; choose another.", "name")


async def keep_schedule(
    name: str,
    kind: str,
    payload: Mapping[str, Any],
    *,
    cron: str,
    time_zone: str,
    at: datetime,
    payload_version: int = 1,
) -> None:
    """This will set up a schedule where there is none of this name; one that people have changed stays as it is."""
    there = await Schedule.get_or_none(name=name)
    if there is not None:
        if not there.due_times:  # it was set up before they were kept
            due = _due(_cadence({}, there), there.next_due_at)
            await Schedule.filter(id=there.id, due_times=[]).update(due_times=due["due_times"])
        return
    cadence = Cadence(cron, None, time_zone)
    await Schedule.get_or_create(
        name=name,
        defaults={
            "kind": kind,
            "payload": dict(payload),
            "payload_version": payload_version,
            "cron": cron,
            "time_zone": time_zone,
            **_due(cadence, cadence.next_due(at)),
            "created_at": at,
            "updated_at": at,
        },
    )


async def create_schedule(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Schedule:
    """This will set up a schedule; it is first due after `at`. For administrators.

    Raises Unauthenticated, Forbidden, Invalid, NameTaken.
    """
    by.must(Permission.JOBS_ADMINISTER)
    values = check_fields(given, SCHEDULE, required=SCHEDULE.keys())
    values |= await _work({"payload": {}} | values)
    cadence = _cadence(values, Schedule())
    values |= _due(cadence, cadence.next_due(at))
    async with one_transaction():
        return await store_new(Schedule, values, "jobs.schedule.created", by=by, at=at, taken=NameTaken())


async def update_schedule(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Schedule:
    """This will change a schedule, or let it rest; what it slept through while it rested is not made up for.

    Of cron and every_seconds, the one takes the place of the other. For administrators. Raises Unauthenticated,
    Forbidden, Invalid, NotFound, Stale, NameTaken.
    """
    by.must(Permission.JOBS_ADMINISTER)
    values = check_fields(given, SCHEDULE, required=SCHEDULE.keys())
    async with one_transaction():
        schedule = await Schedule.locked(key, expected_version=expected_version, by=by)
        if {"kind", "payload"} & values.keys():
            values |= await _work({"kind": schedule.kind, "payload": schedule.payload} | values)
        if {"cron", "every_seconds"} & values.keys():
            values = {"cron": None, "every_seconds": None} | values
        if any(getattr(schedule, name) != values.get(name, getattr(schedule, name)) for name in WHEN):
            cadence = _cadence(values, schedule)
            values |= _due(cadence, cadence.next_due(at))
        await apply_changes(schedule, values, "jobs.schedule.updated", by=by, at=at, taken=NameTaken())
    return schedule


async def delete_schedule(key: UUID | None, *, by: Actor, at: datetime) -> UUID:
    """This will remove a schedule with its history; the jobs that it started stay. For administrators.

    Raises Unauthenticated, Forbidden, NotFound.
    """
    by.must(Permission.JOBS_ADMINISTER)
    async with one_transaction():
        schedule = await Schedule.locked(key, by=by)
        await emit("jobs.schedule.deleted", schedule.id, by=by, at=at, name=schedule.name, kind=schedule.kind)
        await schedule.delete()
    return schedule.id


async def run_schedule(key: UUID | None, *, by: Actor, at: datetime) -> Job:
    """This will start the job of a schedule now, beside its due times, paused or not. For administrators.

    Where the schedule skips what overlaps, a live job of it is given back instead. Raises Unauthenticated, Forbidden,
    NotFound.
    """
    by.must(Permission.JOBS_ADMINISTER)
    async with one_transaction():
        schedule = await Schedule.locked(key, by=by)
        skips = schedule.overlap == Overlap.SKIP
        live = await _live(schedule) if skips else []
        return live[0] if live else await _start(schedule, at, by=by, at=at)


async def fire_due(at: datetime) -> list[Job]:
    """This will start the jobs of all schedules that are due, each in a transaction of its own.

    A schedule whose line or zone is no longer good is paused, and the log of events says why.
    """
    due = (
        await Schedule.filter(is_paused=False, next_due_at__lte=at).order_by("next_due_at").values_list("id", flat=True)
    )
    return [job for key in due for job in await _fire(key, at)]


async def _fire(key: Any, at: datetime) -> list[Job]:
    async with in_transaction():
        # A scheduler that is stopped in the middle shall hold nobody up for long, nor wait for long itself.
        for name in ("idle_in_transaction_session_timeout", "lock_timeout"):
            await rows_of("SELECT set_config($1, '5s', true)", name)
        schedule = await Schedule.filter(id=key, is_paused=False, next_due_at__lte=at).select_for_update(
            skip_locked=True
        ).first()  # fmt: skip
        if schedule is None:
            return []
        try:
            times, first = _times(schedule, at)
            due = _due(_cadence({}, schedule), first)
        except Invalid as refusal:
            schedule.is_paused = True
            await schedule.save(update_fields=["is_paused"])
            await emit("jobs.schedule.paused", schedule.id, by=SYSTEM, at=at, reason=refusal.message)
            return []
        await schedule.update_from_dict(due).save(update_fields=[*due])
        return [job for due_at in times if (job := await _decide(schedule, due_at, at)) is not None]


def _times(schedule: Schedule, at: datetime) -> tuple[list[datetime], datetime]:
    """The due times that have come and have to be decided, and the next one after them."""
    cadence = _cadence({}, schedule)
    if schedule.catch_up == CatchUp.ALL:
        times = [schedule.next_due_at]
        while len(times) < MOST_AT_ONCE and (later := cadence.next_due(times[-1])) <= at:
            times.append(later)
        return times, cadence.next_due(times[-1])
    return [max(schedule.next_due_at, cadence.last_due(at))], cadence.next_due(at)


async def _decide(schedule: Schedule, due_at: datetime, at: datetime) -> Job | None:
    """Starts the job of a due time, or says why not; gives it only where it was started now."""
    if not await _is_ours(schedule, due_at, at):
        return None
    live = await _live(schedule)
    outcome, job = RunOutcome.STARTED, None
    if schedule.catch_up == CatchUp.NONE and at - due_at > LATE_AFTER:
        outcome = RunOutcome.MISSED
    elif live and schedule.overlap == Overlap.SKIP:
        outcome, job = RunOutcome.SKIPPED, live[0]
    elif live:
        job = await _start_behind(schedule, live, due_at, at)
    else:
        job = await _start(schedule, due_at, by=SYSTEM, at=at)
        if (job.schedule_id, job.due_at) != (schedule.id, due_at):
            outcome = RunOutcome.SKIPPED
    await ScheduleRun.filter(schedule_id=schedule.id, due_at=due_at).update(
        outcome=outcome, job_id=job.id if job else None
    )
    return job if outcome == RunOutcome.STARTED else None


async def _is_ours(schedule: Schedule, due_at: datetime, at: datetime) -> bool:
    run = ScheduleRun.born({"schedule_id": schedule.id, "due_at": due_at, "outcome": RunOutcome.MISSED}, at)
    made = await rows_of(
        """INSERT INTO schedule_run (id, created_at, updated_at, version, schedule_id, due_at, outcome)
        VALUES ($1, $2, $2, 1, $3, $4, $5) ON CONFLICT DO NOTHING RETURNING id""",
        run.id, at, schedule.id, due_at, run.outcome,
    )  # fmt: skip
    return bool(made)


async def _live(schedule: Schedule) -> list[Job]:
    return await Job.filter(schedule_id=schedule.id, state__in=LIVE).order_by("-created_at", "-id")


async def _start(schedule: Schedule, due_at: datetime, *, by: Actor, at: datetime, **place: Any) -> Job:
    """Starts the job of a due time; where overlaps are skipped, the same work that others asked for counts, too."""
    alone = schedule.overlap == Overlap.SKIP
    return await start_job(
        schedule.kind,
        schedule.payload,
        payload_version=schedule.payload_version,
        by=by,
        at=at,
        unique_key=same_work(schedule.kind, schedule.payload) if alone else None,
        place=Place(schedule_id=schedule.id, due_at=due_at, **place),
    )


async def _start_behind(schedule: Schedule, live: list[Job], due_at: datetime, at: datetime) -> Job:
    """Starts a job that begins when the last one before it has ended; to be replaced, those are called off."""
    if schedule.overlap == Overlap.REPLACE:
        for each in live:
            await cancel_job(each.id, by=SYSTEM, at=at)
        live = await _live(schedule)
        if not live:
            return await _start(schedule, due_at, by=SYSTEM, at=at)
    job = await _start(schedule, due_at, by=SYSTEM, at=at, waits_for=WaitsFor.END)
    held = await rows_of(
        """UPDATE job SET then_id = $2 WHERE id = $1 AND state = ANY($3) AND NOT EXISTS (
            SELECT FROM job other WHERE other.id = job.then_id AND other.state = ANY($3)) RETURNING id""",
        live[0].id, job.id, list(LIVE),
    )  # fmt: skip
    if not held:  # it has ended just now
        await rows_of("UPDATE job SET state = 'queued', ready_at = clock_timestamp() WHERE id = $1", job.id)
    return await Job.get(id=job.id)


async def _work(values: dict[str, Any]) -> dict[str, Any]:
    """What a schedule starts, as the kind takes it now. Raises Invalid."""
    if "kind" not in values:
        raise Invalid("{field} must be given; `jobKinds` lists those there are.", "kind")
    kind = await known_kind(values["kind"], "kind")
    return {
        "kind": kind.name,
        "payload": check_payload(kind, values["payload"], "payload"),
        "payload_version": kind.payload_version,
    }


def _due(cadence: Cadence, first: datetime) -> dict[str, Any]:
    """When it is next due, and then four times more: what is stored of that. Raises Invalid."""
    times = [first, *islice(cadence.after(first), DUE_TIMES - 1)]
    return {"next_due_at": first, "due_times": [time.isoformat() for time in times]}


def _cadence(values: Mapping[str, Any], schedule: Schedule) -> Cadence:
    """When a schedule is due, with what is changed of it. Raises Invalid."""

    def of(name: str) -> Any:
        return values.get(name, getattr(schedule, name))

    anchor = schedule.next_due_at if "every_seconds" not in values else None
    return Cadence(of("cron"), of("every_seconds"), of("time_zone"), anchor)
