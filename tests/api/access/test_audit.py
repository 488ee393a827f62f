"""The trail: every write with who, how and what was before; what was refused; and no byte of it changes unseen."""

import asyncio
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from domain.access.models import User
from domain.access.tokens import TokenKey
from domain.customers.commands import create_customer, update_customer
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from domain.kernel.seals import BEGINNING, EventSeal, Fault, head, inserted_behind, seal, seal_at, verify
from tests.graph import KEY, NOW, PEM, Graph

pytestmark = pytest.mark.anyio
KEYS = TokenKey(KEY, timedelta()).seal_keys
TRAIL = """query ($where: AuditEventWhere, $first: Int! = 50, $after: String) {
  auditEvents(where: $where, first: $first, after: $after) { pageInfo { hasNextPage endCursor } nodes {
    id topic subjectKey actorId actorName data before sessionId apiKeyId address requestId seal } } }"""
CREATE = """mutation { customerCreate(input: {kind: PERSON, name: "Kim", city: "Ulm"}) { customer { id } } }"""
UPDATE = (
    """mutation ($id: ID!) { customerUpdate(id: $id, input: {name: "Kimmy", city: "Ulm"}) { customer { name } } }"""
)


async def trail(graph: Graph, **variables: Any) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = (await graph.ask(TRAIL, **variables))["auditEvents"]["nodes"]
    return nodes


async def test_a_write_is_on_record_with_who_and_how_and_what_was_before(ada: Graph, administrator: User) -> None:
    id = (await ada.ask(CREATE))["customerCreate"]["customer"]["id"]
    response = await ada.post({"query": UPDATE, "variables": {"id": id}}, **{"x-request-id": "from-the-phone-7"})
    assert response.status_code == 200
    changed, born = await trail(ada, where={"subjectId": id})
    assert (born["topic"], born["before"]) == ("customers.customer.created", None)
    assert (changed["topic"], changed["data"], changed["before"]) == (
        "customers.customer.updated",
        {"name": "Kimmy"},
        {"name": "Kim"},
    )
    assert (changed["actorId"], changed["actorName"]) == (public_id("usr", administrator.id), "Ada")
    assert changed["sessionId"].startswith("ses_")
    assert (changed["apiKeyId"], changed["requestId"]) == (None, "from-the-phone-7")
    assert changed["address"] == "127.0.0.1"
    assert len(born["requestId"]) == 32


async def test_verbs_of_several_statements_tell_what_was_before_too(ada: Graph) -> None:
    rows = '[{externalId: "C1", kind: PERSON, name: "A"}, {externalId: "C2", kind: PERSON, name: "B"}]'
    await ada.ask(f"mutation {{ customersUpsert(inputs: {rows}) {{ counts {{ created }} }} }}")
    await ada.ask(f"mutation {{ customersUpsert(inputs: {rows.replace('A', 'AA')}) {{ counts {{ changed }} }} }}")
    (changed, *_) = await trail(ada, where={"topic": "customers.customer.updated"})
    assert (changed["data"], changed["before"]) == ({"name": "AA"}, {"name": "A"})


async def test_refused_writes_and_failed_logins_are_on_record(ada: Graph, rob: Graph, representative: User) -> None:
    await rob.ask('mutation { userCreate(input: {email: "x@example.org", name: "X"}) { userErrors { code } } }')
    await rob.ask('mutation { login(input: {email: "rob@example.org", password: "wrong"}) { userErrors { code } } }')
    (failed,) = await trail(ada, where={"topic": "access.user.login_failed"})
    assert (failed["actorName"], failed["address"]) == ("nobody", "127.0.0.1")
    (refused,) = await trail(
        ada, where={"actorId": public_id("usr", representative.id), "topic": "access.write.refused"}
    )
    assert refused["data"] == {"mutation": "userCreate", "code": "forbidden", "field": []}
    assert await User.filter(email="x@example.org").count() == 0


async def test_the_trail_is_for_auditors(rob: Graph) -> None:
    assert await rob.code(TRAIL) == "FORBIDDEN"


async def test_pages_of_the_trail_are_the_whole_of_it_backwards(ada: Graph) -> None:
    for _ in range(7):
        await ada.ask(CREATE)
    whole = [each["id"] for each in await trail(ada)]
    met: list[str] = []
    after: str | None = None
    while True:
        page = (await ada.ask(TRAIL, first=3, after=after))["auditEvents"]
        met += [node["id"] for node in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert met == whole
    assert len(set(met)) == len(met) > 7


@pytest.mark.parametrize(
    "given",
    [
        {"first": 0},
        {"first": 101},
        {"after": "x"},
        {"where": {"subjectId": "x"}},
        {"where": {"actorId": "cus_1"}},
        {"where": {"topic": "\u0000"}},
    ],
)
async def test_what_makes_no_sense_is_refused(ada: Graph, given: dict[str, Any]) -> None:
    assert await ada.code(TRAIL, **given) in ("BAD_USER_INPUT", "BAD_CURSOR")


async def sealed(count: int = 5) -> list[int]:
    """So many events, sealed; gives their ids."""
    customer = await create_customer({"kind": "person", "name": "A"}, by=SYSTEM, at=NOW)
    for number in range(count - 1):
        await update_customer(customer.id, {"name": f"A{number}"}, by=SYSTEM, at=NOW)
    assert await seal(KEYS) == count
    assert await seal(KEYS) == 0
    return [event.id for event in await Event.all().order_by("id")]


async def faults() -> list[Fault]:
    found, place = list[Fault](), BEGINNING
    while True:
        checked = await verify(KEYS, after=place, at_most=2)
        found += checked.faults
        if checked.reached == place:
            return [*found, *await inserted_behind()]
        place = checked.reached


async def tampered(statement: str) -> None:
    """What somebody does who owns the database: triggers are no hindrance to them."""
    await get_connection("default").execute_script(
        f"SET session_replication_role = replica; {statement}; RESET session_replication_role"
    )


async def test_what_was_not_touched_is_found_to_be_whole(database: str) -> None:
    assert await seal_at((await head()).seal_id) == BEGINNING.chain
    await sealed()
    assert await faults() == []
    assert [row.id for row in await EventSeal.all().order_by("id")] == [1, 2, 3, 4, 5]


async def test_what_many_write_and_seal_at_once_is_sealed_once_and_whole(database: str) -> None:
    """In each turn a transaction begins, another one begins and ends, and then the first one ends."""
    customers = [await create_customer({"kind": "person", "name": "A"}, by=SYSTEM, at=NOW) for _ in range(6)]
    writing = True

    async def name(place: int, name: str) -> None:
        await update_customer(customers[place].id, {"name": name}, by=SYSTEM, at=NOW)

    async def write_around(place: int, begun: asyncio.Event, others: asyncio.Event) -> None:
        async with in_transaction():
            await name(place, "begins")
            begun.set()
            await others.wait()
            await name(place, "ends")

    async def write_between(place: int, begun: asyncio.Event, done: asyncio.Event) -> None:
        await begun.wait()
        async with in_transaction():
            await name(place, "begins")
            await name(place, "ends")
        done.set()

    async def write(pair: int) -> None:
        for _ in range(8):
            begun, done = asyncio.Event(), asyncio.Event()
            await asyncio.gather(write_around(pair, begun, done), write_between(pair + 3, begun, done))

    async def keep_sealing() -> int:
        count = 0
        while writing:
            count += await seal(KEYS, at_most=5)
        return count

    sealers = [asyncio.create_task(keep_sealing()) for _ in range(2)]
    await asyncio.gather(*(write(pair) for pair in range(3)))
    writing = False
    count = sum([await each for each in sealers])
    while some := await seal(KEYS):
        count += some
    assert count == await Event.all().count() == len(customers) * 17 == await EventSeal.all().count()
    assert await faults() == []


CHANGES = {
    "a byte of what happened": "UPDATE event SET data = jsonb_set(data, '{name}', '\"A9\"') WHERE id = {id}",
    "what was before": "UPDATE event SET before = '{}' WHERE id = {id}",
    "who it was": "UPDATE event SET actor_name = 'systen' WHERE id = {id}",
    "where from": 'UPDATE event SET origin = \'{"address": "x"}\' WHERE id = {id}',
    "when": "UPDATE event SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = {id}",
    "what it was called": "UPDATE event SET topic = topic || ' ' WHERE id = {id}",
    "whom it was about": "UPDATE event SET subject_id = gen_random_uuid() WHERE id = {id}",
}


@pytest.mark.parametrize("what", CHANGES)
async def test_an_edited_event_is_found_and_located(database: str, what: str) -> None:
    ids = await sealed()
    await tampered(CHANGES[what].replace("{id}", str(ids[2])))
    assert await faults() == [Fault("the event was edited", ids[2], 3)]


async def test_a_removed_event_is_found_and_located(database: str) -> None:
    ids = await sealed()
    await tampered(f"DELETE FROM event WHERE id = {ids[3]}")
    assert await faults() == [Fault("the event was removed", ids[3], 4)]


async def test_an_event_put_in_behind_is_found(database: str) -> None:
    ids = await sealed()
    await tampered(
        "INSERT INTO event (topic, subject_id, actor_name, occurred_at, data, transaction) "
        f"SELECT topic, subject_id, actor_name, occurred_at, data, transaction FROM event WHERE id = {ids[0]}"
    )
    (fault,) = await faults()
    assert (fault.what, fault.seal_id) == ("the event was put in behind the seals", None)


async def test_seals_can_neither_be_edited_nor_forged_without_the_key(database: str) -> None:
    ids = await sealed()
    await tampered(f"UPDATE event_seal SET digest = md5('x') || md5('y') WHERE event_id = {ids[1]}")
    found = await faults()
    assert [fault.event_id for fault in found][:2] == [ids[1], ids[1]]
    await tampered("DELETE FROM event_seal WHERE id = 3")
    assert any(fault.what.startswith("seals 3 to 3 are missing") for fault in await faults())


async def test_events_and_seals_cannot_be_changed_by_the_way(database: str) -> None:
    await sealed()
    for statement in (
        "DELETE FROM event_seal",
        "UPDATE event_seal SET chain = ''",
        "TRUNCATE event_seal",
        "DELETE FROM event",
    ):
        with pytest.raises(Exception, match="append-only"):
            await get_connection("default").execute_script(statement)


async def test_salesloop_audit_verify_says_where(database: str, redis_url: str, tmp_path: Any) -> None:
    ids = await sealed()
    environment = {"DATABASE_URL": database, "REDIS_URL": redis_url, "TOKEN_KEY": PEM, "SALESLOOP_HOME": str(tmp_path)}

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "cli", "audit", "verify", *more]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    good = run()
    assert (good.returncode, good.stderr) == (0, "")
    assert "5 events checked, 0 faults; 0 are newer than the last seal." in good.stdout
    head = good.stdout.strip().rpartition(" ")[2]
    assert run("--head", head).returncode == 0
    for rubbish in ("rubbish", "x:y", "5", "5:", "-1:x", "99999999999999999999:x"):
        refused = run("--head", rubbish)
        assert (refused.returncode, "Traceback" in refused.stderr, "--head" in refused.stderr) == (2, False, True)
    await tampered(f"UPDATE event SET actor_name = 'x' WHERE id = {ids[4]}")
    bad = run()
    assert bad.returncode == 1
    assert f"event {ids[4]}: the event was edited" in bad.stdout
    await tampered(f"DELETE FROM event WHERE id = {ids[4]}; DELETE FROM event_seal WHERE event_id = {ids[4]}")
    assert run().returncode == 0, "an end that was cut off leaves a shorter chain, which is whole"
    cut = run("--head", head)
    assert (cut.returncode, "no longer leads to the head that was kept" in cut.stdout) == (1, True)
