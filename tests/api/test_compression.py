"""Larger answers are sent by gzip, to who takes it; never a stream of events, and nothing twice."""

import gzip
import zlib
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from api.http.compression import LARGE, Compression, takes_gzip
from tests.graph import Graph
from tests.live import Live

pytestmark = pytest.mark.anyio
LONG = "{ __schema { types { name description } } }"
SHORT = "{ __typename }"


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        (b"gzip", True),
        (b"GZIP, deflate, br, zstd", True),
        (b"deflate, gzip;q=0.5", True),
        (b"x-gzip", True),
        (b"*", True),
        (b"br, *;q=0.1", True),
        (b"identity;q=0.5, gzip;q=0.5", True),
        (b"gzip;q=0", False),
        (b"gzip;q=0, *", False),
        (b"gzip;q=nonsense", False),
        (b"identity, gzip;q=0.5", False),
        (b"br, deflate", False),
        (b"identity", False),
        (b"*;q=0", False),
        (b";;;=,,", False),
        (b"\xff\xfe", False),
        (b"", False),
    ],
)
def test_what_a_client_takes(wish: bytes, expected: bool) -> None:
    assert takes_gzip(wish) is expected


@pytest.mark.parametrize(
    ("query", "wish", "coding"),
    [
        (LONG, "gzip", "gzip"),
        (LONG, "identity", None),
        (LONG, "", None),
        (SHORT, "gzip", None),
        (LONG, "q" * 300, None),
    ],
)
async def test_longer_answers_are_compressed(ada: Graph, query: str, wish: str, coding: str | None) -> None:
    request = ada.http.build_request(
        "POST",
        "/graphql",
        json={"query": query},
        headers={"accept-encoding": wish, "authorization": f"Bearer {ada.token}"},
    )
    response = await ada.http.send(request, stream=True)
    raw = b"".join([chunk async for chunk in response.aiter_raw()])
    assert response.headers.get("content-encoding") == coding
    assert response.headers["vary"] == "Accept-Encoding"
    assert int(response.headers["content-length"]) == len(raw)
    plain = gzip.decompress(raw) if coding else raw
    assert plain.startswith(b'{"data":{"__')
    assert not coding or len(raw) < len(plain) / 3


async def test_a_client_that_does_not_speak_of_it_is_answered_plainly(ada: Graph) -> None:
    headers = {"authorization": f"Bearer {ada.token}", "content-type": "application/json"}
    request = httpx.Request(
        "POST", "http://salesloop.test/graphql", content=b'{"query": "%b"}' % LONG.encode(), headers=headers
    )
    response = await ada.http.send(request)
    assert "content-encoding" not in response.headers


async def test_pages_are_compressed_with_a_weak_validator(graph: Graph) -> None:
    plain = await graph.http.get("/site/front.js", headers={"accept-encoding": "identity"})
    packed = await graph.http.get("/site/front.js", headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == plain.text
    assert packed.headers["etag"] == f"W/{plain.headers['etag']}"
    assert "accept-ranges" not in packed.headers
    headers = {"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
    assert (await graph.http.get("/site/front.js", headers=headers)).status_code == 304
    part = await graph.http.get("/site/front.js", headers={"accept-encoding": "gzip", "range": "bytes=0-99"})
    assert (part.status_code, part.content, part.headers.get("content-encoding")) == (206, plain.content[:100], None)
    head = await graph.http.head("/site/front.js", headers={"accept-encoding": "gzip"})
    assert head.headers["content-length"] == plain.headers["content-length"]


async def test_events_are_not_compressed(quiet: Live) -> None:
    async with quiet.stream(LONG, headers={"accept-encoding": "gzip"}) as stream:
        assert "content-encoding" not in stream.response.headers
        assert (await stream.next())[1] == "next"


BODY = b'{"a": 1}' * 1000
PACKED = gzip.compress(BODY)


async def _streamed() -> Any:
    for _ in range(1000):
        yield b'{"a": 1}'


ANSWERS = {
    "twice": lambda: Response(PACKED, headers={"content-encoding": "gzip"}, media_type="application/json"),
    "untouched": lambda: Response(BODY, headers={"cache-control": "no-transform"}, media_type="application/json"),
    "binary": lambda: Response(BODY, media_type="application/octet-stream"),
    "streamed": lambda: StreamingResponse(_streamed(), media_type="application/json"),
    "large": lambda: Response(BODY * (LARGE // len(BODY) + 1), media_type="application/json"),
}


@pytest.mark.parametrize(
    ("name", "coding", "length"),
    [
        ("twice", "gzip", len(PACKED)),
        ("untouched", None, len(BODY)),
        ("binary", None, len(BODY)),
        ("streamed", "gzip", None),
    ],
)
async def test_what_another_has_written(name: str, coding: str | None, length: int | None) -> None:
    response, raw = await _sent(name)
    assert response.headers.get("content-encoding") == coding
    assert (zlib.decompress(raw, 31) if coding else raw) == BODY
    assert response.headers.get("content-length") == (str(length) if length else None)


async def test_a_very_large_answer_is_compressed_too() -> None:
    _, raw = await _sent("large")
    assert len(zlib.decompress(raw, 31)) > LARGE


async def _sent(name: str) -> tuple[httpx.Response, bytes]:
    async def answer(_: Request) -> Response:
        return ANSWERS[name]()

    app = Starlette(routes=[Route("/", answer)], middleware=[Middleware(Compression)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x") as http:
        response = await http.send(http.build_request("GET", "/", headers={"accept-encoding": "gzip"}), stream=True)
        return response, b"".join([chunk async for chunk in response.aiter_raw()])
