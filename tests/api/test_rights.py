"""Fields that need a right: refused before anything is read or done, by name, wherever they stand."""

from typing import Any

import pytest

from domain.access.models import User
from domain.jobs.models import Job
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from tests.graph import NOW, Graph
from tests.live import Live

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}

ASKED = {
    "plainly": "{ viewer { name isAdministrator } }",
    "under an alias": "{ viewer { a: isAdministrator } }",
    "in a named fragment": "{ viewer { ...U } } fragment U on User { isAdministrator }",
    "in an inline fragment": "{ viewer { ... { ... on Node { ... on User { isAdministrator } } } } }",
    "on a page": "{ users { nodes { isAdministrator } } }",
    "in edges": "{ users { edges { node { isAdministrator } } } }",
    "below a record": "{ jobs { nodes { requestedBy { isAdministrator } } } }",
    "by id": "query ($id: ID!) { node(id: $id) { id ... on User { isAdministrator } } }",
    "by ids": "query ($id: ID!) { nodes(ids: [$id]) { id ... on User { isAdministrator } } }",
    "beside others": "{ customers { nodes { id } } viewer { isAdministrator } }",
    "beside what Python resolves": "{ rateLimit { cost } viewer { isAdministrator } }",
    "in a filter": "{ users(where: {isAdministrator: {eq: true}}) { nodes { id } } }",
    "in a filter within a filter": "{ users(where: {not: {or: [{isAdministrator: {isNull: true}}]}}) { totalCount { value } } }",
    "in a filter of another entity": "{ jobs(where: {requestedBy: {isAdministrator: {eq: true}}}) { nodes { id } } }",
    "in a variable": "query ($where: UserWhere) { users(where: $where) { nodes { id } } }",
    "in an order": "{ users(orderBy: [{field: NAME}, {field: IS_ADMINISTRATOR}]) { nodes { id } } }",
    "in an order by a variable": "query ($order: [UserOrderBy!]) { users(orderBy: $order) { nodes { id } } }",
    "in the filter of an aggregate": "{ usersAggregate(where: {isAdministrator: {eq: true}}) { count } }",
    "in groups": "{ usersAggregate { groups(by: {field: IS_ADMINISTRATOR}) { count } } }",
    "in groups by a variable": "query ($by: [UserGroupBy!]!) { usersAggregate { groups(by: $by) { count } } }",
    "in the key of groups": "{ jobsAggregate { groups(by: {field: REQUESTED_BY}) { key { requestedBy { isAdministrator } } } } }",
    "where it is included": "query ($yes: Boolean!) { viewer { isAdministrator @include(if: $yes) } }",
}  # fmt: skip
GIVEN: dict[str, Any] = {
    "in a variable": {"where": {"isAdministrator": {"eq": False}}},
    "in an order by a variable": {"order": [{"field": "IS_ADMINISTRATOR"}]},
    "in groups by a variable": {"by": [{"field": "IS_ADMINISTRATOR"}]},
    "where it is included": {"yes": True},
}


@pytest.fixture
async def job(representative: User) -> Job:
    return await Job.create(kind="test", payload={}, run_at=NOW, requested_by=representative, **STAMPS)


async def refused(graph: Graph, query: str, **variables: Any) -> None:
    """No SQL is run, no data come, and the one error says which field it is, and which permission is wanting."""
    with graph.counting() as statements:
        answer = await graph.answer(query, **variables)
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "FORBIDDEN", "field": "User.isAdministrator", "needs": "ACCESS_READ"}
    assert "`User.isAdministrator` needs the permission ACCESS_READ" in error["message"]
    assert "data" not in answer
    assert statements == []


@pytest.mark.parametrize("way", ASKED)
async def test_without_the_right_the_operation_is_refused(
    ada: Graph, rob: Graph, job: Job, representative: User, way: str
) -> None:
    given = GIVEN.get(way, {"id": public_id("usr", representative.id)} if "$id" in ASKED[way] else {})
    await rob.ask("{ viewer { id } }")  # who they are is known from here on
    for _ in range(2):
        await refused(rob, ASKED[way], **given)
        await ada.ask(ASKED[way], **given)  # whose plan is no road for others


async def test_http_says_forbidden_to_those_who_listen(rob: Graph) -> None:
    body = {"query": "{ viewer { isAdministrator } }"}
    assert (await rob.post(body, accept="application/graphql-response+json")).status_code == 403
    assert (await rob.post(body)).status_code == 200


async def test_what_is_not_executed_is_not_refused(rob: Graph, representative: User) -> None:
    query = """query ($no: Boolean!, $id: ID!) { viewer { name isAdministrator @include(if: $no) ...U @include(if: $no)
      ... @skip(if: true) { isAdministrator } } node(id: $id) { id ... on User { isAdministrator } } }
      fragment U on User { isAdministrator }"""
    data = await rob.ask(query, no=False, id="cus_0190163d8694739b820155c4ba6b3d05")
    assert data == {"viewer": {"name": "Rob"}, "node": None}


async def test_the_payload_of_a_mutation_is_refused_before_anything_is_done(ada: Graph, rob: Graph) -> None:
    mutation = "mutation { feedbackAggregate { job { requestedBy { isAdministrator } } userErrors { code } } }"
    await rob.ask("{ viewer { id } }")
    events = await Event.all().count()
    await refused(rob, mutation)
    assert (await Job.all().count(), await Event.all().count()) == (0, events)
    data = await ada.ask(mutation)
    assert data["feedbackAggregate"]["job"] == {"requestedBy": {"isAdministrator": True}}


async def test_a_subscription_is_refused_before_it_begins(live: Live, vera: User) -> None:
    job = await Job.create(kind="test", payload={}, run_at=NOW, requested_by=vera, **STAMPS)
    query = "subscription ($id: ID!) { jobProgress(id: $id) { state requestedBy { isAdministrator } } }"
    async with live.socket() as socket:
        await socket.subscribe(query, id=public_id("job", job.id))
        assert await socket.code() == "FORBIDDEN"


async def test_strangers_are_told_to_sign_in(graph: Graph) -> None:
    for query in (
        "{ viewer { isAdministrator } }",
        "mutation { feedbackAggregate { job { requestedBy { isAdministrator } } } }",
    ):
        assert await graph.code(query) == "UNAUTHENTICATED"
