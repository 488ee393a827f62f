"""Runs one job: claims the row, keeps the lease alive, and records what came of it."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from domain.access.queries import actor_of
from domain.jobs.commands import Claim, LeaseLost, bury, claim, release, renew, retry, succeed
from domain.jobs.rules import backoff
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.ids import public_id
from domain.kernel.refusals import Forbidden, Refusal
from runtime.telemetry import mask
from workers.kinds import Kind, RunningJob

log = logging.getLogger("salesloop.jobs")
PROGRESS_SECONDS = 0.5
LONGEST_ERROR = 2000


async def run_job(job_id: UUID, dispatch: int, kinds: Mapping[str, Kind]) -> None:
    """This will run a dispatched job to its end; a duplicate delivery is dropped."""
    held = await claim(job_id, dispatch, timedelta(seconds=60))
    if held is None:
        log.info("%s was delivered twice; the second is dropped", public_id("job", job_id))
        return
    began, label = time.monotonic(), f"{public_id('job', job_id)} {held.kind} attempt {held.attempt}"
    log.info("%s begins", label)
    try:
        await _attempt(held, kinds.get(held.kind))
        log.info("%s succeeded after %.1f s", label, time.monotonic() - began)
    except LeaseLost:
        log.warning("%s was taken over by another worker; what it did is undone", label)
    except asyncio.CancelledError:
        with suppress(LeaseLost):
            await asyncio.shield(release(held))
        log.info("%s is given back for another worker", label)
        raise
    except Refusal as refusal:
        await _unless_lost(bury(held, refusal.message))
        log.warning("%s is dead: %s", label, refusal.message)
    except Exception as error:
        await _failed(held, error)
        log.warning("%s failed: %s", label, _sentence(error), exc_info=error)


async def _attempt(held: Claim, kind: Kind | None) -> None:
    if kind is None:
        raise UnknownKind(f"No worker here knows the kind {held.kind}; it is tried again later.")
    running = RunningJob(held, await _actor(held))
    handler = asyncio.ensure_future(kind.handler(running))
    beat = asyncio.create_task(_keep_alive(running, kind.lease))
    try:
        await asyncio.wait({handler, beat}, return_when=asyncio.FIRST_COMPLETED)
        if not handler.done() and not running.finished:
            await beat  # it ended first: with what went wrong
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


async def _keep_alive(running: RunningJob, lease: timedelta) -> None:
    """Tells progress soon and renews the lease each quarter of it; ends with LeaseLost where that fails."""
    told: tuple[int, int | None, str | None] = (0, None, None)
    renewed = 0.0
    while not running.finished:
        state = (running.done, running.total, running.message)
        if state != told or time.monotonic() - renewed > lease.total_seconds() / 4:
            await renew(running.claim, lease, *state)
            told = state
            renewed = time.monotonic()
        await asyncio.sleep(PROGRESS_SECONDS)


class UnknownKind(Exception):
    """A job of a kind that this worker's code does not have; a newer worker may."""


async def _failed(held: Claim, error: Exception) -> None:
    if held.attempt >= held.max_attempts:
        await _unless_lost(bury(held, _sentence(error)))
    else:
        await _unless_lost(retry(held, _sentence(error), backoff(held.attempt, random.random())))


async def _unless_lost(verb: Awaitable[None]) -> None:
    with suppress(LeaseLost):
        await verb


def _sentence(error: Exception) -> str:
    return mask(f"{type(error).__name__}: {error}")[:LONGEST_ERROR]
