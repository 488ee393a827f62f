"""The edge: whatever is sent, the answer is GraphQL's or a plain refusal, never a traceback."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.asgi import application
from runtime.settings import Settings
from tests.graph import PEM, Graph

pytestmark = pytest.mark.anyio
JSON = {"content-type": "application/json"}
RESPONSE = "application/graphql-response+json"


async def send(graph: Graph, body: bytes | str, **headers: str) -> httpx.Response:
    sent = {**JSON, **headers}
    if graph.token:
        sent["authorization"] = f"Bearer {graph.token}"
    return await graph.http.post("/graphql", content=body, headers=sent)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"null", 400), (b"[]", 400), (b"1", 400), (b'"x"', 400), (b"{", 400), (b"\xff\xfe", 400),
        (b'{"query": 1}', 400), (b'{"query": null}', 400), (b'{"query": ""}', 400), (b'{"query": "\\ud800"}', 400),
        (b'{"query": "{viewer{id}}", "variables": []}', 400), (b'{"query": "{viewer{id}}", "operationName": 1}', 400),
        (b"[" * 100_000, 400), (b'{"query": "{viewer{id}}", "variables": {"a": ' + b"9" * 5000 + b"}}", 400),
        (b'{"query": "' + b"x" * (1 << 20) + b'"}', 413), (b'[{"query": "{viewer{id}}"}]', 400),
        (b'{"query": "{viewer{id}}", "variables": ' + b'{"a":' * 500 + b"1" + b"}" * 500 + b"}", 200),
        (b'{"query": "{viewer{id}}", "variables": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}", 400),
    ],
)  # fmt: skip
async def test_bodies_that_make_no_sense(ada: Graph, body: bytes, status: int) -> None:
    response = await send(ada, body)
    assert response.status_code == status
    assert "errors" in response.json() or status == 200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode(errors="surrogatepass")))
)
async def test_raw_bytes_are_answered(graph: Graph, body: bytes) -> None:
    assert (await send(graph, body)).status_code in (200, 400)


SCRAPS = st.sampled_from(
    ["{", "}", "(", ")", "customers", "first:", "1", "9" * 400, '"x"', "...", "on", "Customer", "nodes", "id", "$a", ":",
     "query", "mutation", "@skip(if:true)", "fragment", "where:", "[", "]", "null", "true", "orderBy:", "\x00", "é", '"""']
)  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["and", "or", "not", "name", "eq", "in"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(SCRAPS, max_size=25))
async def test_scraps_of_queries_are_answered(ada: Graph, words: list[str]) -> None:
    response = await ada.post({"query": " ".join(words) or " "})
    assert response.status_code == 200
    assert "INTERNAL" not in response.text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=VALUES, first=VALUES)
async def test_variables_of_any_kind_are_answered(ada: Graph, where: Any, first: Any) -> None:
    query = "query ($where: CustomerWhere, $first: Int) { customers(where: $where, first: $first) { nodes { id } } }"
    body = json.dumps({"query": query, "variables": {"where": where, "first": first}})
    response = await send(ada, body.encode(errors="surrogatepass"))
    assert response.status_code in (200, 400)
    assert "INTERNAL" not in response.text


async def test_media_types_and_status_codes(ada: Graph) -> None:
    good, bad = {"query": "{ viewer { name } }"}, {"query": "{ nope }"}
    for accept, body, status, media_type in [
        (RESPONSE, good, 200, RESPONSE),
        (RESPONSE, bad, 400, RESPONSE),
        ("application/json", bad, 200, "application/json"),
        (f"application/json;q=0.5, {RESPONSE}", good, 200, RESPONSE),
        ("*/*", good, 200, "application/json"),
        ("text/html", good, 406, "application/json"),
    ]:
        response = await ada.post(body, accept=accept)
        assert response.status_code == status, accept
        assert response.headers["content-type"].startswith(media_type)
    assert (await send(ada, json.dumps(good), **{"content-type": "text/plain"})).status_code == 415


async def test_get_reads_and_never_writes(ada: Graph) -> None:
    headers = {"authorization": f"Bearer {ada.token}"}
    query = {"query": "query Q($id: ID!) { node(id: $id) { id } }", "variables": '{"id": "x"}', "operationName": "Q"}
    answer = await ada.http.get("/graphql", params=query, headers=headers)
    assert answer.json()["data"] == {"node": None}
    write = {"query": "mutation { feedbackAggregate { userErrors { code } } }"}
    refused = await ada.http.get("/graphql", params=write, headers=headers)
    assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert (await ada.http.get("/graphql", params={"query": "{x}", "variables": "{"})).status_code == 400
    assert (await ada.http.get("/graphql?query={viewer(x:%22%ff%22){id}}", headers=headers)).status_code == 400
    refused = await ada.http.put("/graphql")
    assert (refused.status_code, set(refused.headers["allow"].split(", "))) == (405, {"GET", "HEAD", "POST"})


def _fragments(levels: int) -> str:
    chain = [f"fragment F{n} on Customer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels)]
    return f"{{ customers {{ nodes {{ ...F0 }} }} }} {' '.join(chain)} fragment F{levels} on Customer {{ id }}"


HOSTILE = {
    "aliases": "{" + " ".join(f"a{n}: viewer {{ id }}" for n in range(10_000)) + "}",
    "tokens": "{ viewer { " + "id " * 100_000 + "} }",
    "fragments that double": _fragments(100),
    "a circle": "{ customers { nodes { ...A } } } fragment A on Customer { ...B } fragment B on Customer { ...A }",
    "depth": "{ customers { nodes " + "{ orders { nodes { customer " * 30 + "{ id }" + " } } }" * 30 + " } }",
    "braces": "{" * 3000,
    "a list in a list": "{ customers(where: {name: {in: " + "[" * 1500 + "]" * 1500 + "}}) { nodes { id } } }",
    "rows": "{ customers { nodes { orders { nodes { lines { nodes { product { feedback { nodes { themes { nodes { id } } } } } } } } } } } }",
    "nots": "{ customers(where: " + "{not: " * 200 + "{}" + "}" * 200 + ") { nodes { id } } }",
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_documents_are_answered_at_once(ada: Graph, name: str) -> None:
    began = time.perf_counter()
    response = await ada.post({"query": HOSTILE[name]})
    assert response.status_code == 200
    assert "INTERNAL" not in response.text
    assert "errors" in response.json() or name == "fragments that double"
    assert time.perf_counter() - began < 2  # a bound against explosions, a thousand times what it takes


async def test_operations_are_chosen_by_name(ada: Graph) -> None:
    document = "query A { viewer { name } } query B { viewer { email } }"
    answers = [(await ada.post({"query": document, "operationName": name})).json() for name in ("A", "B", "C", None)]
    assert answers[0]["data"] == {"viewer": {"name": "Ada"}}
    assert answers[1]["data"] == {"viewer": {"email": "ada@example.org"}}
    assert answers[2]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert answers[3]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    wanted = "Name the operation to run with `operationName`, one of: `A`, `B`."
    assert [answer["errors"][0]["message"] for answer in answers[2:]] == [wanted] * 2
    nameless = (await ada.post({"query": "{ viewer { name } }", "operationName": "A"})).json()
    assert nameless["errors"][0]["message"] == "The only operation has no name; leave `operationName` out."
    assert nameless["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


async def test_pages_of_our_own(graph: Graph) -> None:
    page = await graph.http.get("/")
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "//" not in page.text.replace("<!--", "")
    assert (await graph.http.get("/site/front.js")).status_code == 200
    assert (await graph.http.get("/site/../graphql.py")).status_code == 404
    assert (await graph.http.get("/health")).json() == {"status": "ok"}
    assert (await graph.http.get("/ready")).json() == {"status": "ok"}


async def test_production_tells_strangers_nothing_of_the_schema(
    graph: Graph, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path, database_url=database_url, redis_url=redis_url, token_key=PEM, environment="production"
    )
    transport = httpx.ASGITransport(app=application(settings))
    async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
        stranger = Graph(http)
        for query in (
            "{ __schema { types { name } } }",
            '{ __type\n(name: "User") { name } }',
            "{ ...A } fragment A on Query { __schema { types { name } } }",
        ):
            assert await stranger.code(query) == "UNAUTHENTICATED"
        (error,) = (await stranger.answer("{ custmers { nodes { id } } }"))["errors"]
        assert "customers" not in error["message"]
        query = "query ($kind: CustomerKind!) { customers(where: {kind: {eq: $kind}}) { nodes { id } } }"
        (error,) = (await stranger.answer(query, kind="PERSO"))["errors"]
        assert "PERSON" not in error["message"]
    assert (await graph.ask("{ __schema { queryType { name } } }"))["__schema"]["queryType"]["name"] == "Query"
