"""Clients subscribe to a customer, lose the connection, and miss nothing."""

from collections.abc import Iterator

import pytest

from bench.processes import REPOSITORY, running
from tests.clients.conftest import Server, Story

pytestmark = pytest.mark.skipif(
    "customerChanged" not in (REPOSITORY / "schema.graphql").read_text(), reason="there are no subscriptions yet"
)


@pytest.fixture(scope="module", autouse=True)
def announcing(server: Server) -> Iterator[None]:
    """A worker, which calls out what happens."""
    with running(["-m", "cli", "work"], server.own):
        yield


@pytest.mark.parametrize("script", ["graphql_ws.mjs", "graphql_sse.mjs", "apollo_live.mjs", "urql_live.mjs"])
def test_who_loses_the_connection_hears_what_was_missed(story: Story, script: str) -> None:
    told = story(script)
    assert told["meanwhile"] == 0, "the connection is lost"
    assert told["heard"] == told["different"] == 4, "nothing is missed, and nothing is heard twice"
    assert told["changed"] == [["city"]] * 4
    assert told.get("known", "Bregenz") == "Bregenz", "the cache holds what was heard"
