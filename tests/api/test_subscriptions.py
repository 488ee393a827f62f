"""Subscriptions over a real server: events reach those who may see them, each once, in order, whatever breaks."""

import asyncio
import random
from datetime import timedelta
from typing import Any

import pytest
from tortoise.transactions import in_transaction
from websockets.exceptions import ConnectionClosed

from domain.access.models import User
from domain.access.queries import ADMINISTRATOR, roles_named
from domain.access.users import set_roles
from domain.customers.commands import update_customer
from domain.customers.models import Customer
from domain.jobs.commands import start_job
from domain.jobs.endings import Progress, end, renew_all, success
from domain.jobs.models import Job
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from domain.kernel.events import START, emit, position_id, read_on
from domain.kernel.ids import public_id
from runtime.announcements import EVENTS, RECORDS, has_listeners
from runtime.redis import redis_client
from tests.graph import NOW, token_for
from tests.jobs import claimed_by_hand
from tests.live import Live, Socket, taken_in
from tests.people import acting
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
CUSTOMERS = "subscription($id: ID, $after: String) { customerChanged(id: $id, after: $after) { id topic actorName occurredAt changed customer { name } } }"
NAMES = "subscription($id: ID, $after: String) { customerChanged(id: $id, after: $after) { id customer { name } } }"
JOB = "subscription($id: ID!) { jobProgress(id: $id) { state progressDone } }"


async def name(socket: Socket, id: str = "1") -> str:
    """The name of the customer that the next event is about."""
    told: str = (await socket.next(id))["customerChanged"]["customer"]["name"]
    return told


async def test_a_change_reaches_a_subscriber(live: Live) -> None:
    async with live.socket() as socket:
        await socket.subscribe(CUSTOMERS, after=await live.here())
        await taken_in("Kim")
        event = (await socket.next())["customerChanged"]
    assert event.pop("id").startswith("evt_")
    assert event == {
        "topic": "CUSTOMER_CREATED",
        "actorName": "system",
        "occurredAt": "2024-05-01T12:00:00+00:00",
        "changed": ["kind", "name"],
        "customer": {"name": "Kim"},
    }


async def test_from_now_on_means_what_commits_from_now_on(live: Live) -> None:
    await taken_in("Before")
    async with live.socket() as socket:
        await socket.subscribe(NAMES)
        await asyncio.sleep(0.3)
        await taken_in("After")
        assert await name(socket) == "After"


async def test_one_record_is_followed_and_others_are_not(live: Live) -> None:
    kim, lee = await taken_in("Kim"), await taken_in("Lee")
    async with live.socket() as socket:
        await socket.subscribe(NAMES, "1", id=public_id("cus", kim), after=await live.here())
        await update_customer(lee, {"name": "Lea"}, by=SYSTEM, at=NOW)
        await update_customer(kim, {"name": "Kimmy"}, by=SYSTEM, at=NOW)
        assert await name(socket) == "Kimmy"


async def test_the_timeline_tells_of_every_record_by_its_own_type(live: Live) -> None:
    query = """subscription($topics: [EventTopic!], $subject: ID, $after: String) {
      events(topics: $topics, subject: $subject, after: $after) {
        __typename topic ... on CustomerEvent { customer { name } again: customer { id } } ... on Event { changed }
      }
    }"""
    here = await live.here()
    key = await taken_in("Kim")
    await taken_in("Lee")
    async with live.socket() as socket:
        await socket.subscribe(query, after=here, subject=public_id("cus", key), topics=["CUSTOMER_UPDATED"])
        await socket.subscribe(query, "2", after=here)
        assert (await socket.next("2"))["events"] == {
            "__typename": "CustomerEvent",
            "topic": "CUSTOMER_CREATED",
            "customer": {"name": "Kim"},
            "again": {"id": public_id("cus", key)},
            "changed": ["kind", "name"],
        }
        assert (await socket.next("2"))["events"]["customer"] == {"name": "Lee"}
        await socket.send(id="2", type="complete")
        await update_customer(key, {"city": "Wien"}, by=SYSTEM, at=NOW)
        assert (await socket.next("1"))["events"]["changed"] == ["city"]


@pytest.mark.parametrize("id", ["cus_" + "0" * 32, "pro_" + "0" * 32, "nonsense"])
async def test_a_record_that_is_not_to_be_seen_cannot_be_followed(live: Live, id: str) -> None:
    async with live.socket() as socket:
        await socket.subscribe(NAMES, id=id)
        assert await socket.code() == "NOT_FOUND"


async def test_what_may_not_be_seen_is_not_told_of(live: Live) -> None:
    here = await live.here()
    gone, kept = await taken_in("Gone"), await taken_in("Kept")
    async with live.socket() as socket:
        await socket.subscribe(NAMES, "named", id=public_id("cus", gone), after=here)
        assert await name(socket, "named") == "Gone"
        await Customer.filter(id=gone).delete()
        await socket.subscribe("subscription($after: String) { customerChanged(after: $after) { topic } }", after=here)
        assert (await socket.next())["customerChanged"] == {"topic": "CUSTOMER_CREATED"}
        assert await socket.is_silent()
        await emit("customers.customer.updated", gone, by=SYSTEM, at=NOW)
        assert await socket.code("named") == "NOT_FOUND"
        await update_customer(kept, {"name": "Still"}, by=SYSTEM, at=NOW)
        assert (await socket.next())["customerChanged"] == {"topic": "CUSTOMER_UPDATED"}


@pytest.mark.parametrize("chosen", [{"database_pool_size": 1}])
async def test_subscribers_of_the_same_share_one_statement(live: Live, statements: list[str]) -> None:
    async with live.socket() as one, live.socket() as other:
        here = await live.here()
        for socket, id in ((one, "1"), (one, "2"), (other, "1"), (other, "2")):
            await socket.subscribe(NAMES, id, after=here)
        await socket.subscribe(
            "subscription($after: String) { customerChanged(after: $after) { customer { city } } }", "3", after=here
        )
        await taken_in("First")
        for socket in (one, one, other, other, other):
            await socket.hear()
        statements.clear()
        await taken_in("Second")
        for socket in (one, one, other, other, other):
            await socket.hear()
    selected = [statement for statement in statements if "FROM customer " in statement]
    assert len(selected) == 2, "one for each selection"


@pytest.mark.parametrize("chosen", [{"resume_most_events": 3}])
async def test_who_was_away_too_long_is_told_to_read_anew(live: Live) -> None:
    here = await live.here()
    for number in range(3):
        await taken_in(f"N{number}")
    async with live.socket() as socket:
        await socket.subscribe(NAMES, after=here)
        assert [await name(socket) for _ in range(3)] == ["N0", "N1", "N2"]
        await taken_in("N3")
        assert await name(socket) == "N3"
        await socket.subscribe(NAMES, "late", after=here)
        assert await socket.code("late") == "RESUME_TOO_OLD"


@pytest.mark.parametrize("after", ["", "evt_", "cus_" + "0" * 32, "evt_" + "f" * 32, "evt_" + "7" + "f" * 31])
async def test_a_place_that_is_not_in_the_log_is_refused(live: Live, after: str) -> None:
    async with live.socket() as socket:
        await socket.subscribe(NAMES, after=after)
        assert await socket.code() == "BAD_CURSOR"


async def test_who_may_no_longer_sign_in_hears_nothing_more(live: Live, vera: User) -> None:
    async with live.socket() as socket:
        await socket.subscribe(NAMES, after=await live.here())
        await taken_in("Kim")
        assert await name(socket) == "Kim"
        await User.filter(id=vera.id).update(is_active=False)
        live.forget()
        await taken_in("Secret")
        assert await socket.closed() == (4403, "The session of this token is over; sign in again with `login`.")


@pytest.mark.parametrize("chosen", [{"live_keepalive_seconds": 0.2}])
async def test_a_token_that_expires_ends_the_quiet_line_too(live: Live, vera: User) -> None:
    token = await token_for(vera, timedelta(seconds=2), at=system_clock())
    async with live.as_user(token).socket() as socket:
        await socket.subscribe(NAMES, after=await live.here())
        code, reason = await socket.closed()
    assert (code, "expired" in reason) == (4403, True)


async def test_rights_that_change_change_what_is_told(live: Live, vera: User) -> None:
    """A representative follows jobs of their own; as an administrator, those of all."""
    job = await start_job("test", {}, by=await acting(vera), at=NOW)
    others = await start_job("test", {}, by=SYSTEM, at=NOW)
    async with live.socket() as socket:
        await socket.subscribe(JOB, id=public_id("job", others.id))
        assert await socket.code() == "NOT_FOUND"
        await socket.subscribe(JOB, id=public_id("job", job.id))
        assert (await socket.next())["jobProgress"] == {"state": "QUEUED", "progressDone": 0}
        await Job.filter(id=job.id).update(requested_by_id=None)
        await live.call_out(RECORDS, job.id.hex)
        assert await socket.code() == "NOT_FOUND"
        await set_roles(vera.id, await roles_named(ADMINISTRATOR), by=SYSTEM, at=NOW)
        live.forget()
        await socket.subscribe(JOB, id=public_id("job", others.id))
        assert (await socket.next())["jobProgress"]["state"] == "QUEUED"


async def test_a_job_is_followed_to_its_end(live: Live, vera: User) -> None:
    job = await start_job("test", {}, by=await acting(vera), at=NOW)
    async with live.socket() as socket:
        await socket.subscribe(JOB, id=public_id("job", job.id))
        assert await _told(socket, "QUEUED", 0)
        held = await claimed_by_hand("test")
        await live.call_out(RECORDS, job.id.hex)
        assert await _told(socket, "RUNNING", 0)
        await renew_all([(held, 60, Progress(3, 5))])
        await live.call_out(RECORDS, job.id.hex)
        assert await _told(socket, "RUNNING", 3)
        await end(success(held, None, Progress(5, 5)))
        await live.call_out(RECORDS, job.id.hex)
        assert await _told(socket, "SUCCEEDED", 5)
        assert await socket.hear() == {"id": "1", "type": "complete"}


async def _told(socket: Socket, state: str, done: int) -> bool:
    """Whether this is told, after what may have been seen on the way there."""
    while (job := (await socket.next())["jobProgress"]) != {"state": state, "progressDone": done}:
        assert job["state"] not in ("FAILED", "SUCCEEDED")
    return True


@pytest.mark.parametrize("chosen", [{"live_look_seconds": 0.2}])
async def test_without_workers_events_come_a_little_later(quiet: Live) -> None:
    async with quiet.socket() as socket:
        await socket.subscribe(NAMES, after=await quiet.here())
        for number in range(3):
            await taken_in(f"N{number}")
            assert await name(socket) == f"N{number}"


async def test_nobody_listens_or_reads_where_nobody_subscribes(live: Live, redis_url: str) -> None:
    client = redis_client(redis_url)
    try:
        assert not await has_listeners(client, EVENTS)
        async with live.socket() as socket:
            await socket.subscribe(NAMES)
            await eventually(lambda: has_listeners(client, EVENTS))
            await socket.send(id="1", type="complete")
            await eventually(lambda: _nobody_listens(client))
            await socket.subscribe(NAMES, "2")
            await eventually(lambda: has_listeners(client, EVENTS))
        await eventually(lambda: _nobody_listens(client))
        await eventually(lambda: _nobody_is_here(live))
    finally:
        await client.aclose()


async def _nobody_is_here(live: Live) -> bool:
    return live.lines._open == 0


async def _nobody_listens(client: Any) -> bool:
    return not await has_listeners(client, EVENTS)


async def test_whatever_is_called_out_harms_nobody(live: Live) -> None:
    async with live.socket() as socket:
        await socket.subscribe(NAMES, after=await live.here())
        for message in ("", "nonsense", "evt_" + "f" * 32, position_id(START)):
            await live.call_out(EVENTS, message)
            await live.call_out(RECORDS, message)
        await taken_in("Kim")
        assert await name(socket) == "Kim"


async def test_every_event_comes_once_and_in_order_through_many_reconnects(live: Live) -> None:
    """Writers whose transactions overlap, some undone; subscribers who lose the line at any moment and resume."""
    chance, over = random.Random(4), asyncio.Event()
    here = await live.here()

    async def write(number: int) -> None:
        for turn in range(25):
            try:
                async with in_transaction():
                    for part in range(chance.randint(1, 3)):
                        await taken_in(f"{number}.{turn}.{part}")
                        await asyncio.sleep(chance.random() / 50)
                    if chance.random() < 0.2:
                        raise LookupError
            except LookupError:
                pass

    async def listen(seed: int, told: list[str]) -> None:
        mine, after = random.Random(seed), here
        while not (over.is_set() and told and told[-1] == last[0]):
            async with live.socket() as socket:
                await socket.subscribe(NAMES, after=after)
                try:
                    async with asyncio.timeout(mine.random()):
                        while True:
                            after = (await socket.next())["customerChanged"]["id"]
                            told.append(after)
                except (TimeoutError, ConnectionClosed):
                    socket.raw.transport.abort()

    last: list[str] = []
    heard: list[list[str]] = [[] for _ in range(4)]
    listening = [asyncio.create_task(listen(seed, told)) for seed, told in enumerate(heard)]
    await asyncio.gather(*[write(number) for number in range(4)])
    written = [
        position_id(told.position)
        for told in await read_on(START, at_most=10_000)
        if told.topic.startswith("customers.")
    ]
    last.append(written[-1])
    over.set()
    async with asyncio.timeout(30):
        await asyncio.gather(*listening)
    assert len(written) > 100
    for told in heard:
        assert told == written
