"""What the import law cannot see: clocks, environment, ORM and SQL out of place, files that grew too long."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "bench", "cli", "domain", "runtime", "workers")
FILES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
LONGEST_FILE, LONGEST_FUNCTION = 400, 50


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=_named)
def test_the_laws_of_a_file(path: Path) -> None:
    text, name = path.read_text(), _named(path)
    tree = ast.parse(text)
    assert len(text.splitlines()) <= LONGEST_FILE, "a fuller file is missing a noun"
    if text:
        assert ast.get_docstring(tree), "a module says what only this file does"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{node.name} has {length} lines"
    calls, imports = list(_calls(tree)), list(_imports(tree))
    if name != "domain/kernel/clock.py" and name.startswith(("domain/", "api/")):
        clocks = ("datetime.now", "datetime.utcnow", "time.time", "date.today", "datetime.today")
        assert not [call for call in calls if call.endswith(clocks)], "time is handed in"
    if name.startswith(("domain/", "api/", "workers/", "cli/")):
        assert "os.environ" not in text, "only runtime/settings.py reads the environment"
        assert "os.getenv" not in text, "only runtime/settings.py reads the environment"
    if name.startswith("domain/") and name.endswith("/rules.py"):
        assert not [module for module in imports if module.startswith(("tortoise", "asyncpg"))], "rules are pure"
    if name.startswith("api/") and not name.startswith("api/graph/"):
        statements = [
            call for call in calls if call.endswith(("execute_query", "execute_query_dict", "fetch", "fetchval"))
        ]
        assert statements == [], "the compiler is the only SQL in api"


@pytest.mark.parametrize("process", ["api.asgi", "workers.main"])
def test_a_process_at_rest_holds_nothing_of_statistics(process: str) -> None:
    """They are some 75 MiB, which only a job that computes with them needs."""
    told = "import sys; print(sorted({'numpy', 'scipy', 'snownlp'} & sys.modules.keys()))"
    found = subprocess.run(
        [sys.executable, "-c", f"import {process}; {told}"], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_a_process_without_a_provider_holds_nothing_of_openid() -> None:
    """It is some 16 MiB, and a fifth of a second at start."""
    told = "import sys; print(sorted({'authlib', 'joserfc', 'httpx2'} & sys.modules.keys()))"
    found = subprocess.run(
        [sys.executable, "-c", f"import api.asgi; {told}"], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "[]"


def test_migrations_never_import_the_house() -> None:
    for path in (ROOT / "migrations").glob("*.py"):
        rooms = [module for module in _imports(ast.parse(path.read_text())) if module.split(".")[0] in ROOMS]
        assert rooms == [], path.name


def test_nothing_unfinished_is_left() -> None:
    for path in FILES:
        for word in ("TO" + "DO", "FIX" + "ME", "X" * 3):
            assert word not in path.read_text(), f"{_named(path)} holds {word}"
