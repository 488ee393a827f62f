"""Clients subscribe to a customer, lose the connection, and miss nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bench.processes import running
from tests.clients.conftest import Python, Server, Story, Tool


@pytest.fixture(scope="module", autouse=True)
def announcing(server: Server) -> Iterator[None]:
    """A worker, which calls out what happens."""
    with running(["-m", "cli", "work"], server.own):
        yield


@pytest.mark.parametrize("script", ["graphql_ws.mjs", "graphql_sse.mjs", "apollo_live.mjs", "urql_live.mjs"])
def test_who_loses_the_connection_hears_what_was_missed(story: Story, script: str) -> None:
    _require_all_heard(story(script))


def test_relay_hears_what_was_missed(tool: Tool, story: Story) -> None:
    tool("node_modules/relay-compiler/cli.js", "relay_live.config.json")
    _require_all_heard(story("relay_live.mjs"))


def test_ariadne_hears_what_was_missed(python: Python, server: Server) -> None:
    python("-m", "ariadne_codegen", "--config", "ariadne-codegen.toml")
    python("-m", "ariadne_codegen", "--config", "live.toml")
    _require_all_heard(json.loads(python("live.py")))


def _require_all_heard(told: dict[str, Any]) -> None:
    assert told["meanwhile"] == 0, "the connection is lost"
    assert told["heard"] == told["different"] == 4, "nothing is missed, and nothing is heard twice"
    assert told["changed"] == [["city"]] * 4
    assert told.get("known", "Bregenz") == "Bregenz", "the cache holds what was heard"
