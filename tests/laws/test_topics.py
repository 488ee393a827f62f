"""The types of events that endpoints can be subscribed to are those that the source writes, and no others."""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from domain.kernel.record import records
from domain.webhooks.topics import EVENT_TYPES

ROOT = Path(__file__).parents[2]
DOMAIN = ROOT / "domain"
FILES = [path for path in sorted(DOMAIN.rglob("*.py")) if path.name != "topics.py"]
CONTEXTS = {path.name for path in DOMAIN.iterdir() if path.is_dir() and path.name not in ("kernel", "__pycache__")}
ANY = "*"
TOPIC = re.compile(r"([a-z]+)\.[a-z_]+\.[a-z_*]+")
OF_RECORDS = re.compile(r"[a-z]+\.[a-z_]+")


def constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The texts that a module gives names to, those that it has from others included."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                names = target.elts if isinstance(target, ast.Tuple) else [target]
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                for name, value in zip(names, values, strict=False):
                    if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                        yield name.id, value.value
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("domain."):
            path = ROOT / f"{(node.module or '').replace('.', '/')}.py"
            known = constants_of(path) if path.exists() else {}
            for imported in node.names:
                if imported.name in known:
                    yield imported.asname or imported.name, known[imported.name]


@cache
def constants_of(path: Path) -> Mapping[str, str]:
    return dict(constants(ast.parse(path.read_text())))


def written(path: Path) -> Iterator[str]:
    """What looks like a topic in a file; an asterisk stands for what is only known when it runs."""
    tree, known = ast.parse(path.read_text()), constants_of(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else known.get(ast.unparse(part.value), ANY)  # type: ignore[attr-defined]
                for part in node.values
            )
        elif isinstance(node, ast.keyword) and node.arg == "topic" and isinstance(node.value, ast.Constant):
            if OF_RECORDS.fullmatch(node.value.value):
                yield from (f"{node.value.value}.{verb}" for verb in ("created", "updated"))
        elif isinstance(node, ast.Name) and node.id in known:
            yield known[node.id]


@cache
def found() -> set[str]:
    topics = {text for path in FILES for text in written(path)}
    return {text for text in topics if (match := TOPIC.fullmatch(text)) and match[1] in CONTEXTS}


def test_every_topic_that_is_written_can_be_subscribed_to() -> None:
    literal = {topic for topic in found() if ANY not in topic}
    assert literal <= EVENT_TYPES.keys(), sorted(literal - EVENT_TYPES.keys())


def test_every_type_of_events_is_written_somewhere() -> None:
    patterns = [re.compile(re.escape(topic).replace(r"\*", "[a-z_]+")) for topic in found()]
    orphans = [topic for topic in EVENT_TYPES if not any(pattern.fullmatch(topic) for pattern in patterns)]
    assert orphans == []


def test_words_that_are_known_only_at_run_time_stand_for_something() -> None:
    for topic in found():
        pattern = re.compile(re.escape(topic).replace(r"\*", "[a-z_]+"))
        assert any(pattern.fullmatch(known) for known in EVENT_TYPES), topic


def test_subjects_are_records_that_there_are() -> None:
    assert set(EVENT_TYPES.values()) - {""} <= {record.prefix for record in records()}
