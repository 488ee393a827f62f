"""Asking for jobs through the graph: what is started can be followed, and what cannot be followed is said."""

from typing import Any

import pytest

from domain.jobs.kinds import ToldKind, tell_kinds
from domain.jobs.models import Job
from domain.jobs.rules import JobState, MayStart, Policy
from domain.kernel.clock import system_clock
from domain.kernel.ids import public_id
from tests.graph import NOW, Graph
from tests.jobs import handed_over_and_done

pytestmark = pytest.mark.anyio
AGGREGATE = "mutation { feedbackAggregate { job { id state } userErrors { field message code } } }"
IMPORT = """mutation ($input: ImportStartInput!) { importStart(input: $input) {
  job { id payload } userErrors { field message code } } }"""


async def ask(graph: Graph, query: str, **variables: Any) -> dict[str, Any]:
    """The payload of a mutation; it holds a job or says why not, never neither and never both."""
    (payload,) = (await graph.ask(query, **variables)).values()
    assert bool(payload["job"]) != bool(payload["userErrors"]), payload
    return dict(payload)


async def upload(graph: Graph) -> str:
    """The public id of a file that the client has just handed in."""
    headers = {"authorization": f"Bearer {graph.token}", "content-type": "text/csv"}
    answer = await graph.http.post(
        "/files?name=a.csv", content=b"external_id,kind,name\nC1,person,A\n", headers=headers
    )
    return str(answer.json()["id"])


async def test_a_live_job_of_ones_own_is_given_back(rob: Graph) -> None:
    started = (await ask(rob, AGGREGATE))["job"]
    assert (await ask(rob, AGGREGATE))["job"] == started == {"id": started["id"], "state": "QUEUED"}
    assert await Job.all().count() == 1


async def test_a_job_that_another_started_is_said_to_run(ada: Graph, rob: Graph) -> None:
    started = (await ask(ada, AGGREGATE))["job"]
    (error,) = (await ask(rob, AGGREGATE))["userErrors"]
    assert (error["field"], error["code"]) == ([], "ALREADY_RUNNING")
    assert "under way" in error["message"]
    assert [public_id("job", job.id) for job in await Job.all()] == [started["id"]]


async def test_an_administrator_follows_everybodys_job(ada: Graph, rob: Graph) -> None:
    started = (await ask(rob, AGGREGATE))["job"]
    assert (await ask(ada, AGGREGATE))["job"]["id"] == started["id"]


async def test_a_job_that_is_done_stands_in_nobodys_way(ada: Graph, rob: Graph) -> None:
    first = (await ask(ada, AGGREGATE))["job"]
    await handed_over_and_done("feedback.aggregate")
    assert (await ask(rob, AGGREGATE))["job"]["id"] != first["id"]


async def test_a_file_is_imported_once_for_each_kind(rob: Graph) -> None:
    file = await upload(rob)
    jobs = [(await ask(rob, IMPORT, input={"kind": kind, "fileId": file}))["job"] for kind in ("CUSTOMERS", "PRODUCTS")]
    assert [job["payload"] for job in jobs] == [{"kind": kind, "file": file} for kind in ("customers", "products")]
    again = (await ask(rob, IMPORT, input={"kind": "PRODUCTS", "fileId": file}))["job"]
    assert again["id"] == jobs[1]["id"] != jobs[0]["id"]


async def test_an_import_that_another_started_is_said_to_run(ada: Graph, rob: Graph) -> None:
    file = await upload(rob)
    given = {"kind": "CUSTOMERS", "fileId": file}
    assert (await ask(ada, IMPORT, input=given))["job"]
    (error,) = (await ask(rob, IMPORT, input=given))["userErrors"]
    assert (error["field"], error["code"]) == (["input", "fileId"], "ALREADY_RUNNING")


START = """mutation ($input: JobStartInput!, $key: String) { jobStart(input: $input, idempotencyKey: $key) {
  job { id state kind payload runAt priority requestedBy { id } } userErrors { field message code } } }"""
CANCEL = "mutation ($id: ID!) { jobCancel(id: $id) { job { id state } userErrors { field code } } }"
RETRY = "mutation ($id: ID!) { jobRetry(id: $id) { job { id state replays } userErrors { field code } } }"
REPLAY = "mutation ($input: JobsReplayInput!) { jobsReplay(input: $input) { replayedCount userErrors { field code } } }"
QUEUES = """{ queues { nodes { id name isPaused reason kinds depth scheduledCount blockedCount runningCount deadCount
  oldestAgeSeconds endedPerMinute } } }"""
PAUSE = """mutation ($id: ID!) { queuePause(id: $id, input: {reason: "a trial"}) {
  jobQueue { id isPaused reason } userErrors { field code } } }"""
RESUME = "mutation ($id: ID!) { queueResume(id: $id) { jobQueue { isPaused reason } userErrors { field code } } }"


@pytest.fixture
async def kinds(ada: Graph) -> None:
    """A worker has told of three kinds, of which everybody may start one, administrators another, and nobody the last."""
    schema = {"type": "object", "properties": {"days": {"type": "integer"}}, "additionalProperties": False}
    told = [
        ToldKind(Policy(f"test.{who}", queue="reports", versions=(1, 2)), "A test.", schema, MayStart(who))
        for who in MayStart
    ]
    await tell_kinds(told, NOW)


@pytest.mark.usefixtures("kinds")
class TestStarting:
    async def test_people_start_what_they_may(self, rob: Graph) -> None:
        given = {"kind": "test.everybody", "payload": {"days": 3}, "runAt": "2199-01-01T00:00:00Z", "priority": 5}
        job = (await ask(rob, START, input=given))["job"]
        assert (job["payload"], job["state"], job["priority"]) == ({"days": 3}, "SCHEDULED", 5)
        assert (await Job.get()).payload_version == 2

    async def test_the_same_work_is_not_started_twice(self, ada: Graph, rob: Graph) -> None:
        given = {"kind": "test.everybody", "payload": {"days": 3}}
        job = (await ask(rob, START, input=given))["job"]
        assert (await ask(rob, START, input=given))["job"]["id"] == job["id"]
        assert (await ask(rob, START, input=given | {"payload": {"days": 4}}))["job"]["id"] != job["id"]
        assert (await ask(ada, START, input=given))["job"]["id"] == job["id"]

    async def test_a_key_sent_again_starts_nothing(self, rob: Graph) -> None:
        given = {"kind": "test.everybody"}
        job = (await ask(rob, START, input=given, key="a"))["job"]
        await Job.all().update(state=JobState.SUCCEEDED)
        again = (await ask(rob, START, input=given, key="a"))["job"]
        assert (again["id"], again["state"]) == (job["id"], "SUCCEEDED")

    @pytest.mark.parametrize(
        ("kind", "who", "code"),
        [
            ("test.nobody", "ada", "FORBIDDEN"),
            ("test.administrators", "rob", "FORBIDDEN"),
            ("test.unheard", "ada", "INVALID"),
        ],
    )
    async def test_others_are_refused(self, ada: Graph, rob: Graph, kind: str, who: str, code: str) -> None:
        (error,) = (await ask({"ada": ada, "rob": rob}[who], START, input={"kind": kind}))["userErrors"]
        assert error["code"] == code
        assert not await Job.exists()

    async def test_the_kinds_are_listed_with_what_they_are_given(self, rob: Graph) -> None:
        query = "{ jobKinds { nodes { name queue mayStart payloadVersion payloadSchema maxAttempts } } }"
        kinds = (await rob.ask(query))["jobKinds"]["nodes"]
        assert [(kind["name"], kind["mayStart"]) for kind in kinds] == [
            (f"test.{who}", who.upper()) for who in sorted(MayStart)
        ]
        assert kinds[0]["payloadSchema"]["properties"] == {"days": {"type": "integer"}}


@pytest.mark.usefixtures("kinds")
class TestStoppingAndRepeating:
    async def test_ones_own_is_called_off_and_run_again(self, rob: Graph) -> None:
        job = (await ask(rob, START, input={"kind": "test.everybody"}))["job"]
        assert (await ask(rob, CANCEL, id=job["id"]))["job"]["state"] == "CANCELLED"
        assert (await ask(rob, CANCEL, id=job["id"]))["job"]["state"] == "CANCELLED"
        assert (await ask(rob, RETRY, id=job["id"]))["job"] == {"id": job["id"], "state": "QUEUED", "replays": 1}
        assert (await ask(rob, RETRY, id=job["id"]))["job"]["replays"] == 1

    async def test_those_of_others_are_not_to_be_found(self, ada: Graph, rob: Graph) -> None:
        job = (await ask(ada, START, input={"kind": "test.everybody"}))["job"]
        for query in (CANCEL, RETRY):
            assert (await ask(rob, query, id=job["id"]))["userErrors"] == [{"field": ["id"], "code": "NOT_FOUND"}]

    async def test_the_dead_run_again(self, ada: Graph, rob: Graph) -> None:
        for days in range(3):
            await ask(ada, START, input={"kind": "test.everybody", "payload": {"days": days}})
        await Job.all().update(state=JobState.DEAD, error="no answer", finished_at=NOW)
        assert (await rob.ask(REPLAY, input={}))["jobsReplay"]["userErrors"][0]["code"] == "FORBIDDEN"
        assert (await ada.ask(REPLAY, input={"errorContains": "other"}))["jobsReplay"]["replayedCount"] == 0
        assert (await ada.ask(REPLAY, input={"atMost": 2}))["jobsReplay"]["replayedCount"] == 2
        assert await Job.filter(state=JobState.QUEUED).count() == 2


@pytest.mark.usefixtures("kinds")
class TestQueues:
    async def test_what_stands_in_them_takes_one_statement(self, ada: Graph) -> None:
        for days in range(5):
            await ask(ada, START, input={"kind": "test.everybody", "payload": {"days": days}})
        states = (JobState.SCHEDULED, JobState.RUNNING, JobState.DEAD, JobState.SUCCEEDED)
        for job, state in zip(await Job.all(), states, strict=False):
            ended = system_clock() if state in (JobState.DEAD, JobState.SUCCEEDED) else None
            await Job.filter(id=job.id).update(state=state, finished_at=ended)
        with ada.counting() as seen:
            (queue,) = (await ada.ask(QUEUES))["queues"]["nodes"]
        assert len(seen) == 1
        assert queue.pop("oldestAgeSeconds") >= 0
        queue.pop("id")
        assert queue == {
            "name": "reports", "isPaused": False, "reason": None, "kinds": [f"test.{who}" for who in sorted(MayStart)],
            "depth": 1, "scheduledCount": 1, "blockedCount": 0, "runningCount": 1, "deadCount": 1, "endedPerMinute": 0.4,
        }  # fmt: skip
        await Job.filter(state=JobState.QUEUED).delete()  # an age is another one when it is asked for again

    async def test_they_rest_and_go_on(self, ada: Graph) -> None:
        (queue,) = (await ada.ask(QUEUES))["queues"]["nodes"]
        rests = (await ada.ask(PAUSE, id=queue["id"]))["queuePause"]["jobQueue"]
        assert rests == {"id": queue["id"], "isPaused": True, "reason": "a trial"}
        goes_on = (await ada.ask(RESUME, id=queue["id"]))["queueResume"]["jobQueue"]
        assert goes_on == {"isPaused": False, "reason": None}

    async def test_only_administrators_see_and_stop_them(self, ada: Graph, rob: Graph) -> None:
        (queue,) = (await ada.ask(QUEUES))["queues"]["nodes"]
        assert await rob.code(QUEUES) == "FORBIDDEN"
        for query in (PAUSE, RESUME):
            assert await rob.code(query, id=queue["id"]) == "FORBIDDEN"
