"""The edge: whatever is sent, the answer is GraphQL's or a plain refusal, never a traceback."""

import gzip
import json
import time
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.graph import Graph

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


async def test_a_head_is_a_get_and_never_writes(ada: Graph) -> None:
    write = 'mutation { customerCreate(input: {kind: PERSON, name: "Lee"}) { customer { id } } }'
    headers = {"authorization": f"Bearer {ada.token}"}
    assert (await ada.http.head("/graphql", params={"query": write}, headers=headers)).status_code == 405
    assert (await ada.ask("{ customers { nodes { id } } }"))["customers"]["nodes"] == []
    assert (await ada.http.head("/graphql", params={"query": "{ __typename }"}, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    ("method", "address", "status", "code", "allow"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND", None),
        ("POST", "/graphql/more", 404, "NOT_FOUND", None),
        ("GET", "/site/nothing.js", 404, "NOT_FOUND", None),
        ("DELETE", "/graphql", 405, "METHOD_NOT_ALLOWED", {"GET", "HEAD", "POST"}),
        ("PUT", "/health", 405, "METHOD_NOT_ALLOWED", {"GET", "HEAD"}),
        ("GET", "/files", 405, "METHOD_NOT_ALLOWED", {"POST"}),
        ("POST", "/site/front.js", 405, "METHOD_NOT_ALLOWED", None),
    ],
)
async def test_what_is_not_served_has_a_code(
    graph: Graph, method: str, address: str, status: int, code: str, allow: set[str] | None
) -> None:
    response = await graph.http.request(method, address)
    assert response.status_code == status
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": code}
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert allow is None or set(response.headers["allow"].split(", ")) == allow


async def test_what_is_too_large_says_what_is_allowed(ada: Graph) -> None:
    response = await send(ada, b" " * (2 << 20))
    assert response.status_code == 413
    assert response.json()["errors"][0]["extensions"] == {
        "code": "PAYLOAD_TOO_LARGE",
        "requested": 2 << 20,
        "allowed": 1 << 20,
    }


async def test_a_packed_body_is_not_taken(ada: Graph) -> None:
    body = gzip.compress(b'{"query": "{ __typename }"}')
    response = await send(ada, body, **{"content-encoding": "gzip"})
    assert response.status_code == 415
    assert response.json()["errors"][0]["extensions"] == {"code": "UNSUPPORTED_CONTENT_ENCODING"}
    assert (await send(ada, b'{"query": "{ __typename }"}', **{"content-encoding": "identity"})).status_code == 200


@pytest.mark.parametrize("media_type", [RESPONSE, "application/json", "text/event-stream"])
async def test_what_nobody_foresaw_is_masked_and_logged(
    ada: Graph, caplog: pytest.LogCaptureFixture, media_type: str
) -> None:
    """An engine with a part missing stands for whatever else may be wrong in it."""
    assert ada.roads is not None
    whole, ada.roads.engine._turns = ada.roads.engine._turns, None  # type: ignore[assignment]
    try:
        response = await ada.post({"query": "{ __typename }"}, accept=media_type)
    finally:
        ada.roads.engine._turns = whole
    text = response.text
    if media_type != "text/event-stream":
        assert response.status_code == 500
        assert response.headers["content-type"] == media_type
    else:
        text = text.partition("data: ")[2].partition("\n")[0]
    (error,) = json.loads(text)["errors"]
    assert (error["extensions"]["code"], "NoneType" in error["message"]) == ("INTERNAL", False)
    assert error["extensions"]["incident"] in caplog.text
    assert "'NoneType' object" in caplog.text


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
