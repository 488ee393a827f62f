"""Sessions: tokens that are renewed, devices that are listed and signed out from afar, and copies that are noticed."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.access.models import RefreshToken, Session, User
from domain.kernel.clock import system_clock
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from tests.graph import Graph, token_for
from tests.live import Live
from tests.people import PASSWORD

pytestmark = pytest.mark.anyio
LOGIN = """mutation ($input: LoginInput!) { login(input: $input) {
  token expiresAt refreshToken refreshExpiresAt userErrors { field message code } } }"""
RENEW = """mutation ($token: String!) { sessionRenew(input: {refreshToken: $token}) {
  token refreshToken userErrors { code message } } }"""
MINE = "{ sessions { nodes { id device address endedAt endReason user { name } } } }"
REVOKE = "mutation ($id: ID!) { sessionRevoke(id: $id) { session { endReason } userErrors { code } } }"


async def signed_in(graph: Graph, device: str = "a phone") -> dict[str, Any]:
    given = {"email": "rob@example.org", "password": PASSWORD, "device": device}
    payload: dict[str, Any] = (await graph.ask(LOGIN, input=given))["login"]
    assert payload["userErrors"] == []
    return payload


async def renewed(graph: Graph, token: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await graph.ask(RENEW, token=token))["sessionRenew"]
    return payload


async def reasons() -> list[str | None]:
    return [session.end_reason for session in await Session.all().order_by("id")]


async def test_a_device_renews_its_tokens_again_and_again(graph: Graph, representative: User) -> None:
    held = await signed_in(graph)
    for _ in range(3):
        held = await renewed(graph, held["refreshToken"])
        assert held["userErrors"] == []
        assert (await Graph(graph.http, held["token"]).ask("{ viewer { name } }")) == {"viewer": {"name": "Rob"}}
    assert await Session.all().count() == 1


async def test_a_refresh_token_that_comes_again_ends_the_session(graph: Graph, representative: User) -> None:
    first = await signed_in(graph)
    second = await renewed(graph, first["refreshToken"])
    third = await renewed(graph, second["refreshToken"])  # so that the first one's answer cannot have been lost
    assert (await renewed(graph, first["refreshToken"]))["userErrors"][0]["code"] == "UNAUTHENTICATED"
    assert await reasons() == ["reused"]
    assert (await renewed(graph, third["refreshToken"]))["userErrors"][0]["code"] == "UNAUTHENTICATED"
    assert await Graph(graph.http, third["token"]).code("{ viewer { id } }") == "UNAUTHENTICATED"
    assert await Event.filter(topic="access.session.ended", data__contains={"reason": "reused"}).count() == 1


async def test_an_answer_that_was_lost_can_be_had_again_for_a_minute(graph: Graph, representative: User) -> None:
    first = await signed_in(graph)
    lost = await renewed(graph, first["refreshToken"])
    again = await renewed(graph, first["refreshToken"])
    assert again["userErrors"] == []
    assert (await renewed(graph, again["refreshToken"]))["userErrors"] == []
    assert (await renewed(graph, lost["refreshToken"]))["userErrors"][0]["code"] == "UNAUTHENTICATED"
    assert await reasons() == ["reused"]


async def test_but_not_for_longer(graph: Graph, representative: User) -> None:
    first = await signed_in(graph)
    await renewed(graph, first["refreshToken"])
    await RefreshToken.exclude(used_at=None).update(used_at=system_clock() - timedelta(seconds=61))
    assert (await renewed(graph, first["refreshToken"]))["userErrors"][0]["code"] == "UNAUTHENTICATED"
    assert await reasons() == ["reused"]


@pytest.mark.parametrize("pool_size", [4])
async def test_of_many_who_renew_at_once_the_session_has_one_line(graph: Graph, representative: User) -> None:
    """Whoever comes second is taken for one whose answer was lost; in the end one refresh token is good, or none."""
    first = await signed_in(graph)
    answers = await asyncio.gather(*(renewed(graph, first["refreshToken"]) for _ in range(4)))
    assert sum(not answer["userErrors"] for answer in answers) == 4
    good = await RefreshToken.filter(used_at=None, is_void=False).count()
    assert good == 1


async def test_a_session_unused_for_long_is_over(graph: Graph, representative: User) -> None:
    held = await signed_in(graph)
    await Session.all().update(expires_at=system_clock() - timedelta(seconds=1))
    assert (await renewed(graph, held["refreshToken"]))["userErrors"][0]["code"] == "UNAUTHENTICATED"
    assert await Graph(graph.http, held["token"]).code("{ viewer { id } }") == "UNAUTHENTICATED"


@pytest.mark.parametrize("token", ["", "rubbish", "x" * 9999, "\ud800"])
async def test_what_is_no_refresh_token_tells_nothing(graph: Graph, representative: User, token: str) -> None:
    payload = await renewed(graph, token.encode(errors="replace").decode())
    assert payload["userErrors"] == [
        {"code": "UNAUTHENTICATED", "message": "This session is over; sign in again with `login`."}
    ]


async def test_people_see_their_own_devices_and_administrators_all(ada: Graph, rob: Graph) -> None:
    await signed_in(rob, "a tablet")
    mine = (await rob.ask(MINE))["sessions"]["nodes"]
    assert {each["device"] for each in mine} == {"a test", "a tablet"}
    assert {each["user"]["name"] for each in mine} == {"Rob"}
    assert {each["user"]["name"] for each in (await ada.ask(MINE))["sessions"]["nodes"]} == {"Ada", "Rob"}


async def test_a_lost_phone_is_signed_out_from_afar(rob: Graph, representative: User) -> None:
    lost = await signed_in(rob, "the lost phone")
    (session,) = [each for each in (await rob.ask(MINE))["sessions"]["nodes"] if each["device"] == "the lost phone"]
    assert (await rob.ask(REVOKE, id=session["id"]))["sessionRevoke"]["session"] == {"endReason": "REVOKED"}
    assert await Graph(rob.http, lost["token"]).code("{ viewer { id } }") == "UNAUTHENTICATED"
    await rob.ask("{ viewer { id } }")


async def test_nobody_signs_out_somebody_else_without_the_right(ada: Graph, rob: Graph, administrator: User) -> None:
    session = await Session.filter(user_id=administrator.id).first()
    assert session is not None
    payload = (await rob.ask(REVOKE, id=public_id("ses", session.id)))["sessionRevoke"]
    assert payload["userErrors"] == [{"code": "NOT_FOUND"}]
    assert await reasons() == [None, None]


async def test_signing_out_ends_this_session_and_revoking_the_others(rob: Graph, representative: User) -> None:
    here, there = await signed_in(rob, "here"), await signed_in(rob, "there")
    client = Graph(rob.http, here["token"])
    count = (await client.ask("mutation { sessionsRevoke { revokedCount userErrors { code } } }"))["sessionsRevoke"]
    assert count == {"revokedCount": 2, "userErrors": []}
    assert await Graph(rob.http, there["token"]).code("{ viewer { id } }") == "UNAUTHENTICATED"
    out = (await client.ask("mutation { logout { session { endReason } userErrors { code } } }"))["logout"]
    assert out == {"session": {"endReason": "SIGNED_OUT"}, "userErrors": []}
    assert (await renewed(rob, here["refreshToken"]))["userErrors"][0]["code"] == "UNAUTHENTICATED"


async def test_a_revoked_session_ends_an_open_socket_within_five_seconds(live: Live, vera: User) -> None:
    token = await token_for(vera)
    async with live.as_user(token).socket() as socket:
        await socket.subscribe("subscription { customerChanged { topic } }")
        await Session.all().update(ended_at=system_clock(), end_reason="revoked")
        async with asyncio.timeout(5):
            code, reason = await socket.closed()
    assert (code, reason) == (4403, "The session of this token is over; sign in again with `login`.")


async def test_and_an_open_stream(live: Live, vera: User) -> None:
    token = await token_for(vera)
    async with live.as_user(token).stream("subscription { customerChanged { topic } }") as stream:
        await Session.all().update(ended_at=system_clock(), end_reason="revoked")
        async with asyncio.timeout(5):
            _, _, said = await stream.next()
    assert said["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
