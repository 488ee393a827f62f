"""Python environments of their own for what wants other packages than the house: made once from a lock, and kept."""

import hashlib
import subprocess
import sys
import tempfile
import venv
from contextlib import suppress
from pathlib import Path

CACHE = Path(__file__).parents[2] / ".cache" / "python"
INSTALL_SECONDS = 300


def environment_of(lock: Path) -> Path:
    """The interpreter of an environment that has what the lock names; pip installs it when it is first asked for."""
    kept = CACHE / hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:16]
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=CACHE) as making:
            made = Path(making) / "made"
            venv.create(made, with_pip=True)
            install = [
                "-m",
                "pip",
                "install",
                "--quiet",
                "--no-compile",
                "--require-hashes",
                "--requirement",
                str(lock),
            ]
            subprocess.run([made / "bin" / "python", *install], check=True, timeout=INSTALL_SECONDS)
            with suppress(OSError):  # somebody else was faster
                made.rename(kept)
    return kept / "bin" / "python"
