"""Reading requests: bodies bounded in size, JSON objects only, text in UTF-8; every fault is an answer."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from starlette.requests import ClientDisconnect, Request

PARAMETERS = {"query": str, "documentId": str, "operationName": str, "variables": dict, "extensions": dict}
"""What a GraphQL request is made of."""
OF_DOCUMENTS = frozenset({"query", "documentId", "extensions"})
"""Of these the ones that can say which document it is for."""


class BadRequest(Exception):
    """The request cannot be understood: an HTTP status, a code and a sentence, and what more its extensions tell."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.more = status, code, message, more


async def chunks(request: Request, largest: int) -> AsyncIterator[bytes]:
    """This will give the body piece by piece. Raises BadRequest (413) as soon as it is larger than allowed.

    Raises also ClientDisconnect.
    """
    _refuse_declared(dict(request.scope["headers"]), largest)
    read, more = 0, True
    while more:
        chunk, more = await _received(request, read, largest)
        read += len(chunk)
        if chunk:
            yield chunk


async def _received(request: Request, read: int, largest: int) -> tuple[bytes, bool]:
    message = await request.receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnect
    chunk: bytes = message.get("body", b"")
    if read + len(chunk) > largest:
        raise _too_large(read + len(chunk), largest)
    return chunk, message.get("more_body", False)


def _refuse_declared(headers: Mapping[bytes, bytes], largest: int) -> None:
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared[:20]) > largest:
        raise _too_large(int(declared[:20]), largest)


async def json_object(request: Request, largest: int) -> dict[str, Any]:
    """This will read a JSON object from the body. Raises BadRequest and ClientDisconnect."""
    headers = dict(request.scope["headers"])
    media_type = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    if media_type != b"application/json":
        raise BadRequest(415, "UNSUPPORTED_MEDIA_TYPE", "Send the request as `Content-Type: application/json`.")
    if headers.get(b"content-encoding", b"identity").strip().lower() != b"identity":
        raise BadRequest(415, "UNSUPPORTED_CONTENT_ENCODING", "Send the body as it is, without a `Content-Encoding`.")
    _refuse_declared(headers, largest)
    body, more = await _received(request, 0, largest)
    pieces, read = [body], len(body)
    while more:
        body, more = await _received(request, read, largest)
        pieces.append(body)
        read += len(body)
    try:
        value = orjson.loads(b"".join(pieces))
    except orjson.JSONDecodeError as error:
        raise BadRequest(400, "BAD_REQUEST", f"The body is not JSON: {error}.") from None
    if isinstance(value, list):
        raise BadRequest(400, "BATCHING_NOT_SUPPORTED", "Send one operation a request; batches are not taken.")
    if not isinstance(value, dict):
        raise BadRequest(400, "BAD_REQUEST", "The body must be a JSON object with a `query`.")
    return value


def query_parameters(request: Request) -> dict[str, str]:
    """This will read what stands behind the `?`, the last one of a name. Raises BadRequest where it is not UTF-8."""
    try:
        text = request.scope["query_string"].decode()
        return dict(parse_qsl(text, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise BadRequest(400, "BAD_REQUEST", "The address is not UTF-8 behind the `?`; percent-encode UTF-8.") from None


def _too_large(size: int, largest: int) -> BadRequest:
    message = f"The body is over {largest} bytes, the most that is taken."
    return BadRequest(413, "PAYLOAD_TOO_LARGE", message, requested=size, allowed=largest)
