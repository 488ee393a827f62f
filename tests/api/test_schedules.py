"""Schedules through the graph: people see when what is due, and change it."""

from datetime import UTC, datetime

import pytest

from domain.jobs.kinds import ToldKind, tell_kinds
from domain.jobs.models import Job, Schedule
from domain.jobs.rules import MayStart, Policy
from domain.jobs.schedules import fire_due, keep_schedule
from domain.kernel.ids import public_id
from tests.graph import NOW, Graph
from workers.kinds import KINDS
from workers.main import MODULES
from workers.scheduler import Scheduler

pytestmark = pytest.mark.anyio
UPDATE = """mutation ($id: ID!, $input: ScheduleUpdateInput!) { scheduleUpdate(id: $id, input: $input) {
  schedule { cron timeZone isPaused nextDueAt version } userErrors { field message code } } }"""
LIST = """{ schedules { nodes { id name kind cron timeZone isPaused nextDueAt dueTimes jobs { nodes { kind state } }
  runs { nodes { dueAt outcome job { id } } } } } }"""
DUE = ("13:30", "13:45", "14:00", "14:15", "14:30")
CREATE = """mutation ($input: ScheduleCreateInput!) { scheduleCreate(input: $input) {
  schedule { id kind payload cron everySeconds timeZone overlap catchUp isPaused dueTimes version }
  userErrors { field message code } } }"""
DELETE = "mutation ($id: ID!) { scheduleDelete(id: $id) { deletedScheduleId userErrors { code } } }"
RUN = "mutation ($id: ID!) { scheduleRun(id: $id) { job { id kind state } userErrors { code } } }"


async def kept() -> str:
    await keep_schedule("Listen", "feedback.aggregate", {}, cron="*/15 * * * *", time_zone="UTC", at=NOW)
    return public_id("sch", (await Schedule.get(name="Listen")).id)


async def test_a_schedule_is_seen_with_what_it_has_started(rob: Graph) -> None:
    await kept()
    for hour in (12, 13):
        await fire_due(datetime(2024, 5, 1, hour, 15, tzinfo=UTC))
    await rob.ask("{ viewer { id } }")  # who asks is looked up once
    with rob.counting() as seen:
        (schedule,) = (await rob.ask(LIST))["schedules"]["nodes"]
    assert len(seen) == 1
    assert (schedule["name"], schedule["cron"], schedule["isPaused"]) == ("Listen", "*/15 * * * *", False)
    assert schedule["nextDueAt"] == "2024-05-01T13:30:00+00:00"
    assert schedule["dueTimes"] == [f"2024-05-01T{time}:00+00:00" for time in DUE]
    assert [(run["dueAt"][11:16], run["outcome"]) for run in schedule["runs"]["nodes"]] == [
        ("13:15", "SKIPPED"),
        ("12:15", "STARTED"),
    ]
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


async def test_it_is_set_up_started_and_removed(ada: Graph) -> None:
    await tell_kinds([ToldKind(Policy("test.kind"), "A test.", {"type": "object"}, MayStart.NOBODY)], NOW)
    given = {
        "name": "Weekly", "kind": "test.kind", "payload": {"a": [1]}, "everySeconds": 604800, "overlap": "REPLACE",
        "catchUp": "NONE",
    }  # fmt: skip
    made = (await ada.ask(CREATE, input=given))["scheduleCreate"]
    assert made["userErrors"] == []
    schedule = made["schedule"]
    assert (schedule["overlap"], schedule["catchUp"], schedule["payload"]) == ("REPLACE", "NONE", {"a": [1]})
    assert len(schedule["dueTimes"]) == 5
    job = (await ada.ask(RUN, id=schedule["id"]))["scheduleRun"]["job"]
    assert (job["kind"], job["state"]) == ("test.kind", "QUEUED")
    assert (await ada.ask(DELETE, id=schedule["id"]))["scheduleDelete"]["deletedScheduleId"] == schedule["id"]
    assert not await Schedule.exists()


async def test_a_job_tells_which_schedule_started_it_and_for_when(ada: Graph, rob: Graph) -> None:
    await kept()
    await fire_due(datetime(2024, 5, 1, 12, 15, tzinfo=UTC))
    ask = "{ jobs { nodes { payloadVersion dueAt schedule { name } } } }"
    (job,) = (await ada.ask(ask))["jobs"]["nodes"]
    assert job == {"payloadVersion": 1, "dueAt": "2024-05-01T12:15:00+00:00", "schedule": {"name": "Listen"}}
    assert (await rob.ask(ask))["jobs"]["nodes"] == []


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
