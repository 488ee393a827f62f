"""Apollo sends the digest of a query, and its text once; documents of a manifest are asked for by name."""

import json
from pathlib import Path

import httpx

from tests.clients.conftest import Serve, Story, Tool


def test_apollo_sends_a_text_once(story: Story) -> None:
    told = story("apollo_persisted.mjs")
    assert told["answers"] == [0, 0]
    assert [(sent["text"], sent["digest"]) for sent in told["sent"]] == [(False, True), (True, True), (False, True)]
    assert told["sent"][-1]["status"] == 200


def test_the_documents_of_a_manifest_are_known_by_name(place: Path, tool: Tool, serve: Serve) -> None:
    tool("node_modules/@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.json")
    manifest = place / "codegen/gql/persisted-documents.json"
    (name,) = (name for name, text in json.loads(manifest.read_text()).items() if text.startswith("query Page"))
    with serve(PERSISTED_DOCUMENTS=str(manifest)) as server:
        answer = httpx.post(
            f"http://127.0.0.1:{server.port}/graphql",
            json={"documentId": name, "variables": {"where": {"name": {"eq": "nobody"}}}},
            headers={"authorization": f"Bearer {server.token}"},
        )
    assert answer.json()["data"]["customers"]["nodes"] == []
