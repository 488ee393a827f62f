"""Slow, silent and nonsensical clients against a real server."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from runtime.http_timeouts import Patience, TimedHttp
from tests.waiting import until


class Hasty(TimedHttp):
    _patience = Patience(header_seconds=0.2, body_seconds=0.2, header_bytes=10_000)


async def length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        application = Starlette(routes=[Route("/", length, methods=["POST"])])
        server = uvicorn.Server(
            uvicorn.Config(application, http=Hasty, log_config=None, ws="none", timeout_keep_alive=1)
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        until(lambda: server.started)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


WHOLE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab"
HALVES = {
    "nothing": b"",
    "half a line": b"POST /",
    "half the headers": b"POST / HTTP/1.1\r\nHost: x\r\n",
    "half the body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc",
    "a second request's first byte": WHOLE + b"P",
    "blank lines after a request": WHOLE + b"\r\n",
}


@pytest.mark.parametrize("said", HALVES.values(), ids=HALVES.keys())
def test_who_falls_silent_is_hung_up_on(port: int, said: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(said)
        heard = b"".join(iter(lambda: line.recv(4096), b""))
    assert heard.startswith(b"HTTP/1.1 200 OK") == said.startswith(WHOLE)


def _heard(port: int, *said: bytes) -> tuple[bytes, dict[str, Any]]:
    """The first line of the answer, and the extensions of its one error."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        with suppress(OSError):
            for each in said:
                line.sendall(each)
        heard = b"".join(iter(lambda: line.recv(4096), b""))
    head, _, body = heard.partition(b"\r\n\r\n")
    (error,) = json.loads(body)["errors"]
    assert error["message"]
    return head.partition(b"\r\n")[0], error["extensions"]


def test_who_is_too_slow_is_told_so(port: int) -> None:
    assert _heard(port, b"POST / HTTP/1.1\r\nHost: x\r\n") == (
        b"HTTP/1.1 408 Request Timeout",
        {"code": "TIMEOUT", "limit": "header_seconds", "allowed": 0.2},
    )
    assert _heard(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc") == (
        b"HTTP/1.1 408 Request Timeout",
        {"code": "TIMEOUT", "limit": "body_seconds", "allowed": 0.2},
    )


def test_headers_have_a_most(port: int) -> None:
    status, told = _heard(port, b"GET / HTTP/1.1\r\n", *[b"x: " + b"y" * 4000 + b"\r\n"] * 3)
    assert status == b"HTTP/1.1 431 Request Header Fields Too Large"
    assert (told["code"], told["allowed"]) == ("HEADERS_TOO_LARGE", 10_000)
    assert told["requested"] > 10_000


def test_what_is_no_http_is_told_so(port: int) -> None:
    assert _heard(port, b"nonsense\r\n\r\n") == (b"HTTP/1.1 400 Bad Request", {"code": "BAD_REQUEST"})


def test_the_rest_of_a_body_is_not_heard_out_for_ever(port: int) -> None:
    """Who sends on and on after the answer is hung up on."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(b"GET /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 404")
        pause = threading.Event()
        with pytest.raises(OSError, match=r"reset|Broken"):
            for _ in range(50):
                pause.wait(0.05)
                line.sendall(b"a")


def test_who_is_slow_but_steady_is_served(port: int) -> None:
    size = 10
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % size)
        pause = threading.Event()
        for _ in range(size):
            assert not pause.wait(0.05)
            line.sendall(b"a")
        heard = b"".join(iter(lambda: line.recv(4096), b""))
    assert heard.endswith(b"\r\n\r\n10")
