"""Reads of jobs, narrowed to the actor."""

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q, Subquery

from domain.jobs.models import Job
from domain.jobs.rules import LIVE, JobState
from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow jobs to those the actor may see: an administrator all, others those they asked for."""
    if actor.administrator:
        return Q()
    return Q(requested_by_id=actor.user_id) if actor.authenticated else Q(pk__isnull=True)


def visible_attempts(actor: Actor) -> Q:
    """This will narrow attempts likewise: who sees a job sees how it went."""
    if actor.administrator:
        return Q()
    if not actor.authenticated:
        return Q(pk__isnull=True)
    return Q(job_id__in=Subquery(Job.filter(requested_by_id=actor.user_id).values("id")))


def visible_schedules(actor: Actor) -> Q:
    """This will narrow schedules and kinds to those the actor may see: all of them for whoever is signed in."""
    return Q() if actor.authenticated else Q(pk__isnull=True)


def visible_queues(actor: Actor) -> Q:
    """This will narrow queues to those the actor may see: an administrator all, others none."""
    return Q() if actor.administrator else Q(pk__isnull=True)


async def has_ended(key: UUID) -> bool:
    """This will say whether a job is done or dead, or is no more."""
    return not await Job.exists(id=key, state__in=LIVE)


async def asked_at(key: UUID) -> datetime:
    """This will say when a job was asked for: what was done of it since then is done."""
    return (await Job.get(id=key).only("created_at")).created_at


async def outcomes_before(key: UUID) -> dict[JobState, int]:
    """This will count the jobs that a job has waited for by what became of them: for the last job of a batch."""
    outcomes: dict[JobState, int] = {}
    for state in await Job.filter(then_id=key).values_list("state", flat=True):
        outcomes[JobState(str(state))] = outcomes.get(JobState(str(state)), 0) + 1
    return outcomes
