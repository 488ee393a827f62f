"""GraphiQL: what it serves and to whom, whom it signs in unasked, and every example as a newcomer runs it."""

import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import OperationDefinitionNode, OperationType, parse
from tortoise.transactions import in_transaction

from api.asgi import application
from api.http.graphiql import BUILT
from cli.demo import ADMIN_EMAIL
from cli.demo.company import load
from cli.demo.generator import DemoCompany
from cli.demo.people import hire_sellers, organise
from cli.demo.sources import purchases, reviews
from domain.access.models import User
from domain.access.queries import roles_named, user_named
from domain.access.tokens import TokenKey, read_token
from domain.access.users import create_user
from domain.feedback import aggregation
from domain.feedback.text.reading import Reader
from domain.jobs.kinds import tell_kinds
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.settings import Settings
from tests.graph import KEY, NOW, PASSWORD, PEM, token_for
from tests.live import Live
from tests.people import an_administrator
from workers.main import KINDS
from workers.scheduler import Scheduler

pytestmark = pytest.mark.anyio
HOME = "http://127.0.0.1:8000"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{}'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
FILES = sorted(path.name for path in BUILT.iterdir() if path.name != "manifest.json")


@pytest.fixture
def chosen() -> dict[str, Any]:
    """Settings that a test chooses."""
    return {}


@pytest.fixture
def client_address() -> str:
    """Where the browser runs."""
    return "127.0.0.1"


@pytest.fixture
async def ide(
    database_url: str, redis_url: str, tmp_path: Path, chosen: dict[str, Any], client_address: str
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser, and the demo's user in the database."""
    app = application(Settings(home=tmp_path, database_url=database_url, redis_url=redis_url, token_key=PEM, **chosen))
    async with app.router.lifespan_context(app):
        await an_administrator(ADMIN_EMAIL, "Demo")
        transport = httpx.ASGITransport(app=app, client=(client_address, 1234))
        async with httpx.AsyncClient(transport=transport, base_url=HOME) as http:
            yield http


async def sign_in(ide: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """As the page itself does it, but for the headers given."""
    sent = {"origin": HOME, "sec-fetch-site": "same-origin"} | {
        name.replace("_", "-"): text for name, text in headers.items()
    }
    return await ide.post("/graphiql/session", headers={name: text for name, text in sent.items() if text})


async def test_the_page_is_of_our_own_files_under_a_strict_policy(ide: httpx.AsyncClient) -> None:
    first, second = await ide.get("/graphiql"), await ide.get("/graphiql")
    assert first.status_code == 200
    assert "//" not in first.text.replace("<!--", "")
    nonces = [page.text.split('nonce="')[1].split('"')[0] for page in (first, second)]
    assert nonces[0] != nonces[1]
    assert first.headers.get_list("content-security-policy") == [POLICY.format(nonces[0])]
    told = {name: first.headers[name] for name in ("x-content-type-options", "referrer-policy", "cache-control")}
    assert told == {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store"}
    assert sum(name in first.text for name in FILES) == 2
    assert (await ide.head("/graphiql")).status_code == 200
    assert 'href="/graphiql"' in (await ide.get("/")).text


@pytest.mark.parametrize("name", FILES)
async def test_built_files_are_sent_packed_and_kept_for_ever(ide: httpx.AsyncClient, name: str) -> None:
    packed = await ide.get(f"/graphiql/{name}")
    plain = await ide.get(f"/graphiql/{name}", headers={"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content == (BUILT / name).read_bytes()
    assert len(gzip.compress(plain.content)) == int(packed.headers["content-length"]) < 600_000
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert packed.headers["content-security-policy"].startswith("default-src 'self'; frame-ancestors 'none'")
    assert packed.headers["etag"] != plain.headers["etag"]
    again = await ide.get(f"/graphiql/{name}", headers={"if-none-match": packed.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = await ide.head(f"/graphiql/{name}")
    assert (head.status_code, head.headers["etag"]) == (200, packed.headers["etag"])


@pytest.mark.parametrize(
    "name",
    ["main.js", "manifest.json", "index.html", "..%2findex.html", "%2e%2e/index.html", "a/b", "%00", "examples/"],
)
async def test_nothing_else_is_to_be_had(ide: httpx.AsyncClient, name: str) -> None:
    answer = await ide.get(f"/graphiql/{name}")
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["extensions"] == {"code": "NOT_FOUND"}


async def test_the_demo_user_is_signed_in_for_a_while_in_development(ide: httpx.AsyncClient) -> None:
    assert 'data-signs-in="true"' in (await ide.get("/graphiql")).text
    answer = await sign_in(ide)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    session = answer.json()
    assert session["email"] == ADMIN_EMAIL
    user = await user_named(ADMIN_EMAIL)
    user_id, _, expires_at = read_token(session["token"], TokenKey(KEY, timedelta()), at=system_clock())
    assert user is not None
    assert user_id == user.id
    assert expires_at <= system_clock() + timedelta(minutes=10)
    examples = await ide.get("/graphiql/examples", headers={"authorization": f"Bearer {session['token']}"})
    assert len(examples.json()["examples"]) == len(list((BUILT.parent / "examples").iterdir()))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:9999", "[::1]:8000", "127.1.2.3"])
async def test_this_machine_has_several_names(ide: httpx.AsyncClient, host: str) -> None:
    assert (await sign_in(ide, host=host, origin=f"http://{host}")).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ""},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "https://127.0.0.1:8000"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"host": "rebound.example:8000", "origin": "http://rebound.example:8000"},
        {"host": "localhost.evil.example", "origin": "http://localhost.evil.example"},
        {"host": "127.0.0.1.evil.example", "origin": "http://127.0.0.1.evil.example"},
        {"host": "192.168.0.7:8000", "origin": "http://192.168.0.7:8000"},
        {"host": "[", "origin": "http://["},
        {"host": "evil.example@127.0.0.1", "origin": "http://evil.example@127.0.0.1"},
        {"x_forwarded_for": "127.0.0.1"},
        {"forwarded": "for=127.0.0.1"},
        {"via": "1.1 proxy"},
    ],
    ids=str,
)
async def test_nobody_is_signed_in_for_other_pages_names_and_proxies(
    ide: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await sign_in(ide, **headers)
    assert answer.status_code == 403
    assert answer.json().keys() == {"errors"}


@pytest.mark.parametrize("client_address", ["192.168.0.7", "::ffff:10.0.0.1", "", "testclient"])
async def test_nobody_is_signed_in_from_another_machine(ide: httpx.AsyncClient) -> None:
    assert 'data-signs-in="false"' in (await ide.get("/graphiql")).text
    assert (await sign_in(ide)).status_code == 403


@pytest.mark.parametrize("client_address", ["::1", "127.0.0.9", "::ffff:127.0.0.1"])
async def test_this_machine_has_several_addresses(ide: httpx.AsyncClient) -> None:
    assert (await sign_in(ide)).status_code == 200


@pytest.mark.parametrize("chosen", [{"graphiql_email": "nobody"}])
async def test_nobody_may_be_chosen_to_be_signed_in(ide: httpx.AsyncClient) -> None:
    assert (await sign_in(ide)).status_code == 204


async def test_a_get_signs_nobody_in(ide: httpx.AsyncClient) -> None:
    assert (await ide.get("/graphiql/session", headers={"origin": HOME})).status_code in (404, 405)


@pytest.mark.parametrize("chosen", [{"environment": "production"}, {"graphiql": False}])
async def test_production_has_none_of_it(ide: httpx.AsyncClient) -> None:
    unknown = await ide.get("/nowhere")
    for path in ("/graphiql", "/graphiql/examples", *(f"/graphiql/{name}" for name in FILES)):
        answer = await ide.get(path)
        assert (answer.status_code, answer.text) == (404, unknown.text)
    assert (await sign_in(ide)).status_code == 404
    assert "graphiql" not in (await ide.get("/")).text.lower()


@pytest.mark.parametrize("chosen", [{"environment": "production", "graphiql": True}])
async def test_production_may_have_it_and_tells_nothing_before_somebody_signs_in(ide: httpx.AsyncClient) -> None:
    page = await ide.get("/graphiql")
    assert page.status_code == 200
    assert 'data-signs-in="false"' in page.text
    assert (await sign_in(ide)).status_code == 403
    stranger = await ide.get("/graphiql/examples")
    assert (stranger.status_code, stranger.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    script = (BUILT / next(name for name in FILES if name.endswith(".js"))).read_text()
    for word in ("feedbackThemes", "customerUpdate", "totalCount", "placedAt"):
        assert word not in page.text + script

    login = "mutation Login($input: LoginInput!) { login(input: $input) { token userErrors { message } } }"
    variables = {"input": {"email": ADMIN_EMAIL, "password": PASSWORD}}
    answer = await ide.post("/graphql", json={"query": login, "variables": variables})
    signed = {"authorization": f"Bearer {answer.json()['data']['login']['token']}"}
    assert (await ide.get("/graphiql/examples", headers=signed)).json()["examples"]


async def test_examples_are_there_before_there_is_anything_to_show(ide: httpx.AsyncClient) -> None:
    signed = {"authorization": f"Bearer {(await sign_in(ide)).json()['token']}"}
    answer = await ide.get("/graphiql/examples", headers=signed)
    assert answer.status_code == 200
    assert all(example["title"] for example in answer.json()["examples"])


async def test_what_somebody_may_not_see_leaves_the_other_examples_filled(ide: httpx.AsyncClient) -> None:
    await _tell_of_work()
    roles = await roles_named("sales representative")
    seller = await create_user("sue@example.org", "Sue", None, roles=roles, by=SYSTEM, at=NOW)

    async def filled(user: User) -> set[str]:
        signed = {"authorization": f"Bearer {await token_for(user)}"}
        examples = (await ide.get("/graphiql/examples", headers=signed)).json()["examples"]
        return {name for example in examples for name in json.loads(example["variables"] or "{}")}

    administrator = await user_named(ADMIN_EMAIL)
    assert administrator is not None
    assert {"eventId", "queueId"} <= await filled(administrator)
    assert "eventId" in (seen := await filled(seller))
    assert "queueId" not in seen


async def test_every_example_runs_over_the_demo_as_it_is_clicked(live: Live) -> None:
    await load(at=NOW, progress=lambda told: None, company=DemoCompany(list(purchases())[::20], reviews()[::40]))
    await organise(await hire_sellers(0, by=SYSTEM, at=NOW), by=SYSTEM, at=NOW)
    await _aggregate()
    await _tell_of_work()
    user = await user_named(ADMIN_EMAIL)
    assert user is not None
    live = live.as_user(await token_for(user))
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {live.token}"}) as http:
        examples = (await http.get(live.url.replace("/graphql", "/graphiql/examples"))).json()["examples"]
    given = {}
    for example in examples:
        given[example["title"]] = await _run(live, example["query"], json.loads(example["variables"] or "{}"))

    assert _gaps(given) == []
    assert given["Change a customer, and meet a conflict"][0]["you"]["userErrors"][0]["code"] == "STALE"
    outcomes = [row["outcome"] for row in given["Many customers at once"][0]["customersUpsert"]["results"]]
    assert outcomes == ["CREATED", "REFUSED", "CREATED"]
    assert [each and each["__typename"] for each in given["Anything by its id"][0]["nodes"]] == [
        "Order",
        "Customer",
        None,
    ]
    assert given["Whatever happens, as it happens"][0]["events"]["topic"] == "CUSTOMER_UPDATED"


async def _tell_of_work() -> None:
    """What a worker would tell when it starts, of jobs and schedules."""
    await tell_kinds([kind.told() for kind in KINDS.values()], NOW)
    await Scheduler(lambda: NOW, KINDS).look()


async def _aggregate() -> None:
    """What a worker would do with the job that the demo has left."""
    await aggregation.read_new(Reader(), lambda done, total: None)
    async with in_transaction():
        await aggregation.gather(by=SYSTEM, at=NOW)


async def _run(live: Live, query: str, variables: dict[str, Any]) -> list[dict[str, Any]]:
    """The data of each operation of an example; the first that is told, for a subscription."""
    data = []
    operations = [node for node in parse(query).definitions if isinstance(node, OperationDefinitionNode)]
    for operation in operations:
        assert operation.name is not None
        payload = {"query": query, "variables": variables, "operationName": operation.name.value}
        if operation.operation is OperationType.SUBSCRIPTION:
            async with live.socket() as socket:
                await socket.send(id="1", type="subscribe", payload=payload)
                data.append(await socket.next())
            continue
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {live.token}"}) as http:
            answer = (await http.post(live.url, json=payload)).json()
        assert "errors" not in answer, answer["errors"]
        data.append(answer["data"])
    return data


def _gaps(given: dict[str, list[dict[str, Any]]]) -> list[str]:
    """The fields of examples that show a newcomer nothing."""
    return [
        f"{title}: {name}"
        for title, answers in given.items()
        for data in answers
        for name, value in data.items()
        if value is None or (isinstance(value, dict) and value.get("nodes") == []) or value == []
    ]
