"""GraphQL over HTTP (the GraphQL Foundation's draft): POST and GET, both media types, status codes as it asks."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.context import Surroundings
from api.graph.answers import Answer
from api.graph.documents import Rejected
from api.graph.problems import Problem
from api.graph.subscriptions import answer_of
from api.http.accept import JSON_TYPE, RESPONSE_TYPE, wish_of
from api.http.auth import Doorkeeper
from api.http.bodies import OF_DOCUMENTS, PARAMETERS, BadRequest, json_object, query_parameters
from api.http.caching import NOT_KEPT, has_it, validators
from api.http.deadline import Deadline, Deadlines
from api.http.refusals import refused
from api.http.stream import EventStreams
from domain.kernel.actor import Actor
from domain.kernel.trace import trace_parent
from runtime.tracing import HEADER, tracing

ALWAYS = {"METHOD_NOT_ALLOWED": 405, "BAD_REQUEST": 400}
STATUS = {"COST_EXCEEDED": 429, "TOO_MANY_REQUESTS": 429, "FORBIDDEN": 403, "TIMEOUT": 504}
CONTENT_TYPE = {name: (b"content-type", name.encode()) for name in (JSON_TYPE, RESPONSE_TYPE)}


class GraphQLEndpoint:
    """Answers GraphQL requests; whatever goes wrong is an answer with a code.

    It is an application of ASGI by itself: what Starlette does for each endpoint takes as long as a hit of a plan.
    """

    def __init__(self, surroundings: Surroundings, doorkeeper: Doorkeeper, streams: EventStreams) -> None:
        self._surroundings = surroundings
        self._doorkeeper = doorkeeper
        self._streams = streams
        self._deadlines = Deadlines(surroundings.settings.request_timeout_seconds)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """This will answer a request, in a span that jobs which are asked for remember."""
        request = Request(scope, receive)
        with tracing.request("GraphQL", request.headers.get(HEADER)) as span:
            trace_parent.set(span.trace_parent)
            response = await self._response(request)
            if response.status_code >= 500:
                span.failed = str(response.status_code)
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        wish, was_read = wish_of(request.headers.get("accept")), False
        try:
            wish.require()
            with Deadline(self._deadlines) as deadline:
                actor = await self._doorkeeper.actor(request)
                parameters = _checked(await self._parameters(request))
                was_read = True
                if wish.streams:
                    return await self._streams.answer(request, actor, parameters)
                deadline.heed(request.receive)
                answer = await self._answer(request, parameters, actor)
        except Exception as error:
            if not isinstance(error, Problem):
                return refused(error, wish.media_type)
            if not was_read:
                return refused(BadRequest(408, error.code, error.message, **error.more), wish.media_type)
            answer = answer_of(error)
        if request.method != "POST" and not parameters.get("query") and answer.is_faultless:
            return _kept(request, answer, wish.media_type)
        return _responded(answer, wish.media_type)

    async def _answer(self, request: Request, parameters: dict[str, Any], actor: Actor) -> Answer:
        try:
            text = await self._surroundings.stored.text(parameters, actor)
        except (Problem, Rejected) as error:
            return answer_of(error)
        return await self._surroundings.engine.run(
            text,
            operation_name=parameters.get("operationName") or None,
            variables=parameters.get("variables") or {},
            actor=actor,
            at=self._surroundings.clock(),
            address=request.client.host if request.client else "",
            surroundings=self._surroundings,
            read_only=request.method != "POST",
        )

    async def _parameters(self, request: Request) -> dict[str, Any]:
        if request.method == "POST":
            return await json_object(request, self._surroundings.settings.max_body_bytes)
        parameters: dict[str, Any] = {
            name: text for name, text in query_parameters(request).items() if name in PARAMETERS
        }
        for name in ("variables", "extensions"):
            if name in parameters:
                try:
                    parameters[name] = orjson.loads(parameters[name])
                except orjson.JSONDecodeError as error:
                    raise BadRequest(400, "BAD_REQUEST", f"`{name}` is not JSON: {error}.") from None
        return parameters


def _checked(parameters: dict[str, Any]) -> dict[str, Any]:
    for name, kind in PARAMETERS.items():
        value = parameters.get(name)
        if value is not None and not isinstance(value, kind):
            wanted = "a string" if kind is str else "an object"
            raise BadRequest(400, "BAD_REQUEST", f"`{name}` must be {wanted}.")
    if not any(parameters.get(name) for name in OF_DOCUMENTS):
        raise BadRequest(400, "BAD_REQUEST", "`query` is missing; it holds the GraphQL document.")
    return parameters


def _kept(request: Request, answer: Answer, media_type: str) -> Response:
    headers = validators(answer.content)
    return Response(None, 304, headers) if has_it(request, headers) else _responded(answer, media_type, headers)


def _responded(answer: Answer, media_type: str, headers: Mapping[str, str] = NOT_KEPT) -> Response:
    status, more = _status(answer, media_type), dict(headers)
    if status == 405:
        more["Allow"] = "POST"
    if answer.retry_after is not None:
        more["Retry-After"] = str(answer.retry_after)
    return Reply(answer.body, status, more, media_type)


def _status(answer: Answer, media_type: str) -> int:
    """As the draft asks: where the client takes plain JSON alone, GraphQL's errors come with 200."""
    if answer.code in ALWAYS:
        return ALWAYS[answer.code]
    if answer.executed or media_type == JSON_TYPE:
        return 200
    return STATUS.get(answer.code or "", 400)


class Reply(Response):
    """An answer of an operation; its few headers are written at once, without Starlette's search for others."""

    def __init__(self, body: bytes, status: int, headers: Mapping[str, str], media_type: str) -> None:
        self.status_code, self.body, self.background = status, body, None
        self.raw_headers = [
            CONTENT_TYPE[media_type],
            (b"content-length", b"%d" % len(body)),
            *((name.lower().encode(), value.encode()) for name, value in headers.items()),
        ]
