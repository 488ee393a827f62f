"""Schedules through the graph: people see when what is due, and change it."""

from datetime import UTC, datetime

import pytest

from domain.jobs.models import Job, Schedule
from domain.jobs.schedules import fire_due, keep_schedule
from domain.kernel.ids import public_id
from tests.graph import NOW, Graph
from workers.kinds import KINDS
from workers.main import MODULES
from workers.scheduler import Scheduler

pytestmark = pytest.mark.anyio
UPDATE = """mutation ($id: ID!, $input: ScheduleUpdateInput!) { scheduleUpdate(id: $id, input: $input) {
  schedule { cron timeZone isPaused nextDueAt version } userErrors { field message code } } }"""
LIST = "{ schedules { nodes { id name kind cron timeZone isPaused nextDueAt jobs { nodes { kind state } } } } }"


async def kept() -> str:
    await keep_schedule("Listen", "feedback.aggregate", {}, cron="*/15 * * * *", time_zone="UTC", at=NOW)
    return public_id("sch", (await Schedule.get(name="Listen")).id)


async def test_a_schedule_is_seen_with_what_it_has_started(rob: Graph) -> None:
    await kept()
    await fire_due(datetime(2024, 5, 1, 12, 15, tzinfo=UTC))
    await rob.ask("{ viewer { id } }")  # who asks is looked up once
    with rob.counting() as seen:
        (schedule,) = (await rob.ask(LIST))["schedules"]["nodes"]
    assert len(seen) == 1
    assert (schedule["name"], schedule["cron"], schedule["isPaused"]) == ("Listen", "*/15 * * * *", False)
    assert schedule["nextDueAt"] == "2024-05-01T12:30:00+00:00"
    assert schedule["jobs"]["nodes"] == []  # a representative does not see the system's jobs


async def test_it_is_changed_and_due_by_its_new_line(ada: Graph) -> None:
    id = await kept()
    changed = {"cron": "30 6 * * 1-5", "timeZone": "Europe/Berlin"}
    made = (await ada.ask(UPDATE, id=id, input=changed))["scheduleUpdate"]
    assert made["userErrors"] == []
    assert (made["schedule"]["cron"], made["schedule"]["version"]) == ("30 6 * * 1-5", 2)
    due = datetime.fromisoformat(made["schedule"]["nextDueAt"])
    assert (due.hour, due.minute, due.weekday() < 5) == (due.hour, 30, True)
    assert due > datetime.now(UTC)


async def test_a_paused_schedule_starts_nothing(ada: Graph) -> None:
    id = await kept()
    made = (await ada.ask(UPDATE, id=id, input={"isPaused": True}))["scheduleUpdate"]
    assert made["schedule"]["isPaused"]
    assert await fire_due(datetime(2999, 1, 1, tzinfo=UTC)) == []
    assert not await Job.exists()


async def test_only_an_administrator_changes_it(rob: Graph) -> None:
    id = await kept()
    (error,) = (await rob.ask(UPDATE, id=id, input={"isPaused": True}))["scheduleUpdate"]["userErrors"]
    assert error["code"] == "FORBIDDEN"
    assert not (await Schedule.get(name="Listen")).is_paused


async def test_every_kind_that_brings_a_schedule_along_has_one(database: str) -> None:
    assert MODULES
    await Scheduler(lambda: NOW, KINDS).look()
    brought = {kind.schedule.title: kind.name for kind in KINDS.values() if kind.schedule}
    assert dict(await Schedule.all().values_list("name", "kind")) == brought
