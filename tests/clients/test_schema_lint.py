"""graphql-eslint finds nothing to say against the schema by its recommended rules."""

from tests.clients.conftest import Tool


def test_the_schema_lints_clean(tool: Tool) -> None:
    tool("node_modules/eslint/bin/eslint.js", "--max-warnings", "0", "schema.graphql")
