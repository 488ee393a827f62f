"""What clients like to read: events, GraphQL's media type or JSON, by quality and by place."""

import pytest

from api.http.accept import JSON_TYPE, LONGEST_REMEMBERED, RESPONSE_TYPE, wish_of
from api.http.bodies import BadRequest


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("text/event-stream", True),
        ("text/event-stream, application/json", True),
        ("text/event-stream;q=0.9, application/json;q=0.1", True),
        ("application/graphql-response+json, application/json, text/event-stream", False),
        ("application/json, text/event-stream", False),
        ("text/event-stream;q=0.5, application/json", False),
        ("text/event-stream;q=nonsense, application/json", False),
        ("text/event-stream;q=0", False),
        ("*/*", False),
        ("", False),
        (None, False),
    ],
)
def test_events_are_for_who_likes_them_best(accept: str | None, expected: bool) -> None:
    assert wish_of(accept).streams is expected


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON_TYPE),
        ("*/*", JSON_TYPE),
        ("application/*", JSON_TYPE),
        (RESPONSE_TYPE, RESPONSE_TYPE),
        (f"{RESPONSE_TYPE}; charset=utf-8, {JSON_TYPE};q=0.9", RESPONSE_TYPE),
        (f"{RESPONSE_TYPE};q=0.1, {JSON_TYPE};q=0.9", JSON_TYPE),
        (f"text/html, {RESPONSE_TYPE};q=0.5", RESPONSE_TYPE),
        ("x" * LONGEST_REMEMBERED + f", {RESPONSE_TYPE}", RESPONSE_TYPE),
    ],
)
def test_answers_are_of_the_type_that_is_liked_best(accept: str | None, expected: str) -> None:
    wish = wish_of(accept)
    wish.require()
    assert wish.media_type == expected


@pytest.mark.parametrize("accept", ["text/html", f"{JSON_TYPE};q=0", f"{RESPONSE_TYPE};q=nan", ",", ";q=1"])
def test_who_takes_neither_is_refused_in_json(accept: str) -> None:
    assert wish_of(accept).media_type == JSON_TYPE
    with pytest.raises(BadRequest) as refused:
        wish_of(accept).require()
    assert refused.value.status == 406
