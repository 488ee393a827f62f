"""Refusals outside of an operation: GraphQL's `errors` in every case, with the HTTP status that fits."""

import orjson
from starlette.responses import Response

from api.graph.problems import of_exception, of_refusal
from api.http.bodies import BadRequest
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
OF_PROBLEMS = {"INTERNAL": 500, "BAD_USER_INPUT": 400}


def refused(error: Exception, media_type: str = "application/json") -> Response:
    """This will be the answer to a request that failed, whatever the reason is."""
    if isinstance(error, BadRequest):
        return _answer(error.status, error.message, {"code": error.code}, media_type)
    if isinstance(error, QuotaUsedUp):
        told = {"code": "QUOTA_EXCEEDED", "allowed": error.allowed}
        return _answer(STATUS[QuotaUsedUp], error.message, told, media_type)
    if isinstance(error, Refusal):
        return _answer(STATUS.get(type(error), 400), error.message, {"code": of_refusal(error).code}, media_type)
    problem = of_exception(error)
    return _answer(OF_PROBLEMS.get(problem.code, 503), problem.message, problem.extensions or {}, media_type)


def _answer(status: int, message: str, extensions: dict[str, object], media_type: str) -> Response:
    body = orjson.dumps({"errors": [{"message": message, "extensions": extensions}]})
    return Response(body, status, HEADERS.get(status), media_type)
