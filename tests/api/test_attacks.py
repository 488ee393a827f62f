"""What somebody tries who means harm, each with the code that they get for it; see docs/security.md."""

import statistics
import time
from typing import Any

import pytest
from scipy.stats import mannwhitneyu
from websockets.exceptions import InvalidStatus

from domain.access.models import Session, User
from domain.access.queries import roles_named
from domain.access.users import create_user
from domain.customers.models import Customer
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from runtime.redis import redis_client
from tests.graph import NOW, Graph, token_for
from tests.live import Live
from tests.people import PASSWORD

pytestmark = pytest.mark.anyio
LOGIN = "mutation ($email: String!, $password: String!) { login(input: {email: $email, password: $password}) { token userErrors { code } } }"


@pytest.fixture
async def seller(graph: Graph) -> Graph:
    """Somebody signed in with the built-in role of those who sell."""
    user = await create_user(
        "sue@example.org", "Sue", roles=await roles_named("sales representative"), by=SYSTEM, at=NOW
    )
    return Graph(graph.http, await token_for(user), graph.asked, graph.roads)


@pytest.mark.parametrize(
    "chosen",
    [
        {
            "login_failures_per_email_and_address": 1000,
            "login_failures_per_email": 1000,
            "login_failures_per_address": 100_000,
        }
    ],
)
async def test_who_exists_is_not_told_by_the_time_it_takes(graph: Graph, representative: User, redis_url: str) -> None:
    """In turns, so that both meet the same machine: nothing tells their times apart, and a rank test would at 1 in 1,000."""
    times: dict[str, list[float]] = {"rob@example.org": [], "nobody@example.org": []}
    for turn in range(50):
        for email in sorted(times, reverse=bool(turn % 2)):
            began = time.perf_counter()
            assert (await graph.ask(LOGIN, email=email, password="wrong wrong wrong"))["login"]["token"] is None
            times[email].append(time.perf_counter() - began)
    client = redis_client(redis_url)
    await client.flushall()  # what failed here is not to count elsewhere
    await client.aclose()
    known, unknown = times.values()
    close = abs(statistics.median(known) / statistics.median(unknown) - 1) < 0.05
    assert close or mannwhitneyu(known, unknown).pvalue > 0.001


async def test_passwords_are_not_tried_by_the_dozen_in_one_document(graph: Graph, representative: User) -> None:
    logins = " ".join(
        f'l{n}: login(input: {{email: "rob@example.org", password: "{n}"}}) {{ token }}' for n in range(50)
    )
    assert await graph.code(f"mutation {{ {logins} }}") == "ONLY_ONCE"
    response = await graph.post([{"query": "{ viewer { id } }"}] * 5)
    assert response.status_code == 400
    assert await Event.filter(topic="access.user.login_failed").count() == 0


async def test_nobody_chooses_the_session_that_they_get(graph: Graph, rob: Graph, representative: User) -> None:
    """Session fixation: whoever signs in, signed in or not, with whatever ids, gets a session of its own."""
    before = {session.id for session in await Session.all()}
    payload = await rob.ask(LOGIN, email="rob@example.org", password=PASSWORD)
    made = {session.id for session in await Session.all()} - before
    assert len(made) == 1
    assert payload["login"]["token"] != rob.token


@pytest.mark.parametrize(
    "extra",
    ["isActive: true", "roleIds: []", 'passwordHash: "x"', "version: 9", 'id: "usr_1"', "isAdministrator: true"],
)
async def test_what_is_not_offered_cannot_be_set(seller: Graph, extra: str) -> None:
    query = f'mutation {{ customerCreate(input: {{kind: PERSON, name: "K", {extra}}}) {{ customer {{ id }} }} }}'
    assert await seller.code(query) == "GRAPHQL_VALIDATION_FAILED"
    assert await Customer.all().count() == 0


async def test_nobody_makes_others_own_what_they_write(seller: Graph, representative: User) -> None:
    query = """mutation ($owner: ID) { customerCreate(input: {kind: PERSON, name: "K", ownerId: $owner}) {
      userErrors { field code } } }"""
    for owner in (public_id("usr", representative.id), None):
        refused = (await seller.ask(query, owner=owner))["customerCreate"]["userErrors"]
        assert refused == [{"field": ["input", "ownerId"], "code": "FORBIDDEN"}]
    assert await Customer.all().count() == 0


async def test_nobody_gives_themselves_more(ada: Graph, graph: Graph) -> None:
    """Whoever may let people in, and is no administrator, makes none, nor touches one."""
    create = """mutation { roleCreate(input: {name: "doorkeeper", description: "Lets people in.", grants: [
      {permission: ACCESS_WRITE, reach: ALL}, {permission: ACCESS_READ, reach: ALL}]}) { role { id } userErrors { code } } }"""
    role = (await ada.ask(create))["roleCreate"]["role"]["id"]
    user = await create_user("dan@example.org", "Dan", by=SYSTEM, at=NOW)
    set_roles = """mutation ($id: ID!, $roles: [ID!]!) { userSetRoles(id: $id, input: {roleIds: $roles}) {
      userErrors { field code } } }"""
    me = public_id("usr", user.id)
    assert (await ada.ask(set_roles, id=me, roles=[role]))["userSetRoles"]["userErrors"] == []
    dan = Graph(graph.http, await token_for(user))
    (administrator,) = await roles_named("administrator")
    refused = {"field": ["input", "roleIds"], "code": "FORBIDDEN"}
    given = [role, public_id("rol", administrator)]
    assert (await dan.ask(set_roles, id=me, roles=given))["userSetRoles"]["userErrors"] == [refused]
    more = create.replace("doorkeeper", "more").replace("ACCESS_READ", "LEADS_READ")
    assert (await dan.ask(more))["roleCreate"]["userErrors"] == [{"code": "FORBIDDEN"}]
    ada_id = (await ada.ask("{ viewer { id } }"))["viewer"]["id"]
    for query in (
        set_roles.replace(", $roles: [ID!]!", "").replace("$roles", "[]"),
        'mutation ($id: ID!) { userUpdate(id: $id, input: {email: "dan2@example.org"}) { userErrors { field code } } }',
        "mutation ($id: ID!) { userDeactivate(id: $id, input: {}) { userErrors { field code } } }",
    ):
        (payload,) = (await dan.ask(query, id=ada_id)).values()
        assert payload["userErrors"] == [{"field": ["id"], "code": "FORBIDDEN"}]


async def test_the_last_administrator_stays(ada: Graph, administrator: User) -> None:
    id = public_id("usr", administrator.id)
    for query in (
        "mutation ($id: ID!) { userSetRoles(id: $id, input: {roleIds: []}) { userErrors { code } } }",
        "mutation ($id: ID!) { userDeactivate(id: $id, input: {}) { userErrors { code } } }",
    ):
        (payload,) = (await ada.ask(query, id=id)).values()
        assert payload["userErrors"] == [{"code": "CONFLICT"}]
    assert await ada.ask("{ viewer { isActive } }") == {"viewer": {"isActive": True}}


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b", "a;b=c", "über-request", "<script>"])
async def test_a_request_id_that_is_none_is_not_taken_over(ada: Graph, given: str) -> None:
    query = 'mutation { customerCreate(input: {kind: PERSON, name: "K"}) { customer { id } } }'
    response = await ada.http.post(
        "/graphql",
        json={"query": query},
        headers={"authorization": f"Bearer {ada.token}".encode(), "x-request-id": given.encode()},
    )
    assert response.status_code == 200
    event = await Event.filter(topic="customers.customer.created").first()
    assert event is not None
    assert len(event.origin["request"]) == 32
    assert not [value for value in response.headers.values() if given in value]


async def test_a_record_out_of_reach_is_answered_like_one_that_is_not_there(seller: Graph) -> None:
    other = await Customer.create(kind="person", name="Secret", **{"created_at": NOW, "updated_at": NOW})
    there, not_there = public_id("cus", other.id), public_id("cus", public_id_of_nothing())
    update = 'mutation ($id: ID!) { customerUpdate(id: $id, input: {name: "x"}) { customer { id } userErrors { field code message } } }'
    read = "query ($id: ID!) { node(id: $id) { id } customer(id: $id) { name } nodes(ids: [$id]) { id } }"
    for query in (update, read):
        assert await seller.ask(query, id=there) == await seller.ask(query, id=not_there)


def public_id_of_nothing() -> Any:
    from uuid import uuid4

    return uuid4()


@pytest.mark.parametrize("chosen", [{"allowed_origins": "https://app.example, https://other.example:8443"}])
async def test_pages_of_named_origins_and_no_others_may_read_our_answers(graph: Graph) -> None:
    for origin, allowed in (
        ("https://app.example", True),
        ("https://app.example.evil.example", False),
        ("null", False),
    ):
        asked = {
            "origin": origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization",
        }
        response = await graph.http.options("/graphql", headers=asked)
        assert (response.headers.get("access-control-allow-origin") == origin) is allowed
        assert "access-control-allow-credentials" not in response.headers
        simple = await graph.http.post("/graphql", json={"query": "{ __typename }"}, headers={"origin": origin})
        assert (simple.headers.get("access-control-allow-origin") == origin) is allowed


@pytest.mark.parametrize("chosen", [{"allowed_origins": "https://app.example"}])
async def test_nor_open_sockets(live: Live) -> None:
    for origin in (f"http://127.0.0.1:{live.port}", "https://app.example"):
        async with live.socket(origin=origin) as socket:
            assert await socket.is_silent()
    for origin in ("https://evil.example", "null", "https://app.example.evil.example"):
        with pytest.raises(InvalidStatus, match="403"):
            async with live.socket(origin=origin):
                pass
