"""`salesloop serve` with what no process could begin with: told once, in a line, before anything listens."""

import pytest

from tests.cli.house import House


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_manifest_that_cannot_be_used_exits_with_2_and_no_traceback(house: House, workers: str) -> None:
    manifest = house.folder / "documents.json"
    manifest.write_text('{"a": "query A { nothing }"}')
    (house.folder / ".env").write_text(f"PERSISTED_DOCUMENTS={manifest}\n")
    refused = house.run("serve", "--workers", workers)
    assert refused.returncode == 2
    assert f"PERSISTED_DOCUMENTS: {manifest}: query A (a): Cannot query field 'nothing'" in refused.stdout
    assert "Traceback" not in refused.stdout
