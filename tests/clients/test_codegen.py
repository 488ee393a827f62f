"""graphql-codegen types a story, tsc believes it, and Node runs it."""

import hashlib
import json
from pathlib import Path

import pytest

from tests.clients.conftest import Story, Tool


@pytest.fixture(scope="module")
def generated(place: Path, tool: Tool) -> Path:
    """The folder of what graphql-codegen writes."""
    tool("node_modules/@graphql-codegen/cli/cjs/bin.js", "--config", "codegen.json")
    return place / "codegen/gql"


def test_typed_documents_compile(generated: Path, tool: Tool) -> None:
    tool("node_modules/typescript/bin/tsc", "-p", "tsconfig.json")


def test_the_manifest_of_persisted_documents_holds_digests(generated: Path) -> None:
    manifest: dict[str, str] = json.loads((generated / "persisted-documents.json").read_text())
    assert len(manifest) == 3
    for name, text in manifest.items():
        assert name == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def test_the_typed_story(generated: Path, story: Story) -> None:
    told = story("codegen/story.ts")
    assert told["forward"] == [["Codegen 1", "Codegen 2"], ["Codegen 3", "Codegen 4"], ["Codegen 5"]]
    assert told["backward"] == [["Codegen 4", "Codegen 5"], ["Codegen 2", "Codegen 3"], ["Codegen 1"]]
    assert told["changed"]["customer"]["version"] == 2
    assert told["refused"]["userErrors"] == [{"field": ["expectedVersion"], "code": "STALE"}]
    assert told["refused"]["customer"] == told["changed"]["customer"], "the record as it now stands, to decide anew"
