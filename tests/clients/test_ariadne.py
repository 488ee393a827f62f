"""ariadne-codegen writes a Python client of our schema, and tells its story by it."""

import json
from datetime import datetime, timedelta

from tests.clients.conftest import Python


def test_ariadne_pages_creates_and_updates(python: Python) -> None:
    python("-m", "ariadne_codegen", "--config", "ariadne-codegen.toml")
    told = json.loads(python("story.py"))
    assert datetime.fromisoformat(told["moment"]).utcoffset() == timedelta(0)
    assert told["kind"] == "COMPANY"
    assert told["forward"] == [["Ariadne 1", "Ariadne 2"], ["Ariadne 3", "Ariadne 4"], ["Ariadne 5"]]
    assert told["backward"] == [["Ariadne 4", "Ariadne 5"], ["Ariadne 2", "Ariadne 3"], ["Ariadne 1"]]
    assert (told["changed"]["customer"]["city"], told["changed"]["customer"]["version"]) == (None, 2)
    assert [error["code"] for error in told["refused"]["user_errors"]] == ["STALE"]
