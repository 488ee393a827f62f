"""Refusals outside of an operation: GraphQL's `errors` in every case, with the HTTP status that fits."""

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from api.graph.problems import of_exception, of_refusal
from api.http.bodies import BadRequest
from api.http.caching import NOT_KEPT
from domain.files.rules import FileTooLarge, QuotaUsedUp
from domain.kernel.refusals import Forbidden, NotFound, Refusal, Unauthenticated

STATUS: dict[type[Refusal], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    FileTooLarge: 413,
    QuotaUsedUp: 413,
}
HEADERS = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "1"}}
OF_PROBLEMS = {"INTERNAL": 500, "BAD_USER_INPUT": 400, "TIMEOUT": 504}
GONE = 499
"""For nobody: the client has gone away."""
NOT_SERVED = {
    404: ("NOT_FOUND", "There is nothing at this address; GraphQL is at `/graphql`."),
    405: ("METHOD_NOT_ALLOWED", "This address does not take the method {method}; `Allow` names those that it takes."),
}


def refused(error: Exception, media_type: str = "application/json") -> Response:
    """This will be the answer to a request that failed, whatever the reason is."""
    if isinstance(error, BadRequest):
        return _answer(error.status, error.message, {"code": error.code, **error.more}, media_type)
    if isinstance(error, ClientDisconnect):
        return Response(status_code=GONE)
    if isinstance(error, QuotaUsedUp):
        told = {"code": "QUOTA_EXCEEDED", "allowed": error.allowed}
        return _answer(STATUS[QuotaUsedUp], error.message, told, media_type)
    if isinstance(error, Refusal):
        return _answer(STATUS.get(type(error), 400), error.message, {"code": of_refusal(error).code}, media_type)
    problem = of_exception(error)
    return _answer(OF_PROBLEMS.get(problem.code, 503), problem.message, problem.extensions or {}, media_type)


async def not_served(request: Request, error: Exception) -> Response:
    """This will be the answer where no route takes the request: unknown addresses, and methods not taken there."""
    if not isinstance(error, HTTPException):
        return refused(error)
    code, message = NOT_SERVED.get(error.status_code, ("BAD_REQUEST", "This request is not served."))
    response = _answer(error.status_code, message.format(method=request.method), {"code": code}, "application/json")
    response.headers.update(error.headers or {})
    return response


async def broken(_: Request, error: Exception) -> Response:
    """This will be the answer where a route failed and did not say so itself."""
    return refused(error)


def _answer(status: int, message: str, extensions: dict[str, object], media_type: str) -> Response:
    body = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    return Response(body, status, NOT_KEPT | HEADERS.get(status, {}), media_type)
