"""Runs jobs: claims what the carrier brings, a statement for many, and records what came of each."""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from domain.access.queries import actor_of
from domain.jobs.dispatching import Claim, admit, claim
from domain.jobs.endings import Ending, LeaseLost, cancellation, failure, postponement, release, success
from domain.jobs.rules import AttemptOutcome
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.clock import Clock
from domain.kernel.ids import public_id
from domain.kernel.refusals import Forbidden, Refusal
from domain.kernel.trace import trace_parent
from runtime.outages import OUTAGES
from runtime.telemetry import mask
from runtime.tracing import tracing
from workers.heart import Heart, Pulse, Stopped
from workers.kinds import Kind, RunningJob, TryAgain
from workers.log_tail import present_tail
from workers.measures import ATTEMPTS, DURATION, LEASE_LOSSES, RUNNING, START_LAG
from workers.recorder import Recorder, let_on

log = logging.getLogger("salesloop.jobs")
UNKNOWN_WAIT = timedelta(seconds=10)
UNKNOWN_LEASE_SECONDS = 10.0


LOST = AttemptOutcome.LOST.value
FAILURES = (LOST, *map(str, (AttemptOutcome.FAILED, AttemptOutcome.TIMED_OUT, AttemptOutcome.REFUSED)))


class TookTooLong(Exception):
    """The job was still running when the time for its kind was over."""


class CancelledItself(Exception):
    """The job ended by a cancellation that did not come from outside."""


class CutOff(Exception):
    """The lease ran out while PostgreSQL could not be reached; another worker may have the job."""


class Tell(Protocol):
    """Says in the log what became of the job."""

    def __call__(self, level: int, outcome: str, error: BaseException | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs the jobs of one worker, which knows these kinds and has this name.

    `on_change` is told whenever the row of a job has changed; `clock` is the business's.
    """

    kinds: Mapping[str, Kind]
    name: str
    clock: Clock
    heart: Heart
    recorder: Recorder
    on_change: Callable[[UUID], None]

    async def claim(self, dispatches: Sequence[tuple[UUID, int]]) -> list[Claim]:
        """This will claim what was delivered; what was delivered twice, or taken back meanwhile, is dropped."""
        try:
            claims = await claim(dispatches, [kind.policy for kind in self.kinds.values()], self.name)
        except Exception as error:
            words = "%d jobs cannot be claimed now (%s); they are found again"
            log.warning(words, len(dispatches), _sentence(error), exc_info=_unless_outage(error))
            return []
        for job_id in {job_id for job_id, _ in dispatches} - {held.job_id for held in claims}:
            log.info("%s was delivered twice or taken back; this delivery is dropped", public_id("job", job_id))
        return claims

    async def run(self, held: Claim) -> None:
        """This will run a claimed job to its end, and record it. It never raises but where it is cancelled."""
        label = f"{public_id('job', held.job_id)} {held.kind} attempt {held.attempt}"
        tell: Tell = partial(_tell, label, time.monotonic())
        facts = {"messaging.message.id": label.split()[0], "salesloop.attempt": held.attempt}
        log.info("%s begins", label)
        self.on_change(held.job_id)
        START_LAG.labels(held.kind).observe(held.lag.total_seconds())
        with tracing.job(held.kind, held.trace_parent, facts) as span, RUNNING.track_inprogress():
            before = trace_parent.set(span.trace_parent)
            try:
                with DURATION.labels(held.kind).time():
                    ending = await self._run(held, tell)
            finally:
                trace_parent.reset(before)
            ATTEMPTS.labels(held.kind, ending).inc()
            if ending in FAILURES:
                span.failed = ending

    async def _run(self, held: Claim, tell: Tell) -> str:
        """Runs it, and gives the word for how it ended."""
        pulse = self._pulse(held)
        self.heart.watch(pulse)
        try:
            ending = await self._outcome(pulse, tell)
            self.heart.let_go(pulse)
            if ending is not None:
                await self._record(ending, pulse, tell)
            elif pulse.running.finished and held.has_followers:
                await let_on([held.job_id])
            return _word(ending)
        except LeaseLost:
            LEASE_LOSSES.labels(held.kind).inc()
            tell(logging.WARNING, "was taken over by another worker; what it did last is undone")
            return LOST
        except Exception as error:
            words = f"could not be recorded ({_sentence(error)}); it is found when its lease has run out"
            tell(logging.WARNING, words, _unless_outage(error))
            return LOST
        finally:
            self.heart.let_go(pulse)
            self.on_change(held.job_id)

    def _pulse(self, held: Claim) -> Pulse:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a job runs in a task")
        kind = self.kinds.get(held.kind)
        lease, now = kind.policy.lease.total_seconds() if kind else UNKNOWN_LEASE_SECONDS, time.monotonic()
        return Pulse(RunningJob(held, SYSTEM, self.clock, lease), task, lease, now + lease, now)

    async def _record(self, ending: Ending, pulse: Pulse, tell: Tell) -> None:
        """Writes it even where the worker is told to stop meanwhile; a result that is no JSON is a failure."""
        try:
            await asyncio.shield(self.recorder.record(ending, pulse.until))
        except (TypeError, ValueError) as error:
            kind = self.kinds[ending.held.kind]
            await asyncio.shield(self.recorder.record(_failed(kind, pulse.running, error, tell), pulse.until))

    async def _outcome(self, pulse: Pulse, tell: Tell) -> Ending | None:
        """Does the job and says what came of it; None where that is written already, or not ours to write."""
        running, kind = pulse.running, self.kinds.get(pulse.running.claim.kind)
        if kind is None or not kind.understands(running.claim.payload_version):
            what = running.claim.kind if kind is None else f"{kind.name} at version {running.claim.payload_version}"
            tell(logging.WARNING, "is put off: no worker here knows the kind")
            return postponement(
                running.claim, f"No worker here knows {what}; it waits for one that does.", UNKNOWN_WAIT
            )
        token = present_tail.set(running.log)
        try:
            if (wait := await self._turn(kind, running)) is not None:
                tell(logging.DEBUG, "waits for its turn")
                return postponement(running.claim, "It waits for its turn: its kind may start only so often.", wait)
            result = await self._attempt(kind, running)
            return None if _ended(running, tell) else _done(running, result, tell)
        except asyncio.CancelledError:
            return _stopped(pulse, kind, tell)
        except LeaseLost:
            raise
        except Exception as error:
            return None if _ended(running, tell) else _failed(kind, running, error, tell)
        finally:
            present_tail.reset(token)

    async def _turn(self, kind: Kind, running: RunningJob) -> timedelta | None:
        if kind.policy.rate is None and kind.policy.rate_per_key is None:
            return None
        return await admit(running.claim, kind.policy)

    async def _attempt(self, kind: Kind, running: RunningJob) -> Any:
        running.by = await _actor(running.claim)
        given = kind.read(running.claim.payload, running.claim.payload_version)
        longest = kind.policy.timeout.total_seconds() if kind.policy.timeout else None
        try:
            async with asyncio.timeout(longest) as limit:
                return await kind.handler(running, *given)
        except TimeoutError:
            if not limit.expired() or running.finished:
                raise
            raise TookTooLong(f"It ran longer than {longest:g} s.") from None


def _word(ending: Ending | None) -> str:
    """How an attempt ended, as the measures call it; one that has ended within its own transaction has succeeded."""
    if ending is None:
        return AttemptOutcome.SUCCEEDED.value
    return ending.outcome.value if ending.outcome else "postponed"


def _ended(running: RunningJob, tell: Tell) -> bool:
    """Whether the job has committed its success with its effects: what befalls it after that changes nothing."""
    if running.finished:
        tell(logging.INFO, "succeeded")
    return running.finished


def _done(running: RunningJob, result: Any, tell: Tell) -> Ending:
    tell(logging.INFO, "succeeded")
    return success(running.claim, result, running.reached())


def _stopped(pulse: Pulse, kind: Kind, tell: Tell) -> Ending | None:
    """What to write of a job that was cancelled, by why it was."""
    running = pulse.running
    if _ended(running, tell):
        return None
    if pulse.stopped is Stopped.CALLED_OFF:
        _swallow()
        tell(logging.INFO, "was called off")
        return cancellation(running.claim, running.reached())
    if pulse.stopped is Stopped.LEASE_LOST:
        _swallow()
        raise LeaseLost
    if pulse.stopped is Stopped.CUT_OFF:
        _swallow()
        raise CutOff("the lease ran out")
    if pulse.stopped is Stopped.WORKER_ENDS:
        _swallow()
        tell(logging.INFO, "is given back for another worker")
        return release(running.claim, running.reached())
    return _failed(kind, running, CancelledItself("It was cancelled from within."), tell)


def _swallow() -> None:
    """Takes note that the cancellation has reached its aim; what follows may be waited for."""
    if task := asyncio.current_task():
        task.uncancel()


def _failed(kind: Kind, running: RunningJob, error: Exception, tell: Tell) -> Ending:
    held, shown = running.claim, None if isinstance(error, Refusal | TryAgain) else error
    words = error.message if isinstance(error, Refusal | TryAgain) else _sentence(error)
    outcome = AttemptOutcome.FAILED
    if isinstance(error, Refusal):
        outcome = AttemptOutcome.REFUSED
    elif isinstance(error, TookTooLong):
        outcome = AttemptOutcome.TIMED_OUT
    wait = _wait(kind, held, error)
    if wait is None:
        tell(logging.WARNING, f"is dead: {words}", shown)
        return failure(held, words, None, running.reached(), outcome)
    tell(logging.WARNING, f"failed and is tried again in {wait.total_seconds():.1f} s: {words}", shown)
    return failure(held, words, wait, running.reached(), outcome)


def _wait(kind: Kind, held: Claim, error: Exception) -> timedelta | None:
    """How long to wait for the next attempt; None where there is none."""
    if held.attempt >= held.max_attempts or not kind.retryable(error):
        return None
    return error.wait if isinstance(error, TryAgain) else kind.policy.backoff.wait(held.attempt, random.random())


async def _actor(held: Claim) -> Actor:
    if held.requested_by_id is None:
        return SYSTEM
    actor = await actor_of(held.requested_by_id)
    if actor is None:
        raise Forbidden("Whoever asked for this job may no longer sign in.")
    return actor


def _tell(label: str, began: float, level: int, outcome: str, error: BaseException | None = None) -> None:
    log.log(level, "%s %s (after %.1f s)", label, outcome, time.monotonic() - began, exc_info=error)


def _unless_outage(error: Exception) -> Exception | None:
    """What to show the traceback of: a bug, but not an engine that is away."""
    return None if isinstance(error, OUTAGES) else error


def _sentence(error: BaseException) -> str:
    return mask(f"{type(error).__name__}: {error}")
