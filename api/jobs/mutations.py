"""Mutations of jobs, queues and schedules."""

from datetime import datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, optional, settle, user_errors
from api.graph.scalars import JSON
from api.jobs.types import Job, JobQueue, Schedule
from domain.jobs import commands, models, queues, schedules
from domain.jobs.rules import CatchUp, Overlap
from domain.kernel.actor import Actor
from domain.kernel.ids import public_id, read_id

JobID = Annotated[strawberry.ID, strawberry.argument(description="Which job.")]
QueueID = Annotated[strawberry.ID, strawberry.argument(description="Which queue.")]
ScheduleID = Annotated[strawberry.ID, strawberry.argument(description="Which schedule.")]
_NOW = "as it now stands; null where refused."
_CRON = "Minute, hour, day of month, month, day of week, such as 30 6 * * 1-5: this, or `everySeconds`; not null."
_EVERY = "The seconds from one due time to the next, up to 366 days: this, or `cron`; not null."
_ZONE = "The IANA zone that the line is read in, such as Europe/Berlin; not null."
_PAYLOAD = "What the job is given, by the kind's `payloadSchema`; not null."


@strawberry.input(description="A job to be started by hand.")
class JobStartInput:
    kind: str = strawberry.field(description="One of `jobKinds`, of those that you may start.")
    payload: JSON | None = optional("What it is given, by the kind's `payloadSchema`; nothing if left out; not null.")
    run_at: datetime | None = optional("Not before this time; at once if left out or null.")
    priority: int | None = optional("From -1,000 to 1,000: the higher, the sooner; 0 if left out; not null.")


@strawberry.input(description="Which dead jobs are to run again: all, or those that fit whatever is given.")
class JobsReplayInput:
    kind: str | None = optional("Only those of this kind; not null.")
    ended_from: datetime | None = optional("Only those that died then or later; not null.")
    ended_to: datetime | None = optional("Only those that died before; not null.")
    error_contains: str | None = optional("Only those whose `error` holds these words, letter by letter; not null.")
    at_most: int | None = optional("How many, the oldest first, up to 10,000; 1,000 if left out; not null.")


@strawberry.input(description="How a queue comes to rest.")
class QueuePauseInput:
    reason: str | None = optional("Why, for those who wonder; up to 300 characters.")


@strawberry.input(description="A new schedule.")
class ScheduleCreateInput:
    name: str = strawberry.field(description="What people call it, 1 to 100 characters; unique.")
    kind: str = strawberry.field(description="The kind of job it starts, one of `jobKinds`.")
    payload: JSON | None = optional(f"{_PAYLOAD} Nothing if left out.")
    cron: str | None = optional(_CRON)
    every_seconds: int | None = optional(_EVERY)
    time_zone: str | None = optional(f"{_ZONE} UTC if left out.")
    overlap: Overlap | None = optional("What it does while its last job is under way; SKIP if left out; not null.")
    catch_up: CatchUp | None = optional("What it does about due times that passed; LAST if left out; not null.")
    is_paused: bool | None = optional("Whether it rests at first; not null.")


@strawberry.input(description="What to change of a schedule: what is left out stays as it is.")
class ScheduleUpdateInput:
    name: str | None = optional("What people call it, 1 to 100 characters; unique; not null.")
    kind: str | None = optional("The kind of job it starts, one of `jobKinds`; not null.")
    payload: JSON | None = optional(_PAYLOAD)
    cron: str | None = optional(_CRON)
    every_seconds: int | None = optional(_EVERY)
    time_zone: str | None = optional(_ZONE)
    overlap: Overlap | None = optional("What it does while its last job is under way; not null.")
    catch_up: CatchUp | None = optional("What it does about due times that passed; not null.")
    is_paused: bool | None = optional("Whether it rests; what it sleeps through is not made up for; not null.")


@strawberry.type(description="The job that was started, or why none was.")
class JobStartPayload:
    job: Job | None = strawberry.field(
        description="The job, or the live one of yours that does the same work; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that was called off, or why it was not.")
class JobCancelPayload:
    job: Job | None = strawberry.field(description=f"The job {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job that runs again, or why it does not.")
class JobRetryPayload:
    job: Job | None = strawberry.field(description=f"The job {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="How many dead jobs run again, or why none does.")
class JobsReplayPayload:
    replayed_count: int | None = strawberry.field(
        description="How many jobs stand in their queues again; as many as `atMost`: ask again. Null if refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The queue that rests, or why it does not.")
class QueuePausePayload:
    job_queue: JobQueue | None = strawberry.field(description=f"The queue {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The queue that goes on, or why it does not.")
class QueueResumePayload:
    job_queue: JobQueue | None = strawberry.field(description=f"The queue {_NOW}")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new schedule, or why there is none.")
class ScheduleCreatePayload:
    schedule: Schedule | None = strawberry.field(description="The schedule as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed schedule, or why it was not changed.")
class ScheduleUpdatePayload:
    schedule: Schedule | None = strawberry.field(
        description="The schedule as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The schedule that is gone, or why it is still there.")
class ScheduleDeletePayload:
    deleted_schedule_id: strawberry.ID | None = strawberry.field(description="Its id; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The job of a schedule that was started beside its due times, or why none was.")
class ScheduleRunPayload:
    job: Job | None = strawberry.field(
        description="The job, or the live one where the schedule skips what overlaps; null where refused."
    )
    user_errors: list[UserError] = user_errors()


async def _replay(input: JobsReplayInput, by: Actor, at: datetime) -> dict[str, int]:
    return {"replayed_count": await commands.replay_jobs(given(input), by=by, at=at)}


async def _delete(id: strawberry.ID, by: Actor, at: datetime) -> dict[str, str]:
    key = await schedules.delete_schedule(read_id(models.Schedule.prefix, id), by=by, at=at)
    return {"deleted_schedule_id": public_id(models.Schedule.prefix, key)}


@strawberry.type
class JobMutations:
    @strawberry.mutation(
        description="Starts a job of a kind that people may start; work that is under way is not started twice."
    )
    async def job_start(
        self,
        info: Info,
        input: Annotated[JobStartInput, strawberry.argument(description="What is to be done, and when.")],
        idempotency_key: IdempotencyKey = None,
    ) -> JobStartPayload:
        return await settle(
            info,
            lambda by, at: commands.start_by_hand(given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(
        description="Calls a job off: at once where it has not begun; else its worker is told, and ends it within "
        "seconds. One that has ended stays as it is."
    )
    async def job_cancel(self, info: Info, id: JobID) -> JobCancelPayload:
        key = read_id(models.Job.prefix, id)
        return await settle(info, lambda by, at: commands.cancel_job(key, by=by, at=at))

    @strawberry.mutation(
        description="Has a job that is dead or was called off run again, with all its attempts before it. One that is "
        "live, or has succeeded, stays as it is."
    )
    async def job_retry(self, info: Info, id: JobID, idempotency_key: IdempotencyKey = None) -> JobRetryPayload:
        key = read_id(models.Job.prefix, id)
        return await settle(info, lambda by, at: commands.retry_job(key, by=by, at=at), idempotency_key=idempotency_key)

    @strawberry.mutation(
        description="Has dead jobs run again, the oldest first, but those whose work is under way in another job; for "
        "administrators."
    )
    async def jobs_replay(
        self,
        info: Info,
        input: Annotated[JobsReplayInput, strawberry.argument(description="Which ones, and how many.")],
        idempotency_key: IdempotencyKey = None,
    ) -> JobsReplayPayload:
        return await settle(info, lambda by, at: _replay(input, by, at), idempotency_key=idempotency_key)

    @strawberry.mutation(
        description="Lets a queue rest: none of its jobs is begun; those that run go on to their end. "
        "For administrators."
    )
    async def queue_pause(
        self,
        info: Info,
        id: QueueID,
        input: Annotated[QueuePauseInput, strawberry.argument(description="What is said of it.")],
    ) -> QueuePausePayload:
        key, reason = read_id(models.JobQueue.prefix, id), given(input).get("reason")
        return await settle(info, lambda by, at: queues.pause_queue(key, reason, by=by, at=at))

    @strawberry.mutation(description="Has the jobs of a queue begun again; for administrators.")
    async def queue_resume(self, info: Info, id: QueueID) -> QueueResumePayload:
        key = read_id(models.JobQueue.prefix, id)
        return await settle(info, lambda by, at: queues.resume_queue(key, by=by, at=at))

    @strawberry.mutation(description="Sets up a schedule, which is first due after now; for administrators.")
    async def schedule_create(
        self,
        info: Info,
        input: Annotated[ScheduleCreateInput, strawberry.argument(description="What it starts, and when.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ScheduleCreatePayload:
        return await settle(
            info,
            lambda by, at: schedules.create_schedule(given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(
        description="Changes what a schedule starts, or when, or lets it rest; for administrators. Of `cron` and "
        "`everySeconds`, the one takes the place of the other."
    )
    async def schedule_update(
        self,
        info: Info,
        id: ScheduleID,
        input: Annotated[ScheduleUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> ScheduleUpdatePayload:
        key = read_id(models.Schedule.prefix, id)
        return await settle(
            info,
            lambda by, at: schedules.update_schedule(
                key, given(input), expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(
        description="Removes a schedule with its history; the jobs that it started stay. One that comes with a kind of "
        "job is set up again when a worker starts: pause it instead. For administrators."
    )
    async def schedule_delete(self, info: Info, id: ScheduleID) -> ScheduleDeletePayload:
        return await settle(info, lambda by, at: _delete(id, by, at))

    @strawberry.mutation(
        description="Starts the job of a schedule now, beside its due times, though it may rest; for administrators."
    )
    async def schedule_run(
        self, info: Info, id: ScheduleID, idempotency_key: IdempotencyKey = None
    ) -> ScheduleRunPayload:
        key = read_id(models.Schedule.prefix, id)
        return await settle(
            info, lambda by, at: schedules.run_schedule(key, by=by, at=at), idempotency_key=idempotency_key
        )
