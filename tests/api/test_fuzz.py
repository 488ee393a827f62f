"""Whatever bytes come, in bodies, addresses, headers or on a WebSocket: never a failure of ours, and never slowly."""

import json
import time
from collections.abc import Awaitable
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosed

from tests.graph import Graph
from tests.live import Live

pytestmark = pytest.mark.anyio
LONGEST_SECONDS = 20
"""Behind that it hangs; a busy machine may stand still for some seconds by itself."""
ODD = settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
JSON = {"content-type": "application/json"}
QUERY = "query ($where: CustomerWhere, $first: Int) { customers(where: $where, first: $first) { nodes { id } } }"

TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["\x00", "\ud800", "\udfff\ud800", "é" * 50, "{__typename}"]
)
HUGE = st.integers(-(10**400), 10**400) | st.floats() | st.sampled_from([2**31, 2**53, 2**63, 2**64, -(2**63) - 1])
LEAVES = st.none() | st.booleans() | HUGE | TEXTS
NAMES = st.sampled_from(
    ["query", "variables", "operationName", "extensions", "documentId", "where", "first", "id", "a"]
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXTS, inner, max_size=3), max_leaves=10
)
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "query": VALUES | st.sampled_from([QUERY, "{ __typename }", "mutation { customerCreate }"]),
        "variables": VALUES | st.fixed_dictionaries({}, optional={"where": VALUES, "first": VALUES}),
        "operationName": VALUES,
        "extensions": VALUES | st.just({"persistedQuery": {"version": 1, "sha256Hash": "x"}}),
        "documentId": VALUES,
    },
)
DEEP = st.builds(
    lambda opening, closing, levels, core: opening * levels + core + closing * levels,
    *(st.just("["), st.just("]")),
    st.sampled_from([10, 900, 1100, 20_000]),
    st.sampled_from(["", "1", "null", '"'] ),
) | st.builds(lambda levels: '{"a":' * levels + "1" + "}" * levels, st.sampled_from([10, 900, 1100, 20_000]))  # fmt: skip
WRITTEN = st.one_of(
    REQUESTS.map(json.dumps),
    VALUES.map(json.dumps),
    DEEP,
    DEEP.map(lambda text: f'{{"query": "{{ __typename }}", "variables": {text}}}'),
    DEEP.map(lambda text: f'{{"query": {json.dumps(text)}}}'),
).map(lambda text: text.encode(errors="surrogatepass"))
BODIES = st.one_of(
    st.binary(max_size=100),
    WRITTEN,
    st.builds(lambda body, end: body[: max(0, len(body) - end)], WRITTEN, st.integers(1, 5)),
    st.builds(lambda body, odd: body[: len(body) // 2] + odd + body[len(body) // 2 :], WRITTEN, st.binary(max_size=3)),
    REQUESTS.map(lambda request: json.dumps(request, ensure_ascii=False).encode(errors="surrogatepass")),
)
WORDS = st.sampled_from(
    ["application/json", "application/graphql-response+json", "text/event-stream", "*/*", "gzip", "br", "identity", "q=",
     ";q=0.5", ";q=nan", ";q=-1", ";q=1e999", ",", ";", "=", " ", "charset=utf-16", "Bearer ", "bearer", "null", "é", "\x7f",
     "a" * 300, "1" * 5000, "eyJhbGciOiJub25lIn0.e30.", "W/", '"', "*", "-"]
)  # fmt: skip
HEADERS = st.lists(WORDS, max_size=6).map("".join).map(str.encode) | st.binary(max_size=20).map(
    lambda raw: raw.translate(None, b"\r\n\x00")
)
NAMED = st.sampled_from(
    ["accept", "content-type", "content-encoding", "authorization", "accept-encoding", "last-event-id", "if-none-match",
     "content-length", "x-forwarded-for", "cookie", "host"]
)  # fmt: skip


async def _answered(sending: Awaitable[httpx.Response]) -> httpx.Response:
    began = time.perf_counter()
    response = await sending
    assert time.perf_counter() - began < LONGEST_SECONDS
    assert response.status_code < 500, response.text
    assert "INTERNAL" not in response.text
    if "event-stream" not in response.headers["content-type"]:
        told = response.json()
        assert all(error["extensions"]["code"] and error["message"] for error in told.get("errors", []))
        assert "data" in told or told["errors"]
    return response


@ODD
@given(body=BODIES)
async def test_bodies(ada: Graph, body: bytes) -> None:
    headers = {**JSON, "authorization": f"Bearer {ada.token}"}
    response = await _answered(ada.http.post("/graphql", content=body, headers=headers))
    assert response.status_code in (200, 400, 404)


@ODD
@given(
    given_parameters=st.lists(
        st.tuples(NAMES, st.binary(max_size=30) | WRITTEN.filter(lambda text: len(text) < 2000)), max_size=4
    )
)
async def test_addresses(ada: Graph, given_parameters: list[tuple[str, bytes]]) -> None:
    address = httpx.URL("http://salesloop.test/graphql", params=None).copy_with(
        query="&".join(
            f"{name}={''.join(f'%{byte:02x}' for byte in value)}" for name, value in given_parameters
        ).encode()
    )
    await _answered(ada.http.get(address, headers={"authorization": f"Bearer {ada.token}"}))


@ODD
@given(given_headers=st.dictionaries(NAMED, HEADERS, min_size=1, max_size=4))
async def test_headers(ada: Graph, given_headers: dict[str, bytes]) -> None:
    headers = {name.encode(): value for name, value in {**_bytes(JSON), **given_headers}.items()}
    if b"content-length" in headers:
        headers[b"transfer-encoding"] = b"chunked"
    request = httpx.Request(
        "POST", "http://salesloop.test/graphql", content=b'{"query": "{ __typename }"}', headers=headers
    )
    await _answered(ada.http.send(request))


def _bytes(headers: dict[str, str]) -> dict[str, bytes]:
    return {name: value.encode() for name, value in headers.items()}


MESSAGES = st.one_of(
    st.binary(max_size=50),
    st.text(max_size=30),
    st.fixed_dictionaries(
        {
            "type": st.sampled_from(["connection_init", "subscribe", "complete", "ping", "pong", "next", "error"])
            | VALUES
        },
        optional={
            "id": st.sampled_from(["1", "2", ""]) | VALUES,
            "payload": REQUESTS | VALUES | st.just({"query": "subscription { customerChanged { id } }"}),
        },
    ).map(lambda message: json.dumps(message)),
    DEEP,
)


@settings(ODD, max_examples=60)
@given(messages=st.lists(MESSAGES, min_size=1, max_size=5))
async def test_messages(quiet: Live, messages: list[str | bytes]) -> None:
    """A socket answers, or closes with a code of the protocol; 1011 would be a failure of ours."""
    quiet.forget()
    async with quiet.socket() as socket:
        try:
            for message in messages:
                await socket.raw.send(
                    message if isinstance(message, bytes) else message.encode(errors="replace").decode()
                )
            await socket.send(id="last", type="subscribe", payload={"query": "{ __typename }"})
            began = time.perf_counter()
            while (heard := await socket.hear()).get("id") != "last":
                assert "INTERNAL" not in orjson.dumps(heard).decode()
            assert time.perf_counter() - began < LONGEST_SECONDS
        except ConnectionClosed:
            assert socket.raw.close_code in (1000, 1013, 4400, 4401, 4403, 4409, 4429)
