"""Answers: the bytes to send, their errors worded, and what the operation cost."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from graphql import GraphQLError

from api.graph.problems import Problem, of_exception, of_refusal
from domain.kernel.refusals import Refusal
from runtime.allowance import Standing


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation gave: errors and data, and what it cost; the code is of what kept it from being executed."""

    content: bytes
    """A JSON object without its last brace: the same as long as the data is."""
    extensions: bytes = b""
    executed: bool = True
    code: str | None = None
    retry_after: int | None = None

    @property
    def body(self) -> bytes:
        """The whole answer as JSON."""
        return b"%b%b}" % (self.content, self.extensions)

    @property
    def is_faultless(self) -> bool:
        """True where it has data and no errors, which would come first."""
        return self.executed and self.content.startswith(b'{"data"')


def refused(problems: Sequence[GraphQLError], code: str) -> Answer:
    """This will be the answer to an operation that is not executed."""
    seconds = (problems[0].extensions or {}).get("retryAfter") if problems else None
    return Answer(content_of(None, problems, executed=False), executed=False, code=code, retry_after=seconds)


def cost_of(requested: int, actual: int, standing: Standing) -> bytes:
    """This will tell a client what its operation cost, and what it has left."""
    return (
        f',"extensions":{{"cost":{{"requested":{requested},"actual":{actual},'
        f'"available":{standing.available},"restoreRate":{standing.restore_rate}}}}}'
    ).encode()


def content_of(data: Any, errors: Sequence[GraphQLError], *, executed: bool) -> bytes:
    """This will write errors and data as JSON, but for the last brace."""
    answer: dict[str, Any] = {"data": data} if executed else {}
    if errors:
        answer = {"errors": [_worded(error) for error in errors], **answer}
    return orjson.dumps(answer)[:-1]


def _worded(error: GraphQLError) -> dict[str, Any]:
    original = error.original_error
    if isinstance(original, Refusal):
        return _located(of_refusal(original), error)
    if original is not None and not isinstance(original, GraphQLError):
        return _located(of_exception(original), error)
    formatted = cast(dict[str, Any], error.formatted)
    formatted.setdefault("extensions", {}).setdefault("code", "BAD_USER_INPUT")
    return formatted


def _located(problem: Problem, error: GraphQLError) -> dict[str, Any]:
    formatted = cast(dict[str, Any], error.formatted)
    return formatted | {"message": problem.message, "extensions": problem.extensions}
