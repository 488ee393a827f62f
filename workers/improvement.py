"""Jobs of improvement."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.jobs.rules import MayStart
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Refusal
from workers.kinds import Every, RunningJob, job


@job(
    "improvement.review",
    description="Checks the cycles whose last day is over, and proposes new ones for what rises or goes wrong.",
    may_start=MayStart.EVERYBODY,
    permission=Permission.IMPROVEMENT_WRITE,
    schedule=Every("30 5 * * *", "Review improvement"),
)
async def review(running: RunningJob) -> dict[str, Any]:
    """This will check each cycle that is due in a transaction of its own, then propose what the rules find."""
    from domain.improvement import checking, reviewing

    due = await checking.due_cycles(running.now())
    waiting: dict[str, str] = {}
    for done, key in enumerate(due):
        running.progress(done, len(due), "checking cycles")
        try:
            await checking.check_cycle(key, by=running.by, at=running.now())
        except Refusal as refusal:
            waiting[str(key)] = refusal.message
    running.progress(len(due), len(due), "proposing cycles")
    async with running.finishing() as result:
        result |= {"checked": len(due) - len(waiting), "waiting": waiting}
        result["proposed"] = await reviewing.propose_due(by=running.by, at=running.now())
    return result


@dataclass(frozen=True)
class Check:
    """Which cycle is checked."""

    cycle: UUID


@job("improvement.check", description="Estimates what a cycle did to its primary KPI and its guardrails.")
async def check(running: RunningJob, payload: Check) -> dict[str, Any]:
    """This will check the cycle that it was given, once."""
    from domain.improvement import checking

    async with running.finishing() as result:
        result["verdicts"] = await checking.check_cycle(payload.cycle, by=running.by, at=running.now())
    return result
