"""Webhooks: the part of a worker that reads the event log for them, and the job that sends one delivery."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tortoise.transactions import in_transaction

from domain.kernel.clock import Clock
from domain.webhooks.fan_out import AT_ONCE, KIND, fan_out
from domain.webhooks.rules import SENTENCES, TRIES, Answer, Failure, wait_after
from domain.webhooks.sending import Letter, letter_of, note_failure, note_success
from workers.kinds import RunningJob, TryAgain, job

QUEUE = "webhooks"


@dataclass(frozen=True)
class Deliver:
    """Which delivery is sent."""

    delivery: UUID


async def distribute(clock: Clock) -> None:
    """This will make deliveries of all events before the safe horizon, or leave that to whoever is at it."""
    while await fan_out(at=clock()) == AT_ONCE:
        pass


@job(
    KIND,
    description="Sends an event to an endpoint, and writes down what came of it.",
    queue=QUEUE,
    max_attempts=TRIES,
    timeout=timedelta(minutes=1),
    concurrency_per_key=2,
)
async def deliver(running: RunningJob, payload: Deliver) -> dict[str, Any]:
    """This will send the message once. Should the worker be lost before that is written, it is sent again, with the
    same id: so endpoints get it at least once."""
    outside = running.outside()
    letter = await letter_of(payload.delivery, key=outside.token_key, at=running.now())
    if letter is None:
        return {"sent": False}
    if letter.headers:
        answer = await outside.post(letter.url, letter.headers, letter.body)
    else:
        answer = Answer(failure=Failure.SECRET_UNREADABLE)
    if answer.failure is not None:
        raise await _failed(running, letter, answer, answer.failure)
    async with running.finishing() as result:
        await note_success(letter, answer, at=running.now())
        result |= {"sent": True, "status": answer.status}
    return result


async def _failed(running: RunningJob, letter: Letter, answer: Answer, failure: Failure) -> TryAgain:
    """Writes down that it failed, and gives what to raise."""
    at = running.now()
    wait = wait_after(running.claim.attempt, answer, random.random(), at=at)
    async with in_transaction():
        await note_failure(letter, answer, next_at=None if wait is None else at + wait, at=at)
    status = "" if answer.status is None else f" (HTTP {answer.status})"
    return TryAgain(f"{SENTENCES[failure]}{status}", wait)
