"""The two reads that every client makes, by our API and by the DataLoader peer, in turns."""

import json
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.data import SMALL
from bench.load import CONCURRENCY, Order, fire
from bench.report import heading, ratio, table, verdict
from bench.stand import Server, Stand

ROUNDS = 5
SECONDS = 2.0
WARM_ANSWERS = 300
TIMES = 20

READS = {
    "page of 50, two relations": """
        query Page { feedbackItems(first: 50) {
          edges { node { id text rating receivedAt customer { id name city } product { id sku name } } }
          pageInfo { hasNextPage endCursor } } }""",
    "nested top-N": """
        query Nested { customers(first: 20) { nodes { id name
          orders(first: 10) { nodes { id orderedAt total { amount currency } } }
          contacts(first: 5) { nodes { id name email } } } } }""",
}


@dataclass
class Rounds:
    """What the rounds of one server gave: answers a second, and ms of processor time and of waiting an answer."""

    per_second: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    postgres_ms: list[float] = field(default_factory=list)
    median_ms: list[float] = field(default_factory=list)


def run(stand: Stand) -> None:
    """This will measure both reads by both servers, and say whether ours is 20 times as fast and as cheap."""
    url = stand.database(SMALL)
    heading(
        "Reads",
        f"Over the same {SMALL.feedback:,} feedback items, and {SMALL.customers:,} customers with {SMALL.orders} "
        f"orders and {SMALL.contacts} contacts each; concurrency {CONCURRENCY}; one process each; in turns, {ROUNDS} "
        f"rounds of {SECONDS:g} s, medians.\nThe peer (Strawberry, Tortoise, DataLoader) asks for no token, ours does; "
        f"their answers are equal.\n{stand.remark}",
    )
    with stand.api(url) as ours, stand.peer(url) as peer:
        measured = {name: _measure(stand, ours, peer, query) for name, query in READS.items()}
    _tell(measured)


def _measure(stand: Stand, ours: Server, peer: Server, query: str) -> tuple[Rounds, Rounds]:
    _require_equal(ours.ask(query), peer.ask(query))
    both = ((ours, Rounds()), (peer, Rounds()))
    for server, _ in both:
        fire(_order(server, query, answers=WARM_ANSWERS if server is ours else WARM_ANSWERS // 10))
    for _ in range(ROUNDS):
        for server, rounds in both:
            _round(stand, server, query, rounds)
    return both[0][1], both[1][1]


def _round(stand: Stand, server: Server, query: str, rounds: Rounds) -> None:
    began, postgres_began = server.process.cpu_seconds(), stand.postgres_seconds()
    tally = fire(_order(server, query, seconds=SECONDS))
    rounds.per_second.append(tally.per_second)
    rounds.median_ms.append(tally.median_ms)
    rounds.cpu_ms.append(1000 * (server.process.cpu_seconds() - began) / tally.answers)
    rounds.postgres_ms.append(1000 * (stand.postgres_seconds() - postgres_began) / tally.answers)


def _order(server: Server, query: str, **length: Any) -> Order:
    return Order(server.process.port, [{"query": query}], server.token, **length)


def _require_equal(ours: Any, theirs: Any) -> None:
    """Cursors are each server's own affair."""
    for answer in (ours, theirs):
        for page in answer.values():
            page.get("pageInfo", {}).pop("endCursor", None)
    if ours != theirs:
        raise RuntimeError(f"the answers differ:\n{json.dumps(ours)[:2000]}\n{json.dumps(theirs)[:2000]}")


def _tell(measured: dict[str, tuple[Rounds, Rounds]]) -> None:
    header = ("", "answers/s", "CPU ms/answer", "PostgreSQL ms/answer", "median wait ms")
    rows: list[tuple[object, ...]] = []
    for name, both in measured.items():
        for whose, rounds in zip(("ours", "peer"), both, strict=True):
            series = (rounds.per_second, rounds.cpu_ms, rounds.postgres_ms, rounds.median_ms)
            rows.append((f"{name}: {whose}", *(median(each) for each in series)))
    table(header, rows)
    print()
    for name, (ours, peer) in measured.items():
        faster = ratio(ours.per_second, peer.per_second)
        cheaper = ratio(peer.cpu_ms, ours.cpu_ms)
        verdict(f"{name}: {faster:.1f} times the answers a second (target: {TIMES})", faster >= TIMES)
        verdict(f"{name}: 1/{cheaper:.1f} of the CPU an answer (target: 1/{TIMES})", cheaper >= TIMES)
