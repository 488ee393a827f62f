"""API keys: for programs, for some of what their user may do, shown once, expiring, revocable."""

from datetime import timedelta
from typing import Any

import pytest

from domain.access.models import ApiKey, SecondFactor, Session, User
from domain.customers.models import Customer
from domain.kernel.clock import system_clock
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from tests.graph import Graph, session_of
from tests.people import PASSWORD, a_colleague

pytestmark = pytest.mark.anyio
CREATE = """mutation ($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) {
  key apiKey { id name start permissions lastUsedAt revokedAt user { name } } userErrors { field code message } } }"""
TAKE_IN = """mutation { customerCreate(input: {kind: PERSON, name: "Kim"}) { customer { id } userErrors { code } } }"""


def given(*permissions: str, days: int = 30, **more: Any) -> dict[str, Any]:
    ends = (system_clock() + timedelta(days=days)).isoformat()
    return {"name": "sync", "permissions": list(permissions), "expiresAt": ends, **more}


async def made(graph: Graph, *permissions: str, **more: Any) -> dict[str, Any]:
    payload: dict[str, Any] = (await graph.ask(CREATE, input=given(*permissions, **more)))["apiKeyCreate"]
    return payload


async def test_a_key_does_what_it_is_for_and_no_more(rob: Graph) -> None:
    payload = await made(rob, "CUSTOMERS_READ")
    assert payload["userErrors"] == []
    assert payload["apiKey"]["permissions"] == ["CUSTOMERS_READ"]
    assert payload["key"].startswith(payload["apiKey"]["start"])
    program = Graph(rob.http, payload["key"])
    assert await program.ask("{ viewer { name } customers { nodes { id } } }") == {
        "viewer": {"name": "Rob"},
        "customers": {"nodes": []},
    }
    assert await program.code("{ leads { nodes { id } } }") == "FORBIDDEN"
    answer = await program.ask('mutation { customerCreate(input: {kind: PERSON, name: "K"}) { userErrors { code } } }')
    assert answer["customerCreate"]["userErrors"] == [{"code": "FORBIDDEN"}]
    assert await Customer.all().count() == 0
    (seen,) = (await rob.ask("{ apiKeys { nodes { lastUsedAt } } }"))["apiKeys"]["nodes"]
    assert seen["lastUsedAt"] is not None


async def test_the_key_itself_is_nowhere_in_the_database(rob: Graph) -> None:
    key = (await made(rob, "CUSTOMERS_READ"))["key"]
    secret = key.split("_", 2)[2]  # which may have underscores of its own
    kept = await ApiKey.all().first()
    assert kept is not None
    assert secret not in f"{kept.digest} {kept.start} {kept.name}"
    assert not [event for event in await Event.all() if secret in str(event.data)]


async def test_what_is_done_by_a_key_is_on_record_as_that(rob: Graph) -> None:
    payload = await made(rob, "CUSTOMERS_READ", "CUSTOMERS_WRITE")
    assert (await Graph(rob.http, payload["key"]).ask(TAKE_IN))["customerCreate"]["userErrors"] == []
    event = await Event.filter(topic="customers.customer.created").first()
    assert event is not None
    assert event.origin["key"].replace("-", "") == payload["apiKey"]["id"].removeprefix("key_")
    assert "session" not in event.origin


async def test_a_key_loses_what_its_user_loses(ada: Graph, rob: Graph, representative: User) -> None:
    key = (await made(rob, "CUSTOMERS_READ"))["key"]
    await ada.ask(
        "mutation ($id: ID!) { userSetRoles(id: $id, input: {roleIds: []}) { userErrors { code } } }",
        id=public_id("usr", representative.id),
    )
    assert await Graph(rob.http, key).code("{ customers { nodes { id } } }") == "FORBIDDEN"


async def test_a_revoked_and_an_expired_key_are_refused(rob: Graph) -> None:
    revoked, expired = await made(rob, "CUSTOMERS_READ"), await made(rob, "CUSTOMERS_READ")
    revoke = "mutation ($id: ID!) { apiKeyRevoke(id: $id) { apiKey { revokedAt } userErrors { code } } }"
    assert (await rob.ask(revoke, id=revoked["apiKey"]["id"]))["apiKeyRevoke"]["apiKey"]["revokedAt"]
    await ApiKey.filter(revoked_at=None).update(expires_at=system_clock())
    for payload in (revoked, expired):
        assert await Graph(rob.http, payload["key"]).code("{ viewer { id } }") == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    "key",
    [
        "slk_",
        "slk__",
        "slk_x_y",
        f"slk_{'0' * 32}_x",
        f"slk_{'0' * 31}_x",
        "slk_\x00_x",
        f"slk_{'f' * 32}_{'y' * 5000}",
    ],
)
async def test_what_is_no_key_is_refused(graph: Graph, key: str) -> None:
    response = await Graph(graph.http, key.replace("\x00", "0")).post({"query": "{ viewer { id } }"})
    assert response.status_code == 401


async def test_the_secret_of_another_key_does_not_fit(rob: Graph) -> None:
    one, other = await made(rob, "CUSTOMERS_READ"), await made(rob, "CUSTOMERS_WRITE")
    mixed = f"{one['key'].rpartition('_')[0]}_{other['key'].rpartition('_')[2]}"
    if mixed not in (one["key"], other["key"]):
        assert await Graph(rob.http, mixed).code("{ viewer { id } }") == "UNAUTHENTICATED"


async def test_a_key_makes_no_keys(rob: Graph) -> None:
    key = (await made(rob, "CUSTOMERS_READ"))["key"]
    payload = await made(Graph(rob.http, key), "CUSTOMERS_READ")
    assert payload["userErrors"][0]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    "mutation",
    [
        "secondFactorEnroll { secret userErrors { code } }",
        'secondFactorConfirm(input: {code: "000000"}) { recoveryCodes userErrors { code } }',
        'secondFactorRemove(input: {code: "000000"}) { removed userErrors { code } }',
        f'passwordChange(input: {{currentPassword: "{PASSWORD}", password: "another good one"}}) {{ userErrors {{ code }} }}',
        "sessionsRevoke { revokedCount userErrors { code } }",
        "sessionRevoke(id: $id) { session { id } userErrors { code } }",
    ],
)
async def test_a_key_changes_nothing_of_how_its_user_signs_in(rob: Graph, representative: User, mutation: str) -> None:
    """A program that lost its key must not cost its user the account."""
    key, session = (await made(rob, "CUSTOMERS_READ"))["key"], await session_of(representative)
    query = f"mutation {'($id: ID!) ' if '$id' in mutation else ''}{{ {mutation} }}"
    (payload,) = (await Graph(rob.http, key).ask(query, id=public_id("ses", session.id))).values()
    assert payload["userErrors"] == [{"code": "FORBIDDEN"}]
    assert await Session.filter(user=representative, ended_at=None).count() == 2
    assert not await SecondFactor.exists(user=representative)


async def test_only_who_may_do_as_much_makes_keys_for_others(ada: Graph, rob: Graph) -> None:
    other = await a_colleague("vera@example.org", "Vera", None)
    id = public_id("usr", other.id)
    assert (await made(rob, "CUSTOMERS_READ", userId=id))["userErrors"][0]["code"] == "FORBIDDEN"
    payload = await made(ada, "CUSTOMERS_READ", userId=id)
    assert payload["apiKey"]["user"] == {"name": "Vera"}
