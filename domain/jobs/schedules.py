"""Verbs of schedules: keep one, change it, and start what is due. A due time starts one job, however many ask."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from domain.jobs.commands import Place, start_job
from domain.jobs.models import Job, Schedule
from domain.jobs.rules import SCHEDULE, next_due
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.changes import apply_changes, check_fields
from domain.kernel.events import emit
from domain.kernel.refusals import Invalid
from domain.kernel.transactions import one_transaction


async def keep_schedule(
    name: str, kind: str, payload: Mapping[str, Any], *, cron: str, time_zone: str, at: datetime
) -> None:
    """This will set up a schedule where there is none of this name; one that people have changed stays as it is."""
    if await Schedule.exists(name=name):
        return
    await Schedule.get_or_create(
        name=name,
        defaults={
            "kind": kind,
            "payload": dict(payload),
            "cron": cron,
            "time_zone": time_zone,
            "next_due_at": next_due(cron, time_zone, after=at),
            "created_at": at,
            "updated_at": at,
        },
    )


async def update_schedule(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Schedule:
    """This will change when a schedule is due, or let it rest; what it slept through is not made up for.

    Raises Unauthenticated, Forbidden, Invalid, NotFound, Stale.
    """
    by.must_administer("change schedules")
    values = check_fields(given, SCHEDULE, required=("cron", "time_zone", "is_paused"))
    async with one_transaction():
        schedule = await Schedule.locked(key, expected_version=expected_version)
        changed = {name for name, value in values.items() if getattr(schedule, name) != value}
        if changed:
            cron, zone = values.get("cron", schedule.cron), values.get("time_zone", schedule.time_zone)
            values["next_due_at"] = next_due(cron or "", zone, after=at)
        await apply_changes(schedule, values, "jobs.schedule.updated", by=by, at=at)
    return schedule


async def fire_due(at: datetime) -> list[Job]:
    """This will start the jobs of all schedules that are due; due times that were slept through start one job.

    Where a live job has the schedule's kind as its key, that due time is left out: jobs of a kind do not overlap. A
    schedule whose line or zone is no longer good is paused, and the log of events says why.
    """
    async with in_transaction():
        due = await Schedule.filter(is_paused=False, next_due_at__lte=at).select_for_update(skip_locked=True)
        return [job for schedule in due if (job := await _fire(schedule, at))]


async def _fire(schedule: Schedule, at: datetime) -> Job | None:
    due_at = schedule.next_due_at
    try:
        schedule.next_due_at = next_due(schedule.cron or "", schedule.time_zone, after=at)
    except Invalid as refusal:
        schedule.is_paused = True
        await schedule.save(update_fields=["is_paused"])
        await emit("jobs.schedule.paused", schedule.id, by=SYSTEM, at=at, reason=refusal.message)
        return None
    await schedule.save(update_fields=["next_due_at"])
    job = await start_job(
        schedule.kind,
        schedule.payload,
        by=SYSTEM,
        at=at,
        unique_key=schedule.kind,
        place=Place(schedule_id=schedule.id, due_at=due_at),
    )
    return job if (job.schedule_id, job.due_at) == (schedule.id, due_at) else None
