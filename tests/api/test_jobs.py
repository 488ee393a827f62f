"""Asking for jobs through the graph: what is started can be followed, and what cannot be followed is said."""

from typing import Any

import pytest

from domain.jobs.models import Job
from domain.kernel.ids import public_id
from tests.graph import Graph
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
