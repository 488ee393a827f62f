"""The two reads that every client makes, by our API and by the DataLoader peer, in turns."""

import json
from typing import Any

from bench.data import SMALL
from bench.load import CONCURRENCY
from bench.report import heading, ratio, verdict
from bench.rounds import Side, always, in_turns, tell
from bench.stand import Server, Stand

ROUNDS = 5
SECONDS = 2.0
WARM_SECONDS = 1.0
TIMES = 40

READS = {
    "page of 50, two relations": """
        query Page { feedbackItems(first: 50) {
          edges { node { id text rating receivedAt customer { id name city } product { id sku name } } }
          pageInfo { hasNextPage endCursor } } }""",
    "nested top-N": """
        query Nested { customers(first: 20) { nodes { id name
          orders(first: 10) { nodes { id placedAt total { amount currency } } }
          contacts(first: 5) { nodes { id name email } } } } }""",
}


def run(stand: Stand) -> None:
    """This will measure both reads by both servers, and say whether ours is 40 times as fast and as cheap."""
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


def _measure(stand: Stand, ours: Server, peer: Server, query: str) -> tuple[Side, Side]:
    _require_equal(ours.ask(query), peer.ask(query))
    sides = (Side("ours", ours, always({"query": query})), Side("peer", peer, always({"query": query})))
    in_turns(stand, sides, rounds=ROUNDS, seconds=SECONDS, warm_seconds=WARM_SECONDS)
    return sides


def _require_equal(ours: Any, theirs: Any) -> None:
    """Cursors are each server's own affair."""
    for answer in (ours, theirs):
        for page in answer.values():
            page.get("pageInfo", {}).pop("endCursor", None)
    if ours != theirs:
        raise RuntimeError(f"the answers differ:\n{json.dumps(ours)[:2000]}\n{json.dumps(theirs)[:2000]}")


def _tell(measured: dict[str, tuple[Side, Side]]) -> None:
    tell(measured)
    for name, (ours, peer) in measured.items():
        faster = ratio(ours.per_second, peer.per_second)
        cheaper = ratio(peer.cpu_ms, ours.cpu_ms)
        verdict(f"{name}: {faster:.1f} times the answers a second (target: {TIMES})", faster >= TIMES)
        verdict(f"{name}: 1/{cheaper:.1f} of the CPU an answer (target: 1/{TIMES})", cheaper >= TIMES)
