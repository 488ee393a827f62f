import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from runtime.settings import Settings


@pytest.fixture
def home() -> Iterator[Path]:
    """A short path that every account may pass: engines live inside it, as root too."""
    folder = Path(tempfile.mkdtemp(prefix="salesloop-test-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours in the environment, and no `.env`."""
    monkeypatch.chdir(tmp_path)
    for name in {"SALESLOOP_HOME", *(field.upper() for field in Settings.model_fields)} & set(os.environ):
        monkeypatch.delenv(name)
