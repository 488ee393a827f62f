"""How a kind of job is declared: a typed async function under `@job(…)`, and nothing else anywhere.

The function gets a RunningJob and, where the kind is given anything, its payload: a dataclass, from which the check of
what is asked for and its JSON Schema are derived. It returns the result, which must be JSON. It may be run again after
a failure or a lost worker, so work in steps that find out what is already done. What must happen just once goes into
`async with running.finishing(): …`: there the effects and the job's success commit together, or neither does.
`running.now()` is the time to hand to the domain. A Refusal ends the job as dead, with its sentence; what else goes
wrong is tried again after a while, as the kind says, or as a TryAgain does. Whoever calls the job off has
CancelledError raised in it. Long computation goes into `asyncio.to_thread`, lest the signs of life stop; a thread
cannot be cancelled, so let its pieces be short. What is logged meanwhile, by any logger, can be read in the job's
`logTail`.

    @dataclass(frozen=True)
    class Send:
        customer: UUID

    @job("mail.send", description="Writes to a customer.", may_start=MayStart.ADMINISTRATORS, rate=Rate(10, 1))
    async def send(running: RunningJob, payload: Send) -> dict[str, str]:
        receipt = await post(payload.customer, key=running.idempotency_key)  # may be begun again, under the same key
        async with running.finishing() as result:  # happens once
            result |= {"receipt": receipt, "note": await note(payload.customer, by=running.by, at=running.now())}
        return result

A payload whose shape changes gets the next `version`, and `upgrades` say how those of earlier versions are read. Jobs
of a version or a kind that no worker knows wait until one does.
"""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any, TypedDict, Unpack, get_type_hints

import orjson
from pydantic import TypeAdapter, ValidationError
from tortoise.transactions import in_transaction

from domain.access.tokens import TokenKey
from domain.jobs.dispatching import Claim
from domain.jobs.endings import Progress, end, success
from domain.jobs.kinds import ToldKind
from domain.jobs.rules import Backoff, MayStart, Policy, Rate
from domain.jobs.statements import rows_of
from domain.kernel.actor import Actor
from domain.kernel.clock import Clock
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Invalid, Refusal
from runtime.outbound import Post
from workers.log_tail import LogTail

Handler = Callable[..., Awaitable[Any]]
Upgrade = Callable[[dict[str, Any]], dict[str, Any]]


def unless_refused(error: Exception) -> bool:
    """This will say that everything is worth another try but a refusal, which would be repeated."""
    return not isinstance(error, Refusal)


class TryAgain(Exception):
    """The attempt failed, as the message says, and how long to wait for the next one is known; None: there is none."""

    def __init__(self, message: str, wait: timedelta | None) -> None:
        super().__init__(message)
        self.message = message
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Every:
    """The schedule that a kind has at first, until people change it: a cron line read in UTC, and what they call it."""

    cron: str
    title: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: what it does, what it is given, how it is run, who may start it, and when it runs by itself."""

    policy: Policy
    description: str
    handler: Handler
    payload: type[Any] | None = None
    upgrades: Mapping[int, Upgrade] = field(default_factory=dict)
    retryable: Callable[[Exception], bool] = unless_refused
    may_start: MayStart = MayStart.NOBODY
    schedule: Every | None = None
    permission: Permission | None = None

    @property
    def name(self) -> str:
        """What jobs of this kind name."""
        return self.policy.kind

    def understands(self, version: int) -> bool:
        """Whether a payload of this version can be read."""
        oldest, newest = self.policy.versions
        return oldest <= version <= newest

    def read(self, payload: Mapping[str, Any], version: int) -> tuple[Any, ...]:
        """This will read a payload of a version that is understood into what the function is given beside the job.

        Raises Invalid.
        """
        given = dict(payload)
        for older in range(version, self.policy.versions[1]):
            given = self.upgrades[older](given)
        known = {each.name for each in fields(self.payload)} if self.payload else set[str]()
        if unknown := sorted(given.keys() - known):
            takes = ", ".join(sorted(known)) or "nothing"
            raise Invalid(f"{{field}} names {', '.join(unknown)}; {self.name} is given {takes}.", "payload")
        if self.payload is None:
            return ()
        try:
            return (TypeAdapter(self.payload).validate_json(orjson.dumps(given)),)
        except ValidationError as error:
            wrong = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(["payload", *map(str, wrong["loc"])])
            raise Invalid(f"{where} is not what {self.name} takes: {wrong['msg']}.", "payload") from None

    def told(self) -> ToldKind:
        """This will give what others are told of the kind."""
        return ToldKind(self.policy, self.description, self.payload_schema(), self.may_start, self.permission)

    def payload_schema(self) -> dict[str, Any]:
        """This will give the JSON Schema of the newest version of the payload."""
        if self.payload is None:
            return {"type": "object", "properties": {}, "additionalProperties": False}
        return {**TypeAdapter(self.payload).json_schema(), "additionalProperties": False}


@dataclass(frozen=True, slots=True)
class Outside:
    """What jobs need of the world outside: how mail is sent, the key of links, where people find our pages, and how
    messages are posted to other machines."""

    send: Callable[[str, str, str], Awaitable[None]]
    token_key: TokenKey
    public_url: str
    post: Post


OUTSIDE: ContextVar[Outside | None] = ContextVar("outside", default=None)
"""Set by the worker for the jobs that it runs."""
KINDS: dict[str, Kind] = {}
"""Every kind of job that this worker can run, by name."""


@dataclass(slots=True, eq=False)
class RunningJob:
    """A job under way: for whom it is done, how far it is, and whether it has been called off."""

    claim: Claim
    by: Actor
    now: Clock
    lease_seconds: float = 60.0
    log: LogTail = field(default_factory=LogTail)
    done: int = 0
    total: int | None = None
    message: str | None = None
    is_called_off: bool = False
    """Whether somebody has called the job off: for threads to look at, which cannot be cancelled."""
    ending: bool = False
    finished: bool = False

    @property
    def idempotency_key(self) -> str:
        """What to hand to others, so that they recognise what they were asked for before: the same at each attempt."""
        return self.claim.job_id.hex

    def progress(self, done: int, total: int | None = None, message: str | None = None) -> None:
        """This will say how far the job is; people see it within a second."""
        self.done, self.total, self.message = done, total, message

    def outside(self) -> Outside:
        """This will give what the job may use of the world outside. Raises RuntimeError in a worker without."""
        found = OUTSIDE.get()
        if found is None:
            raise RuntimeError("this worker was told nothing of mail and keys")
        return found

    def reached(self) -> Progress:
        """This will say how far the job is now."""
        return Progress(self.done, self.total, self.message, self.log.text())

    @asynccontextmanager
    async def finishing(self) -> AsyncIterator[dict[str, Any]]:
        """This will open the job's last transaction and give the result to fill. Raises LeaseLost, undoing it.

        Should this process be stopped in the middle, PostgreSQL undoes it when the lease is over.
        """
        result: dict[str, Any] = {}
        async with in_transaction():
            longest = f"{self.lease_seconds * 1000:.0f}ms"
            await rows_of("SELECT set_config('idle_in_transaction_session_timeout', $1, true)", longest)
            yield result
            self.ending = True
            await end(success(self.claim, result, self.reached()))
        self.finished = True


class Limits(TypedDict, total=False):
    """How jobs of a kind are run, in the words of Policy; what is left out is as there."""

    lease: timedelta
    timeout: timedelta | None
    max_attempts: int
    backoff: Backoff
    concurrency: int | None
    concurrency_per_key: int | None
    rate: Rate | None
    rate_per_key: Rate | None


def job(
    name: str,
    *,
    description: str,
    queue: str = "default",
    version: int = 1,
    upgrades: Mapping[int, Upgrade] | None = None,
    retryable: Callable[[Exception], bool] = unless_refused,
    may_start: MayStart = MayStart.NOBODY,
    schedule: Every | None = None,
    permission: Permission | None = None,
    **limits: Unpack[Limits],
) -> Callable[[Handler], Handler]:
    """This will declare the function below as a kind of job; `limits` are what else a Policy says.

    Whoever starts it by hand must have the `permission` over all records.

    Raises ValueError where the name is taken, or a version has no way to the newest.
    """

    def declare(handler: Handler) -> Handler:
        if name in KINDS:
            raise ValueError(f"two kinds of job are called {name}")
        older = dict(upgrades or {})
        if sorted(older) != list(range(version - len(older), version)):
            raise ValueError(f"the upgrades of {name} must lead from version to version up to {version}")
        policy = Policy(name, queue, (version - len(older), version), **limits)
        KINDS[name] = Kind(
            policy, description, handler, payload_of(handler), older, retryable, may_start, schedule, permission
        )
        return handler

    return declare


def payload_of(handler: Handler) -> type[Any] | None:
    """This will give the dataclass that a function is given beside the job; None where it is given nothing."""
    given = list(inspect.signature(handler).parameters)[1:]
    return get_type_hints(handler)[given[0]] if given else None
