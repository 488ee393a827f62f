"""Slow and silent clients against a real server."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from runtime.http_timeouts import TimedHttp
from tests.waiting import until


class Hasty(TimedHttp):
    header_seconds = 0.2
    body_seconds = 0.2


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
