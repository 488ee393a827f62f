"""What the mutations refuse that are about the house itself: coming in, imports."""

from typing import Any

from domain.access.models import User
from domain.files.models import File, FileChunk
from domain.jobs.models import Schedule
from domain.kernel.ids import public_id
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.graph import NOW

GOOD: dict[str, dict[str, Any]] = {
    "importStart": {"input": {"kind": "ORDERS", "fileId": "FILE"}},
    "scheduleUpdate": {"id": "schedule", "input": {"cron": "0 * * * *"}, "expectedVersion": 1},
}
BAD: dict[str, dict[str, Any]] = {
    "importStart": {"input.fileId": "rubbish", **ONCE},
    "scheduleUpdate": {
        "input.cron": "0 0 31 2 *",
        "input.timeZone": "Mars/Base",
        "input.isPaused": None,
        **RECORD,
    },
}
NEVER = {"importStart.input.kind", "login.input.email", "login.input.password"}


async def stored() -> dict[str, str]:
    schedule = await Schedule.create(name="A", kind="a.b", payload={}, cron="0 0 * * *", next_due_at=NOW, **STAMPS)
    owner = await User.all().first()
    file = await File.create(owner=owner, name="a.csv", media_type="text/csv", size=1, is_complete=True, **STAMPS)
    await FileChunk.create(file=file, position=0, content=b"x")
    return {"schedule": public_id("sch", schedule.id), "FILE": public_id("fil", file.id)}
