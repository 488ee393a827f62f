"""Invitations and forgotten passwords: by links that are mailed, signed, good once and for a while."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from domain.access.links import Purpose, make_link
from domain.access.models import AccessLink, Session, User
from domain.access.tokens import TokenKey, sign_token
from domain.jobs.models import Job
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from runtime.outbound import Outbound
from tests.graph import KEY, Graph, session_of
from tests.jobs import claimed_by_hand
from tests.people import PASSWORD, a_colleague
from workers.access import Mail, mail
from workers.kinds import OUTSIDE, Outside, RunningJob

pytestmark = pytest.mark.anyio
HOUSE = TokenKey(KEY, timedelta(minutes=15))
ANOTHER = "quite another good one"
CHOOSE = """mutation ($token: String!, $password: String!) {
  passwordChoose(input: {token: $token, password: $password}) { email userErrors { field code } } }"""
FORGET = "mutation ($email: String!) { passwordForget(input: {email: $email}) { accepted userErrors { code } } }"
INVITE = "mutation ($id: ID!) { userInvite(id: $id) { user { name } userErrors { code } } }"
LOGIN = """mutation ($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) { token userErrors { code } } }"""


@pytest.fixture
async def post() -> AsyncIterator[list[tuple[str, str, str]]]:
    """What was mailed: address, subject, text."""
    sent: list[tuple[str, str, str]] = []

    async def send(address: str, subject: str, text: str) -> None:
        sent.append((address, subject, text))

    before = OUTSIDE.set(Outside(send, HOUSE, "https://sales.example", Outbound().post))
    yield sent
    OUTSIDE.reset(before)


async def delivered(sent: list[tuple[str, str, str]]) -> str:
    """Does the job that was asked for, as a worker would; gives the token of the link in the mail."""
    claim = await claimed_by_hand("access.mail")
    job = await Job.get(id=claim.job_id)
    await mail(RunningJob(claim, SYSTEM, system_clock), Mail(Purpose(job.payload["purpose"]), job.payload["email"]))
    found = re.search(r"https://sales\.example/password#(\S+)", sent[-1][2])
    assert found is not None
    return found[1]


async def chosen(graph: Graph, token: str, password: str = ANOTHER) -> str:
    payload = (await graph.ask(CHOOSE, token=token, password=password))["passwordChoose"]
    code: str = payload["userErrors"][0]["code"] if payload["userErrors"] else payload["email"]
    return code


async def test_who_is_invited_chooses_a_password_and_comes_in(ada: Graph, post: list[tuple[str, str, str]]) -> None:
    user = await a_colleague("new@example.org", "New", None)
    assert (await ada.ask(INVITE, id=public_id("usr", user.id)))["userInvite"]["user"] == {"name": "New"}
    token = await delivered(post)
    assert (post[-1][0], post[-1][1]) == ("new@example.org", "Your access to Salesloop")
    assert await chosen(ada, token) == "new@example.org"
    payload = (await ada.ask(LOGIN, email="new@example.org", password=ANOTHER))["login"]
    assert payload["userErrors"] == []
    assert await chosen(ada, token) == "CONFLICT", "a link is good once"


async def test_a_forgotten_password_is_replaced_and_ends_all_sessions(
    rob: Graph, post: list[tuple[str, str, str]]
) -> None:
    assert (await Graph(rob.http).ask(FORGET, email=" ROB@example.org"))["passwordForget"]["accepted"] is True
    assert await chosen(Graph(rob.http), await delivered(post)) == "rob@example.org"
    assert await Session.filter(ended_at=None).count() == 0
    assert await Event.filter(topic="access.user.password_set", data__contains={"way": "reset"}).count() == 1
    assert (
        await rob.http.post(
            "/graphql", json={"query": "{ viewer { id } }"}, headers={"authorization": f"Bearer {rob.token}"}
        )
    ).status_code == 401


async def test_who_is_unknown_is_answered_alike_and_not_written_to(
    graph: Graph, post: list[tuple[str, str, str]]
) -> None:
    await a_colleague()
    for email in ("rob@example.org", "nobody@example.org"):
        assert (await graph.ask(FORGET, email=email))["passwordForget"] == {"accepted": True, "userErrors": []}
    claims = [await claimed_by_hand("access.mail") for _ in range(2)]
    assert [(await Job.get(id=claim.job_id)).payload["email"] for claim in claims][1] == "nobody@example.org"
    running = RunningJob(claims[1], SYSTEM, system_clock)
    assert await mail(running, Mail(Purpose.RESET, "nobody@example.org")) == {"sent": False}
    assert post == []


async def test_a_second_link_voids_the_first_and_time_both(graph: Graph) -> None:
    user = await a_colleague()
    now = system_clock()
    first = await make_link(user, Purpose.RESET, key=HOUSE, at=now)
    second = await make_link(user, Purpose.RESET, key=HOUSE, at=now)
    late = await make_link(user, Purpose.INVITATION, key=HOUSE, at=now - timedelta(days=7))
    assert await chosen(graph, first.text) == "CONFLICT"
    assert await chosen(graph, late.text) == "CONFLICT"
    assert await chosen(graph, second.text) == "rob@example.org"


async def test_nothing_else_is_a_link(graph: Graph) -> None:
    user: User = await a_colleague()
    session = await session_of(user)
    link = await make_link(user, Purpose.RESET, key=HOUSE, at=system_clock())
    access = sign_token(user.id, session.id, HOUSE, at=system_clock())
    for token in (access.text, "", "a.b.c", link.text[:-2], f"{link.text}x"):
        assert await chosen(graph, token) == "CONFLICT", token
    assert await Graph(graph.http, link.text).code("{ viewer { id } }") == "UNAUTHENTICATED"
    assert await chosen(graph, link.text, "short") == "INVALID"
    assert await AccessLink.filter(used_at=None).count() == 1


async def test_who_was_deactivated_chooses_nothing(graph: Graph) -> None:
    user = await a_colleague()
    link = await make_link(user, Purpose.RESET, key=HOUSE, at=system_clock())
    await User.filter(id=user.id).update(is_active=False)
    assert await chosen(graph, link.text) == "CONFLICT"


async def test_a_password_is_changed_by_whoever_knows_it(rob: Graph) -> None:
    query = """mutation ($old: String!, $new: String!) { passwordChange(input: {currentPassword: $old, password: $new}) {
      user { name } userErrors { field code } } }"""
    refused = (await rob.ask(query, old="wrong", new=ANOTHER))["passwordChange"]["userErrors"]
    assert refused == [{"field": ["input", "currentPassword"], "code": "INVALID"}]
    assert (await rob.ask(query, old=PASSWORD, new=ANOTHER))["passwordChange"]["user"] == {"name": "Rob"}
    assert (await rob.ask(LOGIN, email="rob@example.org", password=PASSWORD))["login"]["token"] is None
    assert (await rob.ask(LOGIN, email="rob@example.org", password=ANOTHER))["login"]["token"]
