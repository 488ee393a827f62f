"""What it takes to refuse documents that are made to cost much, each of them never seen before."""

import http.client
import json
import time
from collections.abc import Sequence
from statistics import median

from bench.data import SMALL
from bench.report import heading, table, verdict
from bench.stand import Server, Stand
from tests.hostile import HOSTILE

TIMES = 25
MOST_MS = 20.0
HARMLESS = "fragments that double"
"""Which is looked into once for each fragment, and answered."""


def run(stand: Stand) -> None:
    """This will send each of the documents some times, and say how long a client waits for the refusal."""
    heading(
        "Hostile documents",
        f"Each is sent {TIMES} times with another comment behind it, so that nothing of it is known, one after the "
        f"other over one connection, by somebody who is signed in; ms from the question to the last byte.\n"
        f"{stand.remark}",
    )
    with stand.api(stand.database(SMALL)) as ours:
        waits = {name: _waits(ours, name, document) for name, (document, _) in HOSTILE.items()}
    rows = [(name, len(HOSTILE[name][0]), median(each), max(each)) for name, each in waits.items()]
    table(("", "characters", "median ms", "worst ms"), rows)
    print()
    slowest = max(waits, key=lambda name: median(waits[name]))
    waited = median(waits[slowest])
    verdict(f"the slowest ({slowest}): {waited:.1f} ms (target: {MOST_MS:g} ms)", waited < MOST_MS)


def _waits(server: Server, name: str, document: str) -> Sequence[float]:
    line = http.client.HTTPConnection("127.0.0.1", server.process.port, timeout=30)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {server.token}"}
    waits = []
    try:
        for turn in range(TIMES):
            body = json.dumps({"query": f"{document} # {turn}"})
            began = time.perf_counter()
            line.request("POST", "/graphql", body, headers)
            answer = line.getresponse().read()
            waits.append(1000 * (time.perf_counter() - began))
            if (b'"errors"' not in answer) is not (name == HARMLESS):
                raise RuntimeError(f"{name}: {answer[:1000]!r}")
    finally:
        line.close()
    return waits
