"""Single sign-on with a real, certified provider: people who were invited come in, and everybody else stays out."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.asgi import application
from domain.access.models import Identity, Session, SpentState, User
from domain.access.users import create_user, deactivate_user
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from runtime.redis import redis_client
from runtime.settings import Settings
from tests.graph import NOW, PEM, Graph, token_for
from tests.people import an_administrator
from tests.provider import APP, BACK, CLIENT, SECRET, RealProvider, real_provider

pytestmark = pytest.mark.anyio
BEGIN = """mutation ($input: SsoBeginInput!) { ssoBegin(input: $input) {
  authorizationUrl state verifier expiresAt userErrors { field message code } } }"""
COMPLETE = """mutation ($input: SsoCompleteInput!) { ssoComplete(input: $input) {
  token expiresAt refreshToken refreshExpiresAt userErrors { field message code } } }"""
METHODS = "{ signInMethods { password sso { name } } }"
UNLINK = "mutation ($id: ID!) { userUnlink(id: $id) { user { email } userErrors { code } } }"


@pytest.fixture(scope="module")
def provider() -> Iterator[RealProvider]:
    with real_provider() as running:
        yield running


@pytest.fixture(autouse=True)
async def _nobody_failed(redis_url: str) -> None:
    async with redis_client(redis_url) as redis:
        for key in [key async for key in redis.scan_iter("salesloop:{login}:*")]:
            await redis.delete(key)


@pytest.fixture
def chosen(provider: RealProvider) -> dict[str, Any]:
    return {
        "environment": "production",
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_redirect_uris": f"{BACK}, {APP}",
        "oidc_name": "Example login",
    }


@pytest.fixture
async def rob(graph: Graph, provider: RealProvider) -> User:
    """Somebody who was invited, and has no password; the provider knows them, too."""
    provider.know("r-17", email="Rob@Example.org", email_verified=True, name="Robert")
    return await create_user("rob@example.org", "Rob", by=SYSTEM, at=NOW)


async def begun(graph: Graph, back: str = BACK) -> dict[str, Any]:
    payload: dict[str, Any] = (await graph.ask(BEGIN, input={"redirectUri": back}))["ssoBegin"]
    assert payload["userErrors"] == []
    return payload


async def completed(graph: Graph, begin: dict[str, Any], back: dict[str, str], **more: Any) -> dict[str, Any]:
    given = {**back, "verifier": begin["verifier"], **more}
    payload: dict[str, Any] = (await graph.ask(COMPLETE, input=given))["ssoComplete"]
    return payload


async def signed_in(graph: Graph, provider: RealProvider, subject: str = "r-17", back: str = BACK) -> dict[str, Any]:
    begin = await begun(graph, back)
    return await completed(graph, begin, await provider.sign_in(begin["authorizationUrl"], subject))


async def refused(payload: dict[str, Any]) -> dict[str, Any]:
    """The one error of a payload that gives nothing; nobody is signed in."""
    assert payload["token"] is payload["refreshToken"] is None
    assert await Session.all().count() == 0
    (error,) = payload["userErrors"]
    found: dict[str, Any] = error
    return found


@asynccontextmanager
async def another(
    database_url: str, redis_url: str, home: Path, chosen: dict[str, Any], moved: timedelta = timedelta()
) -> AsyncIterator[Graph]:
    """A client of another process of the API, whose clock may be another, too."""
    settings = Settings(home=home, database_url=database_url, redis_url=redis_url, token_key=PEM, **chosen)

    def clock() -> datetime:
        return system_clock() + moved

    app = application(settings, clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
            yield Graph(http)


async def test_strangers_learn_by_what_they_can_sign_in(graph: Graph) -> None:
    assert await graph.ask(METHODS) == {"signInMethods": {"password": True, "sso": {"name": "Example login"}}}


@pytest.mark.parametrize("chosen", [{}])
async def test_without_a_provider_nobody_can(graph: Graph) -> None:
    assert await graph.ask(METHODS) == {"signInMethods": {"password": True, "sso": None}}
    payload = (await graph.ask(BEGIN, input={"redirectUri": BACK}))["ssoBegin"]
    assert payload["userErrors"][0]["code"] == "CONFLICT"
    given = {"state": "s", "code": "c", "verifier": "v"}
    assert (await graph.ask(COMPLETE, input=given))["ssoComplete"]["userErrors"][0]["code"] == "CONFLICT"


async def test_who_was_invited_comes_in(graph: Graph, provider: RealProvider, rob: User) -> None:
    begin = await begun(graph)
    assert "S256" in begin["authorizationUrl"]
    assert begin["verifier"] not in begin["authorizationUrl"]
    back = await provider.sign_in(begin["authorizationUrl"], "r-17")
    assert back["iss"] == provider.issuer
    payload = await completed(graph, begin, back, device="a telephone")
    assert payload["userErrors"] == []
    client = Graph(graph.http, payload["token"])
    assert await client.ask("{ viewer { name email } }") == {"viewer": {"name": "Rob", "email": "rob@example.org"}}
    (session,) = (await client.ask("{ sessions { nodes { device } } }"))["sessions"]["nodes"]
    assert session == {"device": "a telephone"}
    renew = "mutation ($token: String!) { sessionRenew(input: {refreshToken: $token}) { token userErrors { code } } }"
    assert (await client.ask(renew, token=payload["refreshToken"]))["sessionRenew"]["token"]
    (began,) = await Event.filter(topic="access.session.began")
    assert (began.data["way"], began.actor_id, began.origin["address"]) == ("sso", rob.id, "127.0.0.1")
    (linked,) = await Event.filter(topic="access.identity.linked")
    assert (linked.data["issuer"], linked.data["subject"]) == (provider.issuer, "r-17")


async def test_the_provider_s_name_for_somebody_counts_from_then_on(
    graph: Graph, provider: RealProvider, rob: User
) -> None:
    assert (await signed_in(graph, provider))["token"]
    other = await create_user("other@example.org", "Other", by=SYSTEM, at=NOW)
    provider.know("r-17", email="other@example.org", email_verified=False)
    payload = await signed_in(graph, provider)
    assert await Graph(graph.http, payload["token"]).ask("{ viewer { name } }") == {"viewer": {"name": "Rob"}}
    assert await Identity.filter(user_id=other.id).count() == 0


async def test_an_address_that_came_to_somebody_else_leads_nowhere(
    ada: Graph, graph: Graph, provider: RealProvider, rob: User
) -> None:
    """A colleague leaves, and a newcomer gets the same address at the provider."""
    assert (await signed_in(graph, provider))["token"]
    provider.know("r-99", email="rob@example.org", email_verified=True)
    payload = await signed_in(graph, provider, "r-99")
    assert payload["token"] is None
    assert payload["userErrors"][0]["code"] == "UNAUTHENTICATED"
    assert "part" in payload["userErrors"][0]["message"]
    found = await ada.ask(UNLINK, id=public_id("usr", rob.id))
    assert found == {"userUnlink": {"user": {"email": "rob@example.org"}, "userErrors": []}}
    assert await Session.filter(user_id=rob.id, ended_at=None).count() == 0
    assert await Event.filter(topic="access.user.unlinked", subject_id=rob.id).count() == 1
    assert (await signed_in(graph, provider, "r-99"))["token"]
    await ada.ask(UNLINK, id=public_id("usr", rob.id))
    await ada.ask(UNLINK, id=public_id("usr", rob.id))
    assert await Event.filter(topic="access.user.unlinked").count() == 2, "there was nothing to part"


async def test_who_is_deactivated_stays_out(graph: Graph, provider: RealProvider, rob: User) -> None:
    assert (await signed_in(graph, provider))["token"]
    await deactivate_user(rob.id, by=SYSTEM, at=NOW)
    payload = await signed_in(graph, provider)
    assert payload["userErrors"][0]["code"] == "UNAUTHENTICATED"
    assert await Session.filter(ended_at=None).count() == 0
    (failed,) = await Event.filter(topic="access.user.login_failed")
    assert (failed.subject_id, failed.data) == (rob.id, {"way": "sso"})


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"email": "rob@example.org", "email_verified": False}, "verified"),
        ({"email": "rob@example.org", "email_verified": "true"}, "verified"),
        ({"email": "rob@example.org"}, "verified"),
        ({}, "verified"),
        ({"email": "nonsense", "email_verified": True}, "verified"),
        ({"email": "stranger@example.org", "email_verified": True}, "ask an administrator"),
    ],
)
async def test_who_is_not_known_stays_out(
    graph: Graph, provider: RealProvider, rob: User, claims: dict[str, Any], word: str
) -> None:
    provider.know("s-1", **claims)
    error = await refused(await signed_in(graph, provider, "s-1"))
    assert (error["code"], word in error["message"]) == ("UNAUTHENTICATED", True), error
    assert await Identity.all().count() == 0
    assert await User.all().count() == 1
    assert await Event.filter(topic="access.user.login_failed", data__contains={"way": "sso"}).count() == 1


NEWCOMERS = {"oidc_new_user_domains": "example.org, Example.com", "oidc_new_user_role": "sales representative"}


async def test_newcomers_of_a_domain_are_taken_in_where_that_is_set(
    graph: Graph, provider: RealProvider, database_url: str, redis_url: str, tmp_path: Path, chosen: dict[str, Any]
) -> None:
    async with another(database_url, redis_url, tmp_path, chosen | NEWCOMERS) as client:
        provider.know("n-1", email="new@EXAMPLE.com", email_verified=True, name="Nora New")
        ends = [await begun(client) for _ in range(2)]
        backs = [await provider.sign_in(each["authorizationUrl"], "n-1") for each in ends]
        both = await asyncio.gather(*(completed(client, *each) for each in zip(ends, backs, strict=True)))
        assert [each["userErrors"] for each in both] == [[], []], "at once they become one"
        asked = "{ viewer { name email roles { nodes { name } } } viewerPermissions { permission } }"
        assert "errors" in await Graph(client.http, both[0]["token"]).answer(asked), "roles are not for everybody"
        found = await Graph(client.http, both[0]["token"]).ask("{ viewer { name email } }")
        assert found == {"viewer": {"name": "Nora New", "email": "new@example.com"}}
        (created,) = await Event.filter(topic="access.user.created")
        assert created.data["roles"] == ["sales representative"]
        for subject, address in (("n-2", "new@evil-example.com"), ("n-3", "new@sub.example.com")):
            provider.know(subject, email=address, email_verified=True)
            assert (await signed_in(client, provider, subject))["userErrors"][0]["code"] == "UNAUTHENTICATED"
        provider.know("n-4", email="nameless@example.org", email_verified=True, name=" \u2800 ")
        assert (await signed_in(client, provider, "n-4"))["token"]
        assert await User.filter(name="nameless@example.org").count() == 1
        assert await User.all().count() == 2


async def test_an_app_has_no_secret(
    graph: Graph,
    provider: RealProvider,
    rob: User,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    chosen: dict[str, Any],
) -> None:
    """It is a public client, with a scheme of its own to come back by; its tokens are signed with an elliptic key."""
    own = chosen | {"oidc_client_id": "app", "oidc_client_secret": None}
    async with another(database_url, redis_url, tmp_path, own) as client:
        assert (await signed_in(client, provider, back=APP))["token"]


async def test_a_provider_changes_its_keys(graph: Graph, provider: RealProvider, rob: User) -> None:
    assert (await signed_in(graph, provider))["token"]
    provider.rotate()
    assert (await signed_in(graph, provider))["token"]


async def test_one_process_begins_and_another_ends(
    graph: Graph,
    provider: RealProvider,
    rob: User,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    chosen: dict[str, Any],
) -> None:
    begin = await begun(graph)
    back = await provider.sign_in(begin["authorizationUrl"], "r-17")
    async with another(database_url, redis_url, tmp_path, chosen) as client:
        assert (await completed(client, begin, back))["token"]
        assert (await completed(client, begin, back))["userErrors"][0]["field"] == ["input", "state"]


async def test_beginning_asks_the_database_nothing_and_ending_little(
    graph: Graph, provider: RealProvider, rob: User
) -> None:
    assert (await signed_in(graph, provider))["token"]
    with graph.counting() as sent:
        begin = await begun(graph)
    assert sent == []
    back = await provider.sign_in(begin["authorizationUrl"], "r-17")
    with graph.counting() as sent:
        assert (await completed(graph, begin, back))["token"]
    assert len(sent) == 11, sent


async def test_a_way_is_gone_once(graph: Graph, provider: RealProvider, rob: User) -> None:
    begin = await begun(graph)
    back = await provider.sign_in(begin["authorizationUrl"], "r-17")
    ends = await asyncio.gather(*(completed(graph, begin, back) for _ in range(4)))
    assert sum(each["token"] is not None for each in ends) == 1
    errors = [error for each in ends for error in each["userErrors"]]
    assert {(error["code"], *error["field"]) for error in errors} == {("UNAUTHENTICATED", "input", "state")}
    assert await Session.all().count() == 1
    assert await SpentState.all().count() == 1


async def test_a_code_is_good_once_and_for_the_way_that_it_was_given_on(
    graph: Graph, provider: RealProvider, rob: User
) -> None:
    """Somebody's stolen code, put into the thief's own way, fails: PKCE binds it to where it was begun."""
    his, hers = await begun(graph), await begun(graph)
    back = await provider.sign_in(his["authorizationUrl"], "r-17")
    error = await refused(await completed(graph, hers, back | {"state": hers["state"]}))
    assert (error["code"], error["field"]) == ("UNAUTHENTICATED", [])
    assert "code" in error["message"]


async def test_nobody_is_made_to_end_what_another_began(graph: Graph, provider: RealProvider, rob: User) -> None:
    """Login CSRF: an attacker's answer is slipped to a victim, whose client has another verifier, or none."""
    attackers, victims = await begun(graph), await begun(graph)
    back = await provider.sign_in(attackers["authorizationUrl"], "r-17")
    for verifier in (victims["verifier"], "", "\x00", "x" * 10_000):
        error = await refused(await completed(graph, attackers, back, verifier=verifier))
        assert (error["code"], error["field"]) == ("UNAUTHENTICATED", ["input", "state"])
    assert (await completed(graph, attackers, back))["token"], "which costs the state nothing"


async def test_states_that_are_none(graph: Graph, provider: RealProvider, rob: User) -> None:
    begin = await begun(graph)
    back = await provider.sign_in(begin["authorizationUrl"], "r-17")
    head, body, signature = begin["state"].split(".")
    session = await token_for(rob)
    await Session.all().delete()
    for state in ("", "x", "\x00", f"{head}.{body}.", f"{head}.{body[::-1]}.{signature}", session):
        error = await refused(await completed(graph, begin, back | {"state": state}))
        assert (error["code"], error["field"]) == ("UNAUTHENTICATED", ["input", "state"])
    assert await Graph(graph.http, begin["state"]).code("{ viewer { id } }") == "UNAUTHENTICATED"


async def test_a_state_expires(
    graph: Graph,
    provider: RealProvider,
    rob: User,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    chosen: dict[str, Any],
) -> None:
    begin = await begun(graph)
    back = await provider.sign_in(begin["authorizationUrl"], "r-17")
    async with another(database_url, redis_url, tmp_path, chosen, timedelta(minutes=11)) as later:
        error = await refused(await completed(later, begin, back))
        assert (error["code"], error["field"]) == ("UNAUTHENTICATED", ["input", "state"])


async def test_states_that_came_back_are_swept_up_when_they_would_have_expired(
    graph: Graph,
    provider: RealProvider,
    rob: User,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    chosen: dict[str, Any],
) -> None:
    for _ in range(3):
        assert (await signed_in(graph, provider))["token"]
    assert await SpentState.all().count() == 3
    async with another(database_url, redis_url, tmp_path, chosen, timedelta(minutes=11)) as later:
        assert (await signed_in(later, provider))["token"]
        assert await SpentState.all().count() == 1


async def test_an_answer_of_another_issuer(graph: Graph, provider: RealProvider, rob: User) -> None:
    """RFC 9207: the mix-up of two providers; this one says that it always names itself."""
    for issuer in ("https://evil.example", None):
        begin = await begun(graph)
        back = await provider.sign_in(begin["authorizationUrl"], "r-17")
        error = await refused(await completed(graph, begin, back, iss=issuer))
        assert "issuer" in error["message"]


async def test_addresses_to_come_back_to_are_exact(graph: Graph) -> None:
    for other in ("https://evil.example/back", BACK + "/", BACK + "?x=1", BACK.upper(), "", f"{BACK}, {APP}"):
        payload = (await graph.ask(BEGIN, input={"redirectUri": other}))["ssoBegin"]
        assert payload["authorizationUrl"] is payload["state"] is payload["verifier"] is None
        (error,) = payload["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID", ["input", "redirectUri"])
        assert error["message"].startswith("redirectUri must be one of ")


async def test_a_device_that_has_no_name_costs_nothing(graph: Graph, provider: RealProvider, rob: User) -> None:
    begin = await begun(graph)
    back = await provider.sign_in(begin["authorizationUrl"], "r-17")
    error = await refused(await completed(graph, begin, back, device="x" * 201))
    assert (error["code"], error["field"]) == ("INVALID", ["input", "device"])
    assert (await completed(graph, begin, back))["token"]


@pytest.mark.parametrize("field", ["ssoBegin", "ssoComplete"])
async def test_they_stand_once_in_an_operation(graph: Graph, field: str) -> None:
    given = 'redirectUri: "x"' if field == "ssoBegin" else 'state: "x", code: "x", verifier: "x"'
    one, other = (f"{key}: {field}(input: {{{given}}}) {{ userErrors {{ code }} }}" for key in "ab")
    assert await graph.code(f"mutation {{ {one} {other} }}") == "ONLY_ONCE"


async def test_who_tries_too_often_waits(
    graph: Graph,
    provider: RealProvider,
    rob: User,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    chosen: dict[str, Any],
) -> None:
    few = chosen | {"login_failures_per_address": 4}
    async with another(database_url, redis_url, tmp_path, few) as client:
        for _ in range(3):
            assert (await signed_in(client, provider))["token"], "whoever comes in has tried nothing"
        wrong = {"state": "x", "code": "x", "verifier": "x"}
        for _ in range(4):
            assert (await client.ask(COMPLETE, input=wrong))["ssoComplete"]["token"] is None
        for query, given in ((COMPLETE, wrong), (BEGIN, {"redirectUri": BACK})):
            (error,) = (await client.answer(query, input=given))["errors"]
            assert error["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
            assert error["extensions"]["retryAfter"] > 0


async def test_a_wrong_secret_is_ours_to_mend(
    graph: Graph,
    provider: RealProvider,
    rob: User,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    chosen: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with another(database_url, redis_url, tmp_path, chosen | {"oidc_client_secret": "a wr0ng one"}) as client:
        begin = await begun(client)
        back = await provider.sign_in(begin["authorizationUrl"], "r-17")
        (error,) = (await client.answer(COMPLETE, input={**back, "verifier": begin["verifier"]}))["errors"]
    assert error["extensions"]["code"] == "UNAVAILABLE"
    assert "invalid_client" in caplog.text
    assert not any(secret in caplog.text for secret in ("wr0ng", back["code"], begin["verifier"]))


async def test_the_administrator_alone_parts_people(graph: Graph, provider: RealProvider, rob: User) -> None:
    ada = await an_administrator()
    mutation = UNLINK
    client = Graph(graph.http, await token_for(rob))
    payload = await client.answer(mutation, id=public_id("usr", ada.id))
    assert "FORBIDDEN" in str(payload)
