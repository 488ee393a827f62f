"""Schedules: each due time has one outcome, whoever looks, by the rules for overlaps and for what was slept through."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jobs.kinds import ToldKind, tell_kinds
from domain.jobs.models import Job, Schedule, ScheduleRun
from domain.jobs.rules import Cadence, JobState, MayStart, Policy
from domain.jobs.schedules import (
    create_schedule,
    delete_schedule,
    fire_due,
    keep_schedule,
    run_schedule,
    update_schedule,
)
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.kernel.refusals import Forbidden, Invalid, Refusal
from tests.domain.jobs.test_asking import states
from tests.jobs import claimed_by_hand, handed_over_and_done
from tests.people import a_colleague, acting

pytestmark = pytest.mark.anyio
NOW = datetime(2024, 5, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
SCHEMA = {
    "type": "object",
    "properties": {"everything": {"type": "boolean"}},
    "additionalProperties": False,
}
HOURLY = {"name": "Hourly", "kind": "test", "cron": "0 * * * *"}


@pytest.fixture
async def told(database: str) -> None:
    """A worker has told of the kind `test`."""
    await tell(Policy("test"))


async def tell(policy: Policy) -> None:
    await tell_kinds([ToldKind(policy, "A test.", SCHEMA, MayStart.EVERYBODY)], NOW)


async def hourly(**more: Any) -> Schedule:
    return await create_schedule(HOURLY | more, by=SYSTEM, at=NOW)


async def outcomes() -> list[tuple[int, str]]:
    """What became of the due times, each as hours behind NOW."""
    runs = await ScheduleRun.all().order_by("due_at").values_list("due_at", "outcome")
    return [(int((due_at - NOW) / HOUR), outcome) for due_at, outcome in runs]


async def test_a_due_time_starts_one_job(database: str) -> None:
    await keep_schedule("Nightly", "test", {}, cron="0 3 * * *", time_zone="UTC", at=NOW)
    await keep_schedule("Nightly", "test", {}, cron="0 9 * * *", time_zone="UTC", at=NOW)  # changes nothing
    assert await fire_due(NOW) == []
    due = NOW + timedelta(days=3)  # slept through three due times
    fired = [job for jobs in await asyncio.gather(*(fire_due(due) for _ in range(4))) for job in jobs]
    assert [job.due_at for job in fired] == [NOW + timedelta(days=2, hours=3)]
    schedule = await Schedule.get(name="Nightly")
    assert schedule.next_due_at == due + timedelta(hours=3)
    assert schedule.due_times == [(due + timedelta(days=n, hours=3)).isoformat() for n in range(5)]
    await Schedule.filter(id=schedule.id).update(is_paused=True)
    assert await fire_due(due + timedelta(days=1)) == []


async def test_one_from_before_due_times_were_kept_gets_them(database: str) -> None:
    for _ in range(2):
        await Schedule.all().update(due_times=[])
        await keep_schedule("Nightly", "test", {}, cron="0 3 * * *", time_zone="UTC", at=NOW)
    schedule = await Schedule.get()
    assert schedule.due_times[0] == schedule.next_due_at.isoformat()
    assert len(schedule.due_times) == 5


async def test_a_due_time_fires_once_even_when_it_is_set_back(database: str) -> None:
    await keep_schedule("Nightly", "test", {}, cron="0 3 * * *", time_zone="UTC", at=NOW)
    due = NOW + timedelta(hours=3)
    (job,) = await fire_due(due)
    await Job.filter(id=job.id).update(state=JobState.SUCCEEDED)
    await Schedule.all().update(next_due_at=due)
    assert await fire_due(due) == []
    assert await Job.all().count() == 1


async def test_a_schedule_that_is_no_good_is_paused_and_stops_no_other(database: str) -> None:
    for name, cron in (("Bad", "nonsense"), ("Good", "0 3 * * *")):
        await Schedule.create(
            name=name, kind=name, payload={}, cron=cron, next_due_at=NOW, created_at=NOW, updated_at=NOW
        )
    assert [job.kind for job in await fire_due(NOW)] == ["Good"]
    assert await Schedule.filter(is_paused=True).values_list("name", flat=True) == ["Bad"]
    assert "cron" in (await Event.get(topic="jobs.schedule.paused")).data["reason"]


@pytest.mark.usefixtures("told")
class TestOverlap:
    async def test_skip_leaves_the_due_time_out(self) -> None:
        await hourly()
        (first,) = await fire_due(NOW + HOUR)
        assert await fire_due(NOW + 2 * HOUR) == []
        await handed_over_and_done("test")
        assert len(await fire_due(NOW + 3 * HOUR)) == 1
        assert await outcomes() == [(1, "started"), (2, "skipped"), (3, "started")]
        assert (await ScheduleRun.get(due_at=NOW + 2 * HOUR)).job_id == first.id

    async def test_skip_minds_the_same_work_asked_for_by_others(self) -> None:
        first, _ = await hourly(), await hourly(name="Twin")
        assert len(await fire_due(NOW + HOUR)) == 1
        assert sorted(await outcomes()) == [(1, "skipped"), (1, "started")]
        assert await Job.filter(schedule_id=first.id).exists()

    async def test_queue_starts_one_after_the_other(self) -> None:
        await hourly(overlap="queue")
        (first,) = await fire_due(NOW + HOUR)
        (second,) = await fire_due(NOW + 2 * HOUR)
        (third,) = await fire_due(NOW + 3 * HOUR)
        assert await states(first, second, third) == ["queued", "waiting", "waiting"]
        await handed_over_and_done("test")
        assert await states(first, second, third) == ["succeeded", "queued", "waiting"]
        await handed_over_and_done("test")
        assert await states(second, third) == ["succeeded", "queued"]

    async def test_replace_calls_off_what_is_before(self) -> None:
        await hourly(overlap="replace")
        await fire_due(NOW + HOUR)
        held = await claimed_by_hand("test")
        (second,) = await fire_due(NOW + 2 * HOUR)
        assert (await Job.get(id=held.job_id)).cancel_requested_at is not None
        (third,) = await fire_due(NOW + 3 * HOUR)
        assert await states(second, third) == ["cancelled", "waiting"]

    async def test_replace_begins_at_once_where_nothing_had_begun(self) -> None:
        await hourly(overlap="replace")
        (first,) = await fire_due(NOW + HOUR)
        (second,) = await fire_due(NOW + 2 * HOUR)
        assert await states(first, second) == ["cancelled", "queued"]


@pytest.mark.usefixtures("told")
class TestCatchUp:
    async def test_none_misses_what_is_late(self) -> None:
        await hourly(catch_up="none")
        assert await fire_due(NOW + 5 * HOUR + timedelta(minutes=2)) == []
        assert len(await fire_due(NOW + 6 * HOUR + timedelta(seconds=30))) == 1
        assert await outcomes() == [(5, "missed"), (6, "started")]

    async def test_all_starts_one_for_each(self) -> None:
        await hourly(catch_up="all", overlap="queue")
        fired = await fire_due(NOW + 4 * HOUR)
        assert [(job.due_at - NOW) / HOUR for job in fired if job.due_at] == [1, 2, 3, 4]
        assert await states(*fired) == ["queued", "waiting", "waiting", "waiting"]

    async def test_a_hundred_at_a_time(self) -> None:
        await create_schedule(
            {"name": "A", "kind": "test", "every_seconds": 60, "catch_up": "all", "overlap": "queue"}, by=SYSTEM, at=NOW
        )
        late = NOW + timedelta(minutes=130)
        assert [len(await fire_due(late)) for _ in range(3)] == [100, 30, 0]


@pytest.mark.usefixtures("told")
class TestVerbs:
    async def test_an_interval_keeps_its_step_through_outages_and_rests(self) -> None:
        given = {"name": "A", "kind": "test", "every_seconds": 420}
        schedule = await create_schedule(given, by=SYSTEM, at=NOW)
        await fire_due(NOW + timedelta(seconds=4 * 420 + 17))
        assert (await ScheduleRun.get()).due_at == NOW + timedelta(seconds=4 * 420)
        for paused in (True, False):
            changed = {"is_paused": paused}
            schedule = await update_schedule(schedule.id, changed, by=SYSTEM, at=NOW + timedelta(seconds=7 * 420 + 5))
        assert schedule.next_due_at == NOW + timedelta(seconds=8 * 420)

    async def test_the_one_takes_the_place_of_the_other(self) -> None:
        schedule = await hourly()
        changed = await update_schedule(schedule.id, {"every_seconds": 90}, by=SYSTEM, at=NOW)
        assert (changed.cron, changed.next_due_at) == (None, NOW + timedelta(seconds=90))
        changed = await update_schedule(schedule.id, {"cron": "5 * * * *"}, by=SYSTEM, at=NOW)
        assert (changed.every_seconds, changed.next_due_at) == (None, NOW + timedelta(minutes=5))

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"cron": "* * * * *", "every_seconds": 5}, "cron"),
            ({}, "cron"),
            ({"cron": "61 * * * *"}, "cron"),
            ({"every_seconds": 0}, "every_seconds"),
            ({"cron": "* * * * *", "time_zone": "Mars/Base"}, "time_zone"),
            ({"cron": "* * * * *", "kind": "unheard of"}, "kind"),
            ({"cron": "* * * * *", "payload": {"everything": "yes"}}, "payload"),
            ({"cron": "* * * * *", "payload": {"all": True}}, "payload"),
            ({"cron": "* * * * *", "payload": {"a": "\0"}}, "payload"),
            ({"cron": "* * * * *", "payload": {"a": 2**70}}, "payload"),
            ({"cron": "* * * * *", "payload": {"a": "x" * 70_000}}, "payload"),
            ({"cron": "* * * * *", "payload": [1]}, "payload"),
            ({"cron": "* * * * *", "name": " "}, "name"),
            ({"cron": "* * * * *", "name": "Hourly"}, "name"),
        ],
    )
    async def test_what_is_wrong_is_named(self, given: dict[str, Any], field: str) -> None:
        await hourly()
        with pytest.raises(Refusal) as refused:
            await create_schedule({"name": "A", "kind": "test", "payload": {}} | given, by=SYSTEM, at=NOW)
        assert refused.value.field[0] == field
        assert await Schedule.all().count() == 1

    async def test_its_jobs_have_the_payload_as_the_newest_version_takes_it(self) -> None:
        await tell(Policy("test", versions=(1, 3)))
        await hourly(payload={"everything": True})
        (job,) = await fire_due(NOW + HOUR)
        assert (job.payload, job.payload_version) == ({"everything": True}, 3)

    async def test_run_now_is_beside_the_due_times(self) -> None:
        schedule = await hourly(is_paused=True)
        job = await run_schedule(schedule.id, by=SYSTEM, at=NOW)
        assert (await run_schedule(schedule.id, by=SYSTEM, at=NOW + HOUR)).id == job.id
        assert await outcomes() == []
        await handed_over_and_done("test")
        assert (await run_schedule(schedule.id, by=SYSTEM, at=NOW + HOUR)).id != job.id

    async def test_what_is_deleted_leaves_its_jobs(self) -> None:
        schedule = await hourly()
        (job,) = await fire_due(NOW + HOUR)
        await delete_schedule(schedule.id, by=SYSTEM, at=NOW)
        assert (await Job.get(id=job.id)).schedule_id is None
        assert await outcomes() == []
        assert await Event.filter(topic="jobs.schedule.deleted").exists()

    async def test_only_administrators(self) -> None:
        schedule = await hourly()
        rob = await acting(await a_colleague())
        for verb in (
            create_schedule(HOURLY, by=rob, at=NOW),
            update_schedule(schedule.id, {}, by=rob, at=NOW),
            delete_schedule(schedule.id, by=rob, at=NOW),
            run_schedule(schedule.id, by=rob, at=NOW),
        ):
            with pytest.raises(Forbidden):
                await verb


MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2025, 12, 31)).map(lambda moment: moment.replace(tzinfo=UTC))
CRONS = st.sampled_from(
    [
        "* * * * *",
        "*/15 * * * *",
        "30 2 * * *",
        "0 3 * * *",
        "15 0-3 * * 0",
        "0 12 1 * *",
        "59 23 31 12 *",
        "5 */6 * * *",
    ]
)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(cron=CRONS, zone=ZONES, at=MOMENTS)
def test_the_last_due_time_is_the_one_before_the_next(cron: str, zone: str, at: datetime) -> None:
    cadence = Cadence(cron, None, zone)
    last = cadence.last_due(at)
    assert last <= at < cadence.next_due(at) == cadence.next_due(last)
    assert cadence.next_due(last - timedelta(microseconds=1)) == last


@given(every=st.integers(1, 10_000_000), anchor=MOMENTS, at=MOMENTS)
def test_an_interval_counts_from_its_anchor(every: int, anchor: datetime, at: datetime) -> None:
    cadence = Cadence(None, every, anchor=anchor)
    last, following = cadence.last_due(at), cadence.next_due(at)
    assert (following - anchor) % timedelta(seconds=every) == timedelta(0)
    assert following > at
    assert at < anchor or last <= at < following == last + timedelta(seconds=every)


def test_neither_or_both_is_refused() -> None:
    for cadence in (Cadence(None, None), Cadence("* * * * *", 5)):
        with pytest.raises(Invalid):
            cadence.next_due(NOW)
