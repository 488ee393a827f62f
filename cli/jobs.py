"""`salesloop jobs`: what operators do about jobs and queues from a terminal, in the system's name."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from cli.plainly import plainly

if TYPE_CHECKING:
    from domain.jobs.models import Job, JobQueue

jobs = typer.Typer(help="Jobs and their queues.", no_args_is_help=True)
POLL_SECONDS = 0.5
JobId = Annotated[str, typer.Argument(help="The id of the job, as in job_0192….")]
QueueName = Annotated[str, typer.Argument(help="The name of the queue, as `salesloop jobs queues` lists it.")]


@jobs.callback()
def group() -> None:
    """Jobs and their queues."""


@jobs.command("list")
def list_(
    state: Annotated[str | None, typer.Option(help="Only those in this state, such as dead or running.")] = None,
    kind: Annotated[str | None, typer.Option(help="Only those of this kind.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 20,
) -> None:
    """List jobs, the newest first."""

    async def show_all() -> None:
        from domain.jobs.models import Job
        from domain.jobs.rules import JobState

        if state is not None and state.lower() not in tuple(JobState):
            _refuse(f"no state is called {state}; there are {', '.join(JobState)}")
        chosen = {name: value for name, value in (("state", state and state.lower()), ("kind", kind)) if value}
        for job in await Job.filter(**chosen).order_by("-created_at", "-id").limit(most):
            typer.echo(_line(job))

    _run(show_all)


@jobs.command()
def show(id: JobId) -> None:
    """Show a job: where it stands, what it was given, how each attempt went."""

    async def tell() -> None:
        from domain.jobs.models import JobAttempt

        job = await _job(id)
        typer.echo(_line(job))
        for name in ("payload", "result", "error", "worker", "ready_at", "started_at", "finished_at", "run_at"):
            if (value := getattr(job, name)) not in (None, {}):
                typer.echo(f"  {name:12} {value}")
        for attempt in await JobAttempt.filter(job_id=job.id).order_by("started_at", "id"):
            seconds = (attempt.finished_at - attempt.started_at).total_seconds()
            why = f": {attempt.error}" if attempt.error else ""
            typer.echo(f"  attempt {attempt.number}  {attempt.outcome} after {seconds:.1f} s on {attempt.worker}{why}")
        if job.log_tail:
            typer.echo(job.log_tail)

    _run(tell)


@jobs.command()
def tail(id: JobId) -> None:
    """Follow a job to its end: its progress and what it logs."""

    async def follow() -> None:
        import asyncio

        from domain.jobs.rules import ENDED

        said, seen = "", list[str]()
        while True:
            job = await _job(id)
            lines = (job.log_tail or "").splitlines()
            known = len(seen) if lines[: len(seen)] == seen else 0
            for line in lines[known:]:
                typer.echo(line)
            seen = lines
            if (now := _line(job)) != said:
                typer.echo(now)
            said = now
            if job.state in ENDED:
                return
            await asyncio.sleep(POLL_SECONDS)

    _run(follow)


@jobs.command()
def retry(id: JobId) -> None:
    """Have a job run again that is dead or was called off."""

    async def again() -> None:
        from domain.jobs.commands import retry_job

        job = await _job(id)
        typer.echo(_line(await retry_job(job.id, **_in_the_systems_name())))

    _run(again)


@jobs.command()
def cancel(id: JobId) -> None:
    """Call a job off."""

    async def call_off() -> None:
        from domain.jobs.commands import cancel_job

        job = await _job(id)
        typer.echo(_line(await cancel_job(job.id, **_in_the_systems_name())))

    _run(call_off)


@jobs.command()
def queues() -> None:
    """List the queues: how many jobs stand in each, for how long, and whether it rests."""

    async def tell() -> None:
        from domain.jobs.queues import queue_figures
        from domain.kernel.actor import SYSTEM

        for queue in await queue_figures(SYSTEM):
            counts = ", ".join(f"{count} {state}" for state, count in sorted(queue.counts.items())) or "empty"
            oldest = f", the oldest for {queue.oldest.total_seconds():.0f} s" if queue.oldest else ""
            rests = f", PAUSED{': ' + queue.reason if queue.reason else ''}" if queue.is_paused else ""
            typer.echo(f"{queue.name:12} {counts}{oldest}, {queue.per_minute:.1f} ended a minute{rests}")

    _run(tell)


@jobs.command()
def drain(
    queue: QueueName,
    seconds: Annotated[float, typer.Option(min=0, help="How long to wait for the jobs that run.")] = 600,
) -> None:
    """Pause a queue and wait until none of its jobs runs; `resume` has it go on."""

    async def pause_and_wait() -> None:
        import asyncio
        import time

        from domain.jobs.queues import pause_queue, queue_figures
        from domain.jobs.rules import JobState
        from domain.kernel.actor import SYSTEM

        key = (await _queue(queue)).id
        await pause_queue(key, "drained from the command line", **_in_the_systems_name())
        until, said = time.monotonic() + seconds, -1
        while True:
            (found,) = [each for each in await queue_figures(SYSTEM) if each.name == queue]
            running = found.counts[JobState.RUNNING]
            if running != said:
                typer.echo(f"{queue} is paused; {running} of its jobs run")
            said = running
            if not running:
                return
            if time.monotonic() > until:
                _refuse(f"{running} jobs of {queue} still run after {seconds:g} s; it stays paused")
            await asyncio.sleep(POLL_SECONDS)

    _run(pause_and_wait)


@jobs.command()
def resume(queue: QueueName) -> None:
    """Have the jobs of a paused queue begun again."""

    async def go_on() -> None:
        from domain.jobs.queues import resume_queue

        await resume_queue((await _queue(queue)).id, **_in_the_systems_name())
        typer.echo(f"{queue} goes on")

    _run(go_on)


def _run(what: Callable[[], Awaitable[None]]) -> None:
    import asyncio

    from domain.kernel.refusals import Refusal
    from runtime.database import connected
    from runtime.embedded import attach
    from runtime.settings import read_settings

    async def connect(database_url: str) -> None:
        async with connected(database_url, pool_size=2):
            try:
                await what()
            except Refusal as refusal:
                _refuse(refusal.message.format(field=" ".join(refusal.field) or "it"))

    with plainly(), attach(read_settings(), "jobs") as running:
        asyncio.run(connect(running.database_url))


def _refuse(words: str) -> NoReturn:
    from runtime.refusal import CannotRun

    raise CannotRun(words)


def _in_the_systems_name() -> dict[str, Any]:
    from domain.kernel.actor import SYSTEM
    from domain.kernel.clock import system_clock

    return {"by": SYSTEM, "at": system_clock()}


async def _job(id: str) -> "Job":
    from domain.jobs.models import Job
    from domain.kernel.ids import read_id

    key = read_id(Job.prefix, id)
    job = await Job.get_or_none(id=key) if key else None
    if job is None:
        _refuse(f"there is no job {id}; `salesloop jobs list` shows those that there are")
    return job


async def _queue(name: str) -> "JobQueue":
    from domain.jobs.models import JobQueue

    queue = await JobQueue.get_or_none(name=name)
    if queue is None:
        _refuse(f"there is no queue {name}; `salesloop jobs queues` lists those that there are")
    return queue


def _line(job: "Job") -> str:
    from domain.kernel.ids import public_id

    of = f" of {job.progress_total}" if job.progress_total is not None else ""
    progress = f"  {job.progress_done}{of} {job.progress_message or ''}".rstrip() if job.progress_done else ""
    return (
        f"{public_id('job', job.id)}  {job.state:10} {job.kind}  asked for {job.created_at:%Y-%m-%d %H:%M:%S}, "
        f"attempt {job.attempt} of {job.max_attempts}{progress}"
    )
