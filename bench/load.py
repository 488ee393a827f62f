"""A load generator of its own process: keep-alive HTTP/1.1 over raw sockets, and every answer is read and judged.

It reads its order as JSON from standard input and writes its tally as JSON to standard output, so that its work is
never counted as the server's.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from typing import Any, cast

import uvloop

CONCURRENCY = 16
PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Tally:
    """What a volley came to: answers, the seconds from the first question to the last answer, latencies in ms."""

    answers: int
    seconds: float
    median_ms: float
    p95_ms: float
    answer_bytes: int

    @property
    def per_second(self) -> float:
        return self.answers / self.seconds


@dataclass(frozen=True, slots=True)
class Order:
    """What to send, over and over in this order: until so many seconds are over, or so many answers are there."""

    port: int
    requests: Sequence[dict[str, Any]]
    token: str | None = None
    seconds: float | None = None
    answers: int | None = None
    concurrency: int = CONCURRENCY


def fire(order: Order) -> Tally:
    """This will send a volley from another process, which takes the cores of this one.

    Raises: RuntimeError where an answer is not 200, or tells of errors.
    """
    fired = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(asdict(order)),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    if fired.returncode:
        raise RuntimeError(f"the load generator gave up: {fired.stderr.strip().splitlines()[-1]}")
    return Tally(**json.loads(fired.stdout))


class Volley:
    """Questions still to send, and the answers so far."""

    def __init__(self, order: Order) -> None:
        self._left = cycle([_request(order, each) for each in order.requests])
        self._unsent = order.answers
        self._seconds = order.seconds
        self._closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._open = order.concurrency
        self.latencies: list[float] = []
        self.answer_bytes = 0
        self.began = time.perf_counter()

    def take(self) -> bytes | None:
        """This will give the next request; None where the volley is over."""
        if self._unsent == 0 or (self._seconds and time.perf_counter() - self.began > self._seconds):
            return None
        if self._unsent:
            self._unsent -= 1
        return next(self._left)

    def left(self, fault: Exception | None) -> None:
        """This will note that a client has gone."""
        self._open -= 1
        if self._closed.done():
            return
        if fault:
            self._closed.set_exception(fault)
        elif self._open == 0:
            self._closed.set_result(None)

    async def over(self) -> Tally:
        """This will wait for the last answer."""
        await self._closed
        seconds = time.perf_counter() - self.began
        ordered = sorted(self.latencies)
        count = len(ordered)
        median, p95 = (1000 * ordered[int(count * share)] for share in (0.5, 0.95))
        return Tally(count, seconds, median, p95, self.answer_bytes // count)


class Client(asyncio.Protocol):
    """One connection: asks, reads the whole answer, asks again."""

    def __init__(self, volley: Volley) -> None:
        self._volley = volley
        self._answer = bytearray()
        self._length: int | None = None
        self._asked = 0.0
        self._fault: Exception | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        broken = exc or (ConnectionError("the server hung up") if self._asked else None)
        self._volley.left(self._fault or broken)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if self._length is None and (head := self._answer.find(b"\r\n\r\n")) >= 0:
            self._length = head + 4 + _content_length(bytes(self._answer[:head]))
        if self._length is not None and len(self._answer) >= self._length:
            self._judge(bytes(self._answer))

    def _ask(self) -> None:
        self._answer.clear()
        self._length = None
        request = self._volley.take()
        self._asked = 0.0 if request is None else time.perf_counter()
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)

    def _judge(self, answer: bytes) -> None:
        if not answer.startswith(b"HTTP/1.1 200 ") or b'"errors":' in answer or b'"userErrors":[{' in answer:
            self._fault = RuntimeError(f"not a good answer: {answer[:1000]!r}")
            self._transport.close()
            return
        self._volley.latencies.append(time.perf_counter() - self._asked)
        self._volley.answer_bytes += len(answer)
        self._ask()


def _content_length(head: bytes) -> int:
    lowered = head.lower()
    begin = lowered.index(b"content-length:") + len(b"content-length:")
    return int(lowered[begin:].split(b"\r\n", 1)[0])


def _request(order: Order, body: dict[str, Any]) -> bytes:
    content = json.dumps(body).encode()
    authorization = f"Authorization: Bearer {order.token}\r\n" if order.token else ""
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1:{order.port}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\n{authorization}Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


async def _fire(order: Order) -> Tally:
    volley = Volley(order)
    loop = asyncio.get_running_loop()
    for _ in range(order.concurrency):
        await loop.create_connection(lambda: Client(volley), "127.0.0.1", order.port)
    return await volley.over()


if __name__ == "__main__":
    print(json.dumps(asdict(uvloop.run(_fire(Order(**json.load(sys.stdin)))))))
