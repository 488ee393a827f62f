"""Every screen of docs/screens over a large demo company, beside bare SQL that answers the same, in turns.

The bare side is SQL written by hand (`bench/sql`), by root field; where a root field is a figure that the domain
computes in SQL of its own, it is that statement. Both run in this process over one connection each, so that a
difference is what the API adds. BENCH_DEALS says how many deals there are.
"""

import asyncio
import json
import os
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isclose
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import orjson
from graphql import FieldNode, OperationDefinitionNode, parse, print_ast

from bench.inside import Inside, inside
from bench.report import heading, ratio, table, verdict
from bench.stand import Stand
from tests.screens.pages import NAMES, page

DEALS = int(os.environ.get("BENCH_DEALS", "100000"))
AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
ROUNDS = 15
MOST_TIMES, MOST_MS = 1.3, 300.0
_STATEMENT = re.compile(r"^-- (\w+)\n(.+?)(?=^-- \w+\n|\Z)", re.DOTALL | re.MULTILINE)
_MOMENT, _NUMBER = re.compile(r"\d{4}-\d\d-\d\dT"), re.compile(r"-?\d+(\.\d+)?")
CENT = 0.0100001


@dataclass
class Screen:
    """A screen: its query, the statements that answer it, and what each round took."""

    name: str
    query: str
    variables: Mapping[str, Any]
    bare: Sequence[tuple[str, Sequence[Any]]]
    ours_ms: list[float] = field(default_factory=list)
    bare_ms: list[float] = field(default_factory=list)


def run(stand: Stand) -> None:
    """This will measure every screen, and say whether it costs at most 1.3 times its SQL, and at most 300 ms."""
    heading(
        "Screens",
        f"The queries of docs/screens over {DEALS:,} generated deals and all around them; in this process, a "
        f"connection each; in turns, {ROUNDS} rounds, medians.\n{stand.remark}",
    )
    asyncio.run(measure(stand, stand.demo(DEALS, AT)))


async def measure(stand: Stand, url: str) -> None:
    """This will measure the screens over a database that holds the demo, and print what was found."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off"})
    rows = [
        (name, await connection.fetchval(f"SELECT count(*) FROM {name}"))
        for name in ("opportunity", "event", "stock_move")
    ]
    print(", ".join(f"{count:,} rows of {name}" for name, count in rows), end=".\n\n", flush=True)
    async with inside(stand, url) as app:
        screens = [await _screen(app, connection, name) for name in NAMES]
        for number in range(ROUNDS):
            for screen in screens:
                await _round(app, connection, screen, ours_first=number % 2 == 0)
    await connection.close()
    table(
        ("", "API ms", "SQL ms", "ratio"),
        [
            (each.name, median(each.ours_ms), median(each.bare_ms), ratio(each.ours_ms, each.bare_ms))
            for each in screens
        ],
    )
    print()
    for each in screens:
        times, ms = ratio(each.ours_ms, each.bare_ms), median(each.ours_ms)
        verdict(f"{each.name}: {times:.2f} times its SQL (target: {MOST_TIMES})", times <= MOST_TIMES)
        verdict(f"{each.name}: {ms:.1f} ms (target: {MOST_MS:.0f})", ms <= MOST_MS)


async def _screen(app: Inside, connection: asyncpg.Connection, name: str) -> Screen:
    """Finds what a screen needs, and holds both sides to the same answer. Raises RuntimeError."""
    found = page(name)
    variables = {
        variable: next(iter((await _data(app, "{ " + root + " }")).values()))["nodes"][0]["id"]
        for variable, root in found.wanted.items()
    }
    answer = await _data(app, found.query, **variables)
    path = Path(__file__).parent / "sql" / f"{name}.sql"
    by_hand = dict(_STATEMENT.findall(path.read_text())) if path.exists() else {}
    bare: list[tuple[str, Sequence[Any]]] = [(sql, []) for sql in by_hand.values()]
    for root, sql in by_hand.items():
        text = await connection.fetchval(sql)
        if not _same(json.loads(text), answer[root]):
            raise RuntimeError(f"{name}: {root} differs:\n{text[:1500]}\n{json.dumps(answer[root])[:1500]}")
    for root in answer.keys() - by_hand.keys():
        bare += await app.statements(_alone(found.query, root), **variables)
    return Screen(name, found.query, variables, bare)


def _alone(query: str, root: str) -> str:
    """A query of one of the root fields, with the variables that it has."""
    (operation,) = parse(query).definitions
    assert isinstance(operation, OperationDefinitionNode)
    (field_text,) = (
        print_ast(each)
        for each in operation.selection_set.selections
        if isinstance(each, FieldNode) and each.name.value == root
    )
    needed = [
        print_ast(each) for each in operation.variable_definitions or () if f"${each.variable.name.value}" in field_text
    ]
    return f"query Alone{'(' + ', '.join(needed) + ')' if needed else ''} {{ {field_text} }}"


async def _data(app: Inside, query: str, **variables: Any) -> Any:
    return orjson.loads(await app.ask(query, **variables))["data"]


async def _round(app: Inside, connection: asyncpg.Connection, screen: Screen, *, ours_first: bool) -> None:
    """Takes the time of both sides, over rows that both have just read; each is first in every other round."""

    async def ours() -> None:
        await app.ask(screen.query, **screen.variables)

    async def bare() -> None:
        for sql, values in screen.bare:
            await connection.fetch(sql, *values)

    sides = [(ours, screen.ours_ms), (bare, screen.bare_ms)]
    for side, _ in sides:
        await side()
    for side, taken in sides if ours_first else reversed(sides):
        began = time.perf_counter()
        await side()
        taken.append(1000 * (time.perf_counter() - began))


def _same(one: Any, other: Any) -> bool:
    """Whether two answers say the same, however they write numbers and moments; amounts may be a cent off."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    first, second = _plain(one), _plain(other)
    if isinstance(first, float) and isinstance(second, float):
        return isclose(first, second, rel_tol=1e-9, abs_tol=CENT)
    return bool(first == second)


def _plain(value: Any) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, str) and _MOMENT.match(value):
        return datetime.fromisoformat(value)
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
