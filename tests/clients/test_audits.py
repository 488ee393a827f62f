"""The public audits of GraphQL over HTTP find nothing to say, not even what a server only should do."""

import json
from pathlib import Path

import pytest

from bench.node import NODE
from tests.clients.conftest import Serve, said

AUDITS = 61


@pytest.mark.parametrize(("environment", "who"), [("development", "nobody"), ("production", "signed-in")])
def test_all_audits_are_ok(serve: Serve, place: Path, environment: str, who: str) -> None:
    with serve(ENVIRONMENT=environment) as server:
        audits = json.loads(said([NODE, "audits.mjs", who], place, server).splitlines()[-1])
    assert [audit for audit in audits if audit["status"] != "ok"] == []
    assert len(audits) == AUDITS
