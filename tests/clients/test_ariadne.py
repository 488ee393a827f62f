"""ariadne-codegen writes a Python client of our schema, in an environment of its own, and tells its story by it."""

import hashlib
import json
import subprocess
import sys
import tempfile
import venv
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.processes import REPOSITORY
from tests.clients.conftest import FOLDER, STORY_SECONDS, Server

LOCK = FOLDER / "ariadne" / "requirements.lock"
"""It wants another graphql-core than we do."""


@pytest.fixture(scope="module")
def python() -> Path:
    """An interpreter that has what the lock names, installed once."""
    what = LOCK.read_bytes() + sys.version.encode()
    kept = REPOSITORY / ".cache" / "python" / hashlib.sha256(what).hexdigest()[:16]
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=kept.parent) as making:
            made = Path(making) / "made"
            venv.create(made, with_pip=True)
            _run(made / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK))
            with suppress(OSError):  # somebody else was faster
                made.rename(kept)
    return kept / "bin" / "python"


def test_ariadne_pages_creates_and_updates(python: Path, place: Path, server: Server) -> None:
    folder = place / "ariadne"
    _run(python, "-m", "ariadne_codegen", "--config", "ariadne-codegen.toml", folder=folder)
    told = json.loads(_run(python, "story.py", folder=folder, environment=server.environment))
    assert datetime.fromisoformat(told["moment"]).utcoffset() == timedelta(0)
    assert told["kind"] == "COMPANY"
    assert told["forward"] == [["Ariadne 1", "Ariadne 2"], ["Ariadne 3", "Ariadne 4"], ["Ariadne 5"]]
    assert told["backward"] == [["Ariadne 4", "Ariadne 5"], ["Ariadne 2", "Ariadne 3"], ["Ariadne 1"]]
    assert (told["changed"]["customer"]["city"], told["changed"]["customer"]["version"]) == (None, 2)
    assert [error["code"] for error in told["refused"]["user_errors"]] == ["STALE"]


def _run(python: Path, *arguments: str, folder: Path | None = None, environment: Any = None) -> str:
    seconds = STORY_SECONDS if folder else 300
    done = subprocess.run(
        [python, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode == 0, f"{' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout
