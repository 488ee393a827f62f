"""Two servers in turns: rounds of the same length, each on the warm server, what each answer cost, and the medians."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median
from typing import Any

from bench.load import Order, fire
from bench.report import table
from bench.stand import Server, Stand

Requests = Callable[[int], Sequence[dict[str, Any]]]
"""What to send over and over in a volley, by its number; no two volleys of a run have the same number."""

HEADER = ("", "answers/s", "CPU ms/answer", "its core busy %", "PostgreSQL ms/answer", "median wait ms")
"""A server whose core is not busy waits for PostgreSQL or for the load generator, who share the other cores."""

_volleys = count(1)


@dataclass
class Side:
    """One server and what it is sent; its answers a second, ms of processor time and of waiting an answer, by round."""

    name: str
    server: Server
    requests: Requests
    per_second: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    postgres_ms: list[float] = field(default_factory=list)
    median_ms: list[float] = field(default_factory=list)
    answers: int = 0

    def row(self, case: str) -> tuple[object, ...]:
        """This will give its medians as a row of the table."""
        busy = [rate * cost / 10 for rate, cost in zip(self.per_second, self.cpu_ms, strict=True)]
        series = (self.per_second, self.cpu_ms, busy, self.postgres_ms, self.median_ms)
        return (f"{case}: {self.name}", *(median(each) for each in series))


def in_turns(stand: Stand, sides: Sequence[Side], *, rounds: int, seconds: float, warm_seconds: float) -> None:
    """This will warm the sides, and then measure them by turns."""
    for side in sides:
        side.answers += fire(_order(side, seconds=warm_seconds)).answers
    for _ in range(rounds):
        for side in sides:
            _round(stand, side, seconds)


def tell(measured: Mapping[str, Iterable[Side]]) -> None:
    """This will print a table of the medians, by the name of the case."""
    table(HEADER, [side.row(case) for case, sides in measured.items() for side in sides])
    print()


def always(*requests: dict[str, Any]) -> Requests:
    """This will make requests that are the same in every volley."""
    return lambda _: requests


def _round(stand: Stand, side: Side, seconds: float) -> None:
    process = side.server.process
    began, postgres_began = process.cpu_seconds(), stand.postgres_seconds()
    tally = fire(_order(side, seconds=seconds))
    side.answers += tally.answers
    side.per_second.append(tally.per_second)
    side.median_ms.append(tally.median_ms)
    side.cpu_ms.append(1000 * (process.cpu_seconds() - began) / tally.answers)
    side.postgres_ms.append(1000 * (stand.postgres_seconds() - postgres_began) / tally.answers)


def _order(side: Side, *, seconds: float) -> Order:
    return Order(side.server.process.port, side.requests(next(_volleys)), side.server.token, seconds=seconds)
