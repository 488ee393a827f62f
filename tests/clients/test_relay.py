"""Relay compiles its documents against the schema, and tells its story."""

from pathlib import Path

from tests.clients.conftest import Story, Tool

NAMES = [f"Relay {number}" for number in range(1, 6)]


def test_relay_compiles_pages_and_updates(place: Path, tool: Tool, story: Story) -> None:
    tool("node_modules/relay-compiler/cli.js", "relay.config.json")
    assert (place / "relay/__generated__/documentsPaginationQuery.graphql.js").exists()
    told = story("relay.mjs")
    assert [each["customer"]["name"] for each in told["created"]] == NAMES
    assert told["forward"] == {"names": NAMES, "requests": 3}, "the store merges the pages of one connection"
    assert told["backward"] == {"names": NAMES, "requests": 3}
    update = told["update"]
    assert (update["before"]["city"], update["before"]["version"]) == ("Linz", 1)
    assert update["changed"]["customer"]["version"] == 2
    assert [error["code"] for error in update["refused"]["userErrors"]] == ["STALE"]
    assert (update["after"]["city"], update["after"]["version"]) == ("Graz", 2), "the node learns of it by its id"
