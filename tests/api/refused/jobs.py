"""What mutations of jobs, queues and schedules refuse."""

from typing import Any

from domain.jobs.kinds import ToldKind, tell_kinds
from domain.jobs.models import Job, JobQueue, Schedule
from domain.jobs.rules import JobState, MayStart, Policy
from domain.kernel.ids import public_id
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.graph import NOW

SCHEMA = {"type": "object", "properties": {"days": {"type": "integer"}}, "additionalProperties": False}
GOOD: dict[str, dict[str, Any]] = {
    "jobStart": {"input": {"kind": "test.kind", "payload": {"days": 3}}},
    "jobCancel": {"id": "JOB"},
    "jobRetry": {"id": "DEAD"},
    "jobsReplay": {"input": {}},
    "queuePause": {"id": "QUEUE", "input": {}},
    "queueResume": {"id": "QUEUE"},
    "scheduleCreate": {"input": {"name": "B", "kind": "test.kind", "cron": "0 * * * *"}},
    "scheduleUpdate": {"id": "SCHEDULE", "input": {"cron": "0 * * * *"}, "expectedVersion": 1},
    "scheduleDelete": {"id": "SCHEDULE"},
    "scheduleRun": {"id": "SCHEDULE"},
}
FIELDS: dict[str, Any] = {
    "input.name": " ",
    "input.kind": "unheard.of",
    "input.payload": {"days": "three"},
    "input.cron": "0 0 31 2 *",
    "input.timeZone": "Mars/Base",
    "input.overlap": None,
    "input.catchUp": None,
    "input.isPaused": None,
}
BAD: dict[str, dict[str, Any]] = {
    "jobStart": {
        "input.kind": "unheard.of",
        "input.payload": {"weeks": 3},
        "input.runAt": "2525-01-01T00:00:00Z",
        "input.priority": 1001,
        **ONCE,
    },
    "jobCancel": {"id": "rubbish"},
    "jobRetry": {"id": "rubbish", **ONCE},
    "jobsReplay": {
        "input.kind": "",
        "input.endedFrom": None,
        "input.endedTo": None,
        "input.errorContains": "x" * 301,
        "input.atMost": 0,
        **ONCE,
    },
    "queuePause": {"id": "rubbish", "input.reason": " "},
    "queueResume": {"id": "rubbish"},
    "scheduleCreate": {**FIELDS, "input.everySeconds": 0, **ONCE},
    "scheduleUpdate": {**FIELDS, "input.everySeconds": 366 * 24 * 60 * 60 + 1, **RECORD},
    "scheduleDelete": {"id": "rubbish"},
    "scheduleRun": {"id": "rubbish", **ONCE},
}
NEVER = set[str]()


async def stored() -> dict[str, str]:
    """A kind with its queue, a schedule, and two jobs."""
    await tell_kinds([ToldKind(Policy("test.kind"), "A test.", SCHEMA, MayStart.EVERYBODY)], NOW)
    schedule = await Schedule.create(
        name="A", kind="test.kind", payload={}, cron="0 0 * * *", next_due_at=NOW, **STAMPS
    )
    job = await Job.create(kind="test.kind", payload={}, run_at=NOW, **STAMPS)
    dead = await Job.create(kind="test.kind", payload={}, run_at=NOW, state=JobState.DEAD, finished_at=NOW, **STAMPS)
    return {
        "QUEUE": public_id("jqu", (await JobQueue.get()).id),
        "SCHEDULE": public_id("sch", schedule.id),
        "JOB": public_id("job", job.id),
        "DEAD": public_id("job", dead.id),
    }
