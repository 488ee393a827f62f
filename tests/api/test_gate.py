"""The gate: guessing passwords is slow going, and whoever does it is in nobody's way."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.access.gate import WAITING, Gate, _network
from api.asgi import application
from domain.access.models import User
from domain.access.tokens import TokenKey
from runtime.redis import redis_client
from runtime.settings import Settings
from tests.graph import KEY, PASSWORD, PEM, Graph, token_for
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { token userErrors { code } } }"


@pytest.fixture(autouse=True)
async def _nobody_failed(redis_url: str) -> None:
    async with redis_client(redis_url) as redis:
        for key in [key async for key in redis.scan_iter("salesloop:{login}:*")]:
            await redis.delete(key)


@asynccontextmanager
async def another(settings: Settings, address: str = "192.0.2.7") -> AsyncIterator[Graph]:
    """A client of another process of the API."""
    app = application(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, client=(address, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
            yield Graph(http)


@pytest.fixture
def settings(database_url: str, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, database_url=database_url, redis_url=redis_url, token_key=PEM, database_pool_size=1)


async def log_in(graph: Graph, email: str = "rob@example.org", password: str = "wrong") -> dict[str, Any]:
    return await graph.answer(LOGIN, input={"email": email, "password": password})


async def outcome(graph: Graph, email: str = "rob@example.org", password: str = "wrong") -> str:
    """`in`, `wrong`, or the code of the error."""
    answer = await log_in(graph, email, password)
    if "errors" in answer:
        return str(answer["errors"][0]["extensions"]["code"])
    return "in" if answer["data"]["login"]["token"] else "wrong"


ALIASED = " ".join(f'a{n}: login(input: {{email: "e{n}", password: "p"}}) {{ token }}' for n in range(40))


async def test_an_operation_holds_one_login(graph: Graph) -> None:
    (error,) = (await graph.answer(f"mutation {{ {ALIASED} }}"))["errors"]
    assert error["extensions"] == {"code": "ONLY_ONCE", "requested": 40, "allowed": 1}
    assert error["message"] == "`login` stands 40 times in one operation, and may stand once; send a request each."


async def test_fragments_hide_no_second_login(graph: Graph) -> None:
    one, other = (f'{key}: login(input: {{email: "{key}", password: "p"}}) {{ token }}' for key in "ab")
    document = f"mutation {{ ...A ...B ...B }} fragment A on Mutation {{ {one} }} fragment B on Mutation {{ ... {{ {other} ...A }} }}"
    assert await graph.code(document) == "ONLY_ONCE"
    assert await graph.ask(document.replace(other, ""))


@pytest.mark.parametrize("email", ["rob@example.org", "nobody@example.org"])
async def test_guessing_ends_after_ten_failures_whoever_it_is(
    graph: Graph, representative: User, email: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert [await outcome(graph, email) for _ in range(10)] == ["wrong"] * 10
    with caplog.at_level(logging.WARNING, "salesloop.access"):
        (error,) = (await log_in(graph, f" {email.upper()} ", PASSWORD))["errors"]
    assert error["extensions"]["code"] == "TOO_MANY_ATTEMPTS"
    assert 890 <= error["extensions"]["retryAfter"] <= 900
    assert error["path"] == ["login"]
    told = [str(vars(record)) for record in caplog.records if record.name == "salesloop.access"]
    assert len(told) == 1
    assert "'counted_by': 'both'" in told[0]
    assert "@" not in told[0]
    assert PASSWORD not in told[0]
    assert await outcome(graph, "somebody.else@example.org") == "wrong"


async def test_the_right_password_forgets_what_failed_before(graph: Graph, representative: User) -> None:
    for _ in range(3):
        assert [await outcome(graph) for _ in range(9)] == ["wrong"] * 9
        assert await outcome(graph, password=PASSWORD) == "in"


async def test_the_window_passes(settings: Settings, graph: Graph, representative: User) -> None:
    async with another(settings.model_copy(update={"login_window_seconds": 1})) as client:
        while await outcome(client) == "wrong":
            pass

        async def open_again() -> bool:
            return await outcome(client, password=PASSWORD) == "in"

        await eventually(open_again)


async def test_processes_count_together(settings: Settings, graph: Graph, representative: User) -> None:
    async with another(settings, "127.0.0.1") as other:
        assert [await outcome(client) for client in (graph, other) * 5] == ["wrong"] * 10
        assert [await outcome(client) for client in (graph, other)] == ["TOO_MANY_ATTEMPTS"] * 2


async def test_an_address_fails_only_so_often(settings: Settings, graph: Graph, representative: User) -> None:
    few = settings.model_copy(update={"login_failures_per_address": 3})
    async with another(few) as guesser, another(few, "192.0.2.8") as honest:
        assert [await outcome(guesser, f"{n}@example.org") for n in range(4)] == ["wrong"] * 3 + ["TOO_MANY_ATTEMPTS"]
        assert await outcome(guesser, password=PASSWORD) == "TOO_MANY_ATTEMPTS"
        assert [await outcome(honest, password=PASSWORD) for _ in range(5)] == ["in"] * 5


async def test_an_account_fails_only_so_often_from_wherever(settings: Settings, representative: User) -> None:
    few = settings.model_copy(update={"login_failures_per_email": 3})
    async with another(few) as one, another(few, "192.0.2.8") as other, another(few, "192.0.2.9") as third:
        assert [await outcome(client) for client in (one, other, third)] == ["wrong"] * 3
        assert await outcome(third, password=PASSWORD) == "TOO_MANY_ATTEMPTS"
        assert await outcome(third, "somebody.else@example.org") == "wrong"


async def test_who_guesses_from_one_place_does_not_keep_the_owner_out(settings: Settings, representative: User) -> None:
    few = settings.model_copy(update={"login_failures_per_email_and_address": 3})
    async with another(few) as guesser, another(few, "192.0.2.8") as owner:
        assert [await outcome(guesser) for _ in range(4)] == ["wrong"] * 3 + ["TOO_MANY_ATTEMPTS"]
        assert await outcome(guesser, password=PASSWORD) == "TOO_MANY_ATTEMPTS"
        assert await outcome(guesser, "somebody.else@example.org") == "wrong"
        assert await outcome(owner, password=PASSWORD) == "in"
        assert [await outcome(owner) for _ in range(2)] == ["wrong"] * 2
        assert await outcome(owner, password=PASSWORD) == "in"


async def test_without_redis_each_process_counts_for_itself(
    settings: Settings, graph: Graph, representative: User, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with another(settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nobody.sock"})) as client:
        assert await outcome(client, password=PASSWORD) == "in"
        assert [await outcome(client) for _ in range(11)] == ["wrong"] * 10 + ["TOO_MANY_ATTEMPTS"]
        assert await outcome(client, password=PASSWORD) == "TOO_MANY_ATTEMPTS"
    assert "Redis does not answer" in caplog.text


async def test_others_are_answered_while_many_sign_in(graph: Graph, representative: User) -> None:
    signed_in = Graph(graph.http, await token_for(representative))
    logins = asyncio.gather(*(outcome(graph, f"{n}@example.org") for n in range(WAITING)))
    await asyncio.sleep(0)
    for _ in range(5):
        assert (await signed_in.ask("{ viewer { name } }"))["viewer"] == {"name": "Rob"}
    assert not logins.done()
    assert set(await logins) == {"wrong"}


@pytest.mark.parametrize("requests_at_once", [500])
async def test_a_crowd_is_sent_away_at_once(graph: Graph, representative: User) -> None:
    answers = await asyncio.gather(*(log_in(graph, f"{n % 50}@example.org") for n in range(WAITING + 40)))
    errors = [answer["errors"][0]["extensions"] for answer in answers if "errors" in answer]
    assert 20 <= len(errors) <= 38  # the fewer, the longer it takes them all to come
    assert errors[0] == {"code": "UNAVAILABLE", "retryAfter": 1}
    assert await outcome(graph, password=PASSWORD) == "in"


async def test_many_of_one_person_at_once_are_let_in(graph: Graph, representative: User) -> None:
    assert await asyncio.gather(*(outcome(graph, password=PASSWORD) for _ in range(40))) == ["in"] * 40


async def test_what_fails_through_us_does_not_count(settings: Settings) -> None:
    gate = Gate(settings, TokenKey(KEY, timedelta(hours=1)))
    for _ in range(12):
        with pytest.raises(OSError, match="the database"):
            async with gate.attempt("a@example.org", "192.0.2.9"):
                raise OSError("the database is away")
    await gate.close()


async def test_clients_of_one_network_count_as_one() -> None:
    assert [_network(text) for text in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "fe80::1%eth0", "", "x")] == [
        "192.0.2.1",
        "192.0.2.1",
        "2001:db8::/64",
        "fe80::/64",
        "",
        "x",
    ]
