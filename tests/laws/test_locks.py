"""Laws of the locks and the image: a server needs a part of what everybody has; no lock names a place to fetch from."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = [
    *sorted(ROOT.glob("requirements*.lock")),
    ROOT / "tests/clients/ariadne/requirements.lock",
    ROOT / "bench/peers/queues/requirements.lock",
]
NPM_LOCKS = [
    ROOT / folder / "package-lock.json" for folder in ("bench/peers/postgraphile", "tests/clients", "tests/provider")
]


def pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """By package: its pin with its marker, and the hashes of its files."""
    found = {}
    for block in re.split(r"\n(?=\S)", (ROOT / name).read_text().strip()):
        pin = block.partition(" \\\n")[0]
        found[canonicalize_name(Requirement(pin).name)] = pin, frozenset(re.findall(r"sha256:[0-9a-f]{64}", block))
    return found


def wanted(group: str | None) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    texts = project["optional-dependencies"][group] if group else project["dependencies"]
    return {canonicalize_name(Requirement(text).name) for text in texts}


@pytest.mark.parametrize("larger", ["requirements.lock", "requirements-dev.lock"])
def test_the_server_has_the_same_packages_and_fewer(larger: str) -> None:
    server, everybody = pins("requirements-server.lock"), pins(larger)
    assert server.items() < everybody.items(), "run `make lock`"
    assert all(hashes for _, hashes in server.values())


def test_the_server_has_all_it_needs_and_neither_engine_nor_demo() -> None:
    server = pins("requirements-server.lock").keys()
    assert wanted(None) <= server
    assert not (wanted("embedded") | wanted("demo") | {"pandas", "pytest"}) & server


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_lock_names_a_place(path: Path) -> None:
    assert not re.search(r"://|^\s*-[^-]|--(?!hash=)", path.read_text(), re.MULTILINE)


def test_the_image_is_made_of_the_server_s_lock() -> None:
    assert re.findall(r"requirements[\w.-]*", (ROOT / "Dockerfile").read_text()) == ["requirements-server.lock"] * 2


def test_the_composition_writes_secrets_into_environments_only() -> None:
    lines = (ROOT / "docker-compose.yml").read_text().splitlines()
    written = [line for line in lines if re.search(r"(?<!\$)\$(\{|\w)", line) and not line.startswith("#")]
    assert [line for line in written if not re.match(r"\s+[A-Z_]+: ", line)] == []
    assert len(written) == 4


@pytest.mark.parametrize("path", NPM_LOCKS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_npm_s_locks_hold_digests_and_name_no_place(path: Path) -> None:
    packages = json.loads(path.read_text())["packages"]
    wanted = json.loads((path.parent / "package.json").read_text())["dependencies"]
    assert packages.pop("")["dependencies"] == wanted, "run `make lock-npm`"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+(-[\w.]+)?", version) for version in wanted.values()), "pin each exactly"
    for name, package in packages.items():
        assert package.get("integrity", "").startswith("sha512-"), name
        assert "resolved" not in package, name
