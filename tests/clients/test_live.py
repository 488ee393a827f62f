"""Clients subscribe to a customer, lose the connection, and miss nothing."""

import pytest

from bench.processes import REPOSITORY
from tests.clients.conftest import Story

pytestmark = pytest.mark.skipif(
    "customerChanged" not in (REPOSITORY / "schema.graphql").read_text(), reason="there are no subscriptions yet"
)


@pytest.mark.parametrize("script", ["graphql_ws.mjs", "graphql_sse.mjs", "apollo_live.mjs", "urql_live.mjs"])
def test_who_loses_the_connection_hears_what_was_missed(story: Story, script: str) -> None:
    told = story(script)
    assert told["heard"] >= 2
    assert told["meanwhile"] == 0, "the connection is lost"
    assert told["resumed"] == 3, "what was missed, and what came after"
    assert told["again"] == 0, "nothing is heard twice"
    assert told["city"] == "Bregenz"
    assert told.get("known", "Bregenz") == "Bregenz", "the cache holds what was heard"
