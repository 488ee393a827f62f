"""Server-sent events: an answer an event, ids to resume by, and only for who likes events best."""

from typing import Any

import httpx
import pytest

from domain.customers.commands import update_customer
from domain.kernel.actor import SYSTEM
from tests.graph import NOW
from tests.live import Live, taken_in

pytestmark = pytest.mark.anyio
NAMES = "subscription($after: String) { customerChanged(after: $after) { id customer { name } } }"


async def test_a_change_is_an_event(live: Live) -> None:
    here = await live.here()
    async with live.stream(NAMES, after=here) as stream:
        assert stream.response.headers["content-type"].startswith("text/event-stream")
        assert stream.response.headers["cache-control"] == "no-store"
        await taken_in("Kim")
        id, name, told = await stream.next()
        assert (name, told["data"]["customerChanged"]) == ("next", {"id": id, "customer": {"name": "Kim"}})


async def test_who_comes_again_resumes_after_the_last_event(live: Live) -> None:
    here = await live.here()
    async with live.stream(NAMES, after=here) as stream:
        key = await taken_in("Kim")
        last, _, _ = await stream.next()
    await update_customer(key, {"name": "Kimmy"}, by=SYSTEM, at=NOW)
    await taken_in("Lee")
    assert last is not None
    async with live.stream(NAMES, headers={"last-event-id": last}, after=here) as stream:
        told = [(await stream.next())[2]["data"]["customerChanged"]["customer"]["name"] for _ in range(2)]
    assert told == ["Kimmy", "Lee"]


async def test_a_query_is_one_event_and_an_end(quiet: Live) -> None:
    async with quiet.stream("{ customers { nodes { id } } }") as stream:
        _, name, told = await stream.next()
        assert (name, told["data"]) == ("next", {"customers": {"nodes": []}})
        assert (await stream.next())[1] == "complete"


@pytest.mark.parametrize(
    ("query", "code"),
    [("subscription {", "GRAPHQL_PARSE_FAILED"), ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED")],
)
async def test_what_is_wrong_is_told_in_the_stream(quiet: Live, query: str, code: str) -> None:
    async with quiet.stream(query) as stream:
        _, name, told = await stream.next()
        assert (name, told["errors"][0]["extensions"]["code"]) == ("next", code)
        assert (await stream.next())[1] == "complete"


async def test_a_mutation_is_not_sent_by_get(quiet: Live) -> None:
    query = 'mutation { customerCreate(input: {kind: PERSON, name: "Lee"}) { customer { name } } }'
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {quiet.token}"}
    async with httpx.AsyncClient() as http:
        response = await http.get(quiet.url, params={"query": query}, headers=headers)
    assert "Lee" not in response.text
    assert "errors" in response.text


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json"])
async def test_a_subscription_needs_a_stream(quiet: Live, accept: str) -> None:
    async with httpx.AsyncClient() as http:
        headers = {"accept": accept, "authorization": f"Bearer {quiet.token}"}
        response = await http.post(quiet.url, json={"query": NAMES}, headers=headers)
    answer: dict[str, Any] = response.json()
    assert answer["errors"][0]["extensions"]["code"] == "SUBSCRIPTION_NEEDS_STREAM"


@pytest.mark.parametrize("chosen", [{"live_keepalive_seconds": 0.1}])
async def test_a_quiet_line_gives_signs_of_life(quiet: Live) -> None:
    async with quiet.stream(NAMES) as stream:
        signs = 0
        async for line in stream.response.aiter_lines():
            signs += line == ":"
            if signs == 3:
                break


async def test_a_server_that_stops_ends_streams_without_an_end(live: Live) -> None:
    """So that their clients come again, elsewhere."""
    async with live.stream(NAMES) as stream:
        live.lines.leave()
        with pytest.raises(EOFError):
            await stream.next()
