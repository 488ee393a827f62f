"""What a client would like to read: events, or one of the two media types of GraphQL over HTTP."""

from functools import lru_cache
from typing import NamedTuple

from api.http.bodies import BadRequest

EVENT_STREAM = "text/event-stream"
RESPONSE_TYPE = "application/graphql-response+json"
JSON_TYPE = "application/json"
LONGEST_REMEMBERED = 256
"""Characters of an `Accept` that is worth remembering; a longer one is no usual client's."""
_WRITTEN = {RESPONSE_TYPE: RESPONSE_TYPE, JSON_TYPE: JSON_TYPE, "application/*": JSON_TYPE, "*/*": JSON_TYPE}


class Wish(NamedTuple):
    """Whether the client likes events best; the media type of answers and refusals, JSON where it takes neither."""

    streams: bool
    media_type: str
    is_taken: bool

    def require(self) -> None:
        """This will see to it that we can write what the client reads. Raises BadRequest (406)."""
        if not self.is_taken:
            raise BadRequest(406, "NOT_ACCEPTABLE", f"Answers are written as {RESPONSE_TYPE} or {JSON_TYPE}.")


def wish_of(accept: str | None) -> Wish:
    """This will read an `Accept`: the highest quality wins, and of equals the first; without any, JSON."""
    if not accept:
        return ANYTHING
    return _remembered(accept) if len(accept) <= LONGEST_REMEMBERED else _read(accept)


def _read(accept: str) -> Wish:
    liked, written, best, best_written = "", None, 0.0, 0.0
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(parameters)
        if quality > best:
            liked, best = name, quality
        if name in _WRITTEN and quality > best_written:
            written, best_written = _WRITTEN[name], quality
    streams = liked == EVENT_STREAM
    return Wish(streams, JSON_TYPE if streams else written or JSON_TYPE, streams or written is not None)


def _quality(parameters: list[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


_remembered = lru_cache(maxsize=128)(_read)
ANYTHING = Wish(streams=False, media_type=JSON_TYPE, is_taken=True)
