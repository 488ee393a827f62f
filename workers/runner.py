"""Runs one job: claims the row, keeps the lease alive, and records what came of it."""

import asyncio
import logging
import math
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from domain.access.queries import actor_of
from domain.jobs.commands import Claim, LeaseLost, bury, claim, postpone, release, renew, retry, succeed
from domain.jobs.rules import backoff
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.clock import Clock, system_clock
from domain.kernel.ids import public_id
from domain.kernel.refusals import Forbidden, Refusal
from runtime.outages import OUTAGES
from runtime.telemetry import mask
from workers.kinds import Kind, RunningJob

log = logging.getLogger("salesloop.jobs")
UNKNOWN_LEASE = timedelta(seconds=10)
UNKNOWN_WAIT = timedelta(seconds=30)
PROGRESS_SECONDS = 0.5


class UnknownKind(Exception):
    """A job of a kind that this worker's code does not have; a newer worker may."""


class TookTooLong(Exception):
    """The job was still running when the time for its kind was over."""


class CancelledItself(Exception):
    """The job ended by a cancellation that did not come from outside."""


class Tell(Protocol):
    """Says in the log what became of the job."""

    def __call__(self, level: int, outcome: str, error: BaseException | None = None) -> None: ...


async def run_job(
    job_id: UUID,
    dispatch: int,
    kinds: Mapping[str, Kind],
    on_change: Callable[[UUID], None] = lambda _: None,
    clock: Clock = system_clock,
) -> None:
    """This will run a dispatched job to its end, and say whenever its row has changed.

    A duplicate delivery is dropped.
    """
    try:
        held = await claim(job_id, dispatch, UNKNOWN_LEASE, {name: kind.lease for name, kind in kinds.items()})
    except Exception as error:
        words = "%s cannot be claimed now (%s); it is found again"
        log.warning(words, public_id("job", job_id), _sentence(error), exc_info=_unless_outage(error))
        return
    if held is None:
        log.info("%s was delivered twice or taken back; this delivery is dropped", public_id("job", job_id))
        return
    label = f"{public_id('job', job_id)} {held.kind} attempt {held.attempt}"
    log.info("%s begins", label)
    tell = partial(_tell, label, time.monotonic())
    changed = partial(on_change, job_id)
    changed()
    try:
        await _settled(held, kinds, tell, changed, clock)
    except LeaseLost:
        tell(logging.WARNING, "was taken over by another worker; what it did last is undone")
    except asyncio.CancelledError:
        await _give_back(held, tell)
        raise
    except Exception as error:
        words = f"could not be recorded ({_sentence(error)}); it is found when its lease has run out"
        tell(logging.WARNING, words, _unless_outage(error))
    finally:
        changed()


async def _settled(
    held: Claim, kinds: Mapping[str, Kind], tell: Tell, changed: Callable[[], None], clock: Clock
) -> None:
    """Does the job and records what came of it. Raises LeaseLost, and whatever keeps the record from being written."""
    try:
        await _attempt(held, kinds.get(held.kind), changed, clock)
        tell(logging.INFO, "succeeded")
    except LeaseLost:
        raise
    except UnknownKind as unknown:
        await postpone(held, str(unknown), UNKNOWN_WAIT)
        tell(logging.WARNING, "is put off: no worker here knows the kind")
    except Refusal as refusal:
        await bury(held, refusal.message)
        tell(logging.WARNING, f"is dead: {refusal.message}")
    except Exception as error:
        await _failed(held, error, tell)


async def _attempt(held: Claim, kind: Kind | None, changed: Callable[[], None], clock: Clock) -> None:
    if kind is None:
        raise UnknownKind(f"No worker here knows the kind {held.kind}; it is tried again later.")
    running = RunningJob(held, await _actor(held), clock)
    handler = asyncio.ensure_future(kind.handler(running))
    beat = asyncio.create_task(_keep_alive(running, kind.lease, changed))
    longest = kind.longest.total_seconds() if kind.longest else None
    try:
        done, _ = await asyncio.wait({handler, beat}, return_when=asyncio.FIRST_COMPLETED, timeout=longest)
        if not handler.done() and not running.ending:  # once it ends, only its own transaction knows whether it may
            if not done:
                raise TookTooLong(f"It ran longer than {longest:g} s.")
            await beat  # it ended first: with what went wrong
        if handler.cancelled():
            raise CancelledItself("It was cancelled from within.")
        result = await handler
    finally:
        for task in (beat, handler):
            task.cancel()
        await asyncio.gather(beat, handler, return_exceptions=True)
    if not running.finished:
        await succeed(held, result, running.done, running.total, running.message)


async def _actor(held: Claim) -> Actor:
    if held.requested_by_id is None:
        return SYSTEM
    actor = await actor_of(held.requested_by_id)
    if actor is None:
        raise Forbidden("Whoever asked for this job may no longer sign in.")
    return actor


async def _keep_alive(running: RunningJob, lease: timedelta, changed: Callable[[], None]) -> None:
    """Tells progress soon and renews the lease each quarter of it, through outages as long as it lasts.

    Raises LeaseLost where it is lost, and OUTAGES where it must have run out.
    """
    told: tuple[int, int | None, str | None] = (0, None, None)
    renewed, lasts, is_cut_off = -math.inf, lease.total_seconds(), False
    until = time.monotonic() + lasts
    while not running.ending:
        state, now = (running.done, running.total, running.message), time.monotonic()
        if state != told or now - renewed > lasts / 4:
            try:
                await renew(running.claim, lease, *state)
                changed()
                told, renewed, until, is_cut_off = state, now, now + lasts, False
            except OUTAGES as error:
                if time.monotonic() > until:
                    raise
                if not is_cut_off:
                    log.warning(
                        "%s goes on though cut off: %s", public_id("job", running.claim.job_id), _sentence(error)
                    )
                is_cut_off = True
        await asyncio.sleep(min(PROGRESS_SECONDS, lasts / 4))


async def _failed(held: Claim, error: Exception, tell: Tell) -> None:
    if held.attempt >= held.max_attempts:
        await bury(held, _sentence(error))
        tell(logging.WARNING, f"is dead: {_sentence(error)}", error)
        return
    wait = backoff(held.attempt, random.random())
    await retry(held, _sentence(error), wait)
    tell(logging.WARNING, f"failed and is tried again in {wait.total_seconds():.1f} s: {_sentence(error)}", error)


async def _give_back(held: Claim, tell: Tell) -> None:
    with suppress(LeaseLost, *OUTAGES):
        await asyncio.shield(release(held))
        tell(logging.INFO, "is given back for another worker")


def _tell(label: str, began: float, level: int, outcome: str, error: BaseException | None = None) -> None:
    log.log(level, "%s %s (after %.1f s)", label, outcome, time.monotonic() - began, exc_info=error)


def _unless_outage(error: Exception) -> Exception | None:
    """What to show the traceback of: a bug, but not an engine that is away."""
    return None if isinstance(error, OUTAGES) else error


def _sentence(error: BaseException) -> str:
    return mask(f"{type(error).__name__}: {error}")
