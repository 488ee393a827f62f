"""The race against PostGraphile 5: the same questions to both over the same rows, in turns, and their ratios."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg

from bench.cases import CASES, Case
from bench.data import SMALL
from bench.load import CONCURRENCY
from bench.report import heading, ratio, verdict
from bench.rounds import Requests, Side, in_turns, tell
from bench.stand import POSTGRAPHILE, Server, Stand

ROUNDS = 5
SECONDS = 1.0
WARM_SECONDS = 1.5
MOVERS = 100

AS_NEW = """
ALTER TABLE customer ALTER id SET DEFAULT uuidv7(), ALTER created_at SET DEFAULT now(),
ALTER updated_at SET DEFAULT now(), ALTER version SET DEFAULT 1
"""
"""What our commands give a new row, PostGraphile leaves to the table."""

SEARCH = (
    """
    CREATE FUNCTION customers_found(words text) RETURNS SETOF customer LANGUAGE sql STABLE
    BEGIN ATOMIC SELECT * FROM customer WHERE search @@ search_query(words); END
    """,
    "COMMENT ON FUNCTION customers_found IS '@behavior +order'",
)
"""PostGraphile has no full text search; its documentation advises a function like this one."""


def run(stand: Stand) -> None:
    """This will run the race, and say which targets were met."""
    url = stand.database(SMALL)
    for statement in (AS_NEW, *SEARCH):
        asyncio.run(_fetch(url, statement))
    heading(
        "Race against PostGraphile",
        f"{_versions()}\nThe same database of {SMALL.customers:,} customers with {SMALL.orders} orders and "
        f"{SMALL.contacts} contacts each, and {SMALL.feedback:,} feedback items, by the same Unix socket; pools of the "
        f"same size, statements prepared by both; concurrency {CONCURRENCY}; one process each; in turns, {ROUNDS} "
        f"rounds of {SECONDS:g} s on warm servers, medians.\nTheir answers are equal but for the form of ids, amounts "
        f"and cursors. Ours asks for a token, and writes an event with each change. PostGraphile writes none, and is "
        f"raced without a token, which the targets are held against, and with one.\n"
        f"{stand.remark}",
    )
    measured: dict[str, tuple[Side, Side, Side]] = {}
    with stand.api(url) as ours, stand.postgraphile(url) as theirs:
        keys = [
            str(row["id"]) for row in asyncio.run(_fetch(url, f"SELECT id FROM customer ORDER BY id LIMIT {MOVERS}"))
        ]
        for case in CASES:
            measured[case.name] = _race(stand, url, case, ours, theirs, keys)
    tell(measured)
    for case in CASES:
        _judge(case, *measured[case.name])


def _race(
    stand: Stand, url: str, case: Case, ours: Server, theirs: Server, keys: Sequence[str]
) -> tuple[Side, Side, Side]:
    sides = (
        Side("ours", ours, _requests(case.ours, case, keys, 0)),
        Side("PostGraphile", theirs, _requests(case.theirs, case, keys, 1)),
        Side("PostGraphile, signed in", replace(theirs, token=ours.token), _requests(case.theirs, case, keys, 1)),
    )
    for side in sides[1:]:
        _require_equal(case, sides[0], side)
    began = _events(url)
    in_turns(stand, sides, rounds=ROUNDS, seconds=SECONDS, warm_seconds=WARM_SECONDS)
    if case.writes and _events(url) - began < sides[0].answers:
        raise RuntimeError(f"{case.name}: {_events(url) - began} events for {sides[0].answers} answers of ours")
    return sides


def _requests(document: str, case: Case, keys: Sequence[str], side: int) -> Requests:
    def requests(volley: int) -> list[dict[str, Any]]:
        return [{"query": document, "variables": pair[side]} for pair in case.variables(volley, keys)]

    return requests


def _require_equal(case: Case, ours: Side, theirs: Side) -> None:
    """By every question of a volley; of mutations by the first."""
    questions = list(zip(ours.requests(0), theirs.requests(0), strict=True))
    for mine, yours in questions[:1] if case.writes else questions:
        answer, other = case.alike(ours.server.ask(**mine)), case.alike(theirs.server.ask(**yours))
        if answer != other:
            raise RuntimeError(f"{case.name}: the answers differ:\n{_start(answer)}\n{_start(other)}")


def _start(answer: Any) -> str:
    return json.dumps(answer, default=str)[:2000]


def _judge(case: Case, ours: Side, theirs: Side, signed_in: Side) -> None:
    faster, cheaper = ratio(ours.per_second, theirs.per_second), ratio(ours.cpu_ms, theirs.cpu_ms)
    beside = f"{ratio(ours.per_second, signed_in.per_second):.2f} where both know who asks"
    text = f"{case.name}: {faster:.2f} times the answers a second (target: {case.faster:g}), {beside}"
    verdict(text, faster >= case.faster)
    if case.cheaper is not None:
        text = f"{case.name}: {cheaper:.3f} of the CPU an answer (target: {case.cheaper:g})"
        verdict(text, cheaper <= case.cheaper)


def _events(url: str) -> int:
    return int(asyncio.run(_fetch(url, "SELECT count(*) FROM event"))[0]["count"])


async def _fetch(url: str, statement: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return list(await connection.fetch(statement))
    finally:
        await connection.close()


def _versions(folder: Path = POSTGRAPHILE) -> str:
    wanted = json.loads((folder / "package.json").read_text())["dependencies"]
    return ", ".join(f"{re.sub('^@graphile/', '', name)} {version}" for name, version in sorted(wanted.items()))
