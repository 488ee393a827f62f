"""Laws of GraphiQL's bundle: what is committed is what its recipe makes, it is small, and it says whose work it is."""

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECIPE, BUILT = ROOT / "ide", ROOT / "api" / "http" / "ide" / "built"
MANIFEST = json.loads((BUILT / "manifest.json").read_text())
LOCK = json.loads((RECIPE / "package-lock.json").read_text())
LARGEST = 3 * 1024 * 1024
"""Of all built files together, in bytes."""


def digests(folder: Path, left_out: set[str]) -> dict[str, str]:
    files = [path for path in folder.iterdir() if path.is_file() and path.name not in left_out]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_it_was_built_from_this_recipe() -> None:
    assert digests(RECIPE, {"__main__.py"}) == MANIFEST["recipe"], "run `make ide`"
    assert digests(BUILT, {"manifest.json"}) == MANIFEST["files"], "run `make ide`"


def test_it_holds_what_is_locked_and_nothing_else() -> None:
    locked = {
        f"{place.rpartition('node_modules/')[2]}@{package['version']}"
        for place, package in LOCK["packages"].items()
        if place and not package.get("dev")
    }
    assert {"graphiql@4.1.2", "graphql-ws@6.4.2"} <= set(MANIFEST["packages"]) <= locked


def test_the_lock_names_no_place() -> None:
    assert all("resolved" not in package for package in LOCK["packages"].values())
    assert all(package["integrity"] for place, package in LOCK["packages"].items() if place)


def test_every_package_has_its_licence_in_the_notices() -> None:
    (notices,) = BUILT.glob("licences-*.txt")
    told = re.findall(r"^(\S+) (\S+) \(([\w.-]+)\)$", notices.read_text(), re.MULTILINE)
    assert {f"{name}@{version}" for name, version, _ in told} == set(MANIFEST["packages"])
    assert {licence for _, _, licence in told} <= {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "0BSD"}
    for path in (*BUILT.glob("*.js"), *BUILT.glob("*.css")):
        assert "licences" in path.read_text()[:200]


def test_it_is_small_and_fetches_from_nowhere() -> None:
    assert sum(path.stat().st_size for path in BUILT.iterdir()) < LARGEST
    (style,) = BUILT.glob("*.css")
    assert re.findall(r"@import|@font-face|url\((?!data:image/)", style.read_text()) == []
    (script,) = BUILT.glob("*.js")
    fetched = r"""(?:fetch|import|importScripts|WebSocket|src\s*=)\(?\s*["'`](?:https?:)?//"""
    assert re.findall(fetched, script.read_text()) == []
