"""HTTP towards a server that may be slow, down or hostile: bounded in time, in bytes and in connections.

No redirect is followed, nothing compressed is taken (it could grow without end), and no body that is too long.
"""

from collections.abc import AsyncIterator
from typing import Any

import httpx2

TIMEOUTS = httpx2.Timeout(5)
LIMITS = httpx2.Limits(max_connections=16, max_keepalive_connections=4)
LONGEST_BODY = 256 * 1024
HEADERS = {"accept": "application/json", "accept-encoding": "identity"}


class AnswerRefused(httpx2.TransportError):
    """The answer is none that we take: a redirect, compressed, or too long."""


class BoundedTransport(httpx2.AsyncHTTPTransport):
    """Sends requests, and takes only answers that stay within bounds."""

    def __init__(self, **options: Any) -> None:
        super().__init__(limits=LIMITS, **options)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """This will send a request and give its answer, whose body is cut off where it grows too long.

        Raises AnswerRefused, and TransportError where there is no answer.
        """
        response = await super().handle_async_request(request)
        if refused := _refusal(response):
            await response.aclose()
            raise AnswerRefused(refused)
        response.stream = _Bounded(response.stream)
        return response


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        taken = 0
        async for part in self._stream:
            taken += len(part)
            if taken > LONGEST_BODY:
                raise AnswerRefused(f"the body is longer than {LONGEST_BODY} bytes")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def _refusal(response: httpx2.Response) -> str:
    if 300 <= response.status_code < 400:
        return "it is a redirect"
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        return "it is compressed"
    return ""
