"""Where a request spends its processor time before it reaches PostgreSQL and after: by part, and by function."""

import cProfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from types import CodeType
from typing import Any, TypeVar

import uvloop

from bench.cases import CASES, Case
from bench.data import SMALL
from bench.hits import renamed
from bench.inside import Inside, inside
from bench.report import heading, table
from bench.stand import Stand

T = TypeVar("T")
HITS, MISSES = 2_000, 200
LONGEST = 12
ROOT = Path(__file__).parents[1]
LIBRARIES = ("graphql", "strawberry", "starlette", "tortoise", "asyncpg", "uvloop", "orjson", "httptools")
Question = tuple[str, dict[str, Any]]
Function = tuple[str, str]
"""Its file, `~` for what is not written in Python, and its name."""
STAGES: Mapping[Function, str] = {
    ("api/http/bodies.py", "json_object"): "read the body",
    ("api/http/auth.py", "Doorkeeper.actor"): "tell who asks",
    ("graphql", "parse"): "parse the document",
    ("api/graph/measures.py", "refuse_sprawl"): "measure it against the limits",
    ("graphql", "validate"): "validate it by the schema",
    ("api/graph/plans.py", "decisive_variables"): "find the variables that shape its plan",
    ("api/graph/reading.py", "compile_roots"): "compile its selections to one statement",
    ("api/graph/engine.py", "Engine._admit"): "charge its cost and wait for a turn",
    ("runtime/autocommit.py", "Autocommit.row"): "bind, send and receive",
    ("api/graph/payloads.py", "settle"): "change, write the event, read the payload, commit",
    ("api/graph/course.py", "spliced"): "put the answer together",
}
"""By part and name: what is worth a line of its own, with all that it calls; none of them calls another."""


def run(stand: Stand) -> None:
    """This will print a profile of a page and of a nested read, known and new, and of a mutation."""
    heading(
        "Profile",
        f"{HITS:,} hits and {MISSES:,} misses within one process, asked by ASGI one after the other, over one "
        "connection; processor time without PostgreSQL's own. The profiler makes calls of Python dearer than they are.",
    )
    url = stand.database(SMALL)
    for case in CASES:
        if case.name.startswith(("list: 50 orders", "nested", "create")):
            _show(stand, url, f"{case.name}: a hit", _hits(case))
        if case.name.startswith(("list: 50 orders", "nested")):
            _show(stand, url, f"{case.name}: a miss", [(each, {}) for each in renamed(case.ours, 2 * MISSES)])


def _hits(case: Case) -> list[Question]:
    variables = cycle(ours for ours, _ in case.variables(0, ()))
    return [(case.ours, next(variables)) for _ in range(2 * HITS)]


def _show(stand: Stand, url: str, what: str, questions: Sequence[Question]) -> None:
    spent, profile = uvloop.run(_profiled(stand, url, questions))
    print(f"{what} takes {spent:.3f} ms of CPU where nobody looks on.\n", flush=True)
    _tell(profile)


async def _profiled(stand: Stand, url: str, questions: Sequence[Question]) -> tuple[float, cProfile.Profile]:
    """The ms of CPU of one request of the first half, and the profile of the second half."""
    half = len(questions) // 2
    async with inside(stand, url) as ours:
        await ours.ask(questions[0][0], **questions[0][1])
        began = time.process_time()
        await _ask_all(ours, questions[:half])
        spent = 1000 * (time.process_time() - began) / half
        profile = cProfile.Profile(time.process_time)
        profile.enable()
        await _ask_all(ours, questions[half:])
        profile.disable()
    return spent, profile


async def _ask_all(ours: Inside, questions: Iterable[Question]) -> None:
    for question, variables in questions:
        await ours.ask(question, **variables)


def _tell(profile: cProfile.Profile) -> None:
    own: dict[Function, float] = {}
    calls: dict[Function, int] = {}
    for entry in profile.getstats():
        function = _function(entry.code)
        own[function] = own.get(function, 0.0) + entry.inlinetime
        calls[function] = calls.get(function, 0) + entry.callcount
    whole = sum(own.values())
    parts: dict[str, float] = defaultdict(float)
    for function, seconds in own.items():
        parts[_part(function)] += seconds
    table(("stage", "time % with what it calls"), _stages(profile, whole))
    print()
    table(("part", "own time %"), [(name, 100 * share / whole) for name, share in _largest(parts)])
    print()
    rows = [(_named(function), 100 * share / whole, calls[function]) for function, share in _largest(own)]
    table(("function", "own time %", "calls"), rows)
    print(flush=True)


def _stages(profile: cProfile.Profile, whole: float) -> list[tuple[str, float]]:
    inclusive: dict[str, float] = defaultdict(float)
    for entry in profile.getstats():
        function = _function(entry.code)
        if stage := STAGES.get((_part(function), function[1])):
            inclusive[stage] += 100 * entry.totaltime / whole
    return [
        *((stage, inclusive[stage]) for stage in STAGES.values() if stage in inclusive),
        ("all else: HTTP and what binds these together", 100 - sum(inclusive.values())),
    ]


def _largest(shares: Mapping[T, float]) -> list[tuple[T, float]]:
    return sorted(shares.items(), key=lambda share: -share[1])[:LONGEST]


def _function(code: CodeType | str) -> Function:
    return ("~", code) if isinstance(code, str) else (code.co_filename, code.co_qualname)


def _part(function: Function) -> str:
    file, name = function
    if file.startswith(str(ROOT)) and "site-packages" not in file:
        return Path(file).relative_to(ROOT).as_posix()
    for library in LIBRARIES:
        if f"/{library}/" in file or f"{library}." in name:
            return library
    return "builtins" if file == "~" else "Python's library"


def _named(function: Function) -> str:
    file, name = function
    return name if file == "~" else f"{_part(function)} {name}"
