"""A page costs what a page costs: however many rows there are, and however far down the list it stands."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from bench.data import LARGE, SMALL
from bench.load import Order, fire
from bench.report import heading, ratio, table, verdict
from bench.stand import Server, Stand

ROUNDS = 9
ANSWERS = 150
PAGE = 1_000
MOST = 1.2

QUERY = """
    query Page($after: String) { feedbackItems(first: 50, after: $after) {
      edges { node { id text rating receivedAt customer { id name city } product { id sku name } } }
      pageInfo { hasNextPage endCursor } } }"""
STEP = "query Step($after: String) { feedbackItems(first: 50, after: $after) { pageInfo { endCursor } } }"


@dataclass
class Page:
    """One page to read again and again: where, from which cursor, and what each round took."""

    name: str
    server: Server
    after: str | None
    wait_ms: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    postgres_ms: list[float] = field(default_factory=list)


def run(stand: Stand) -> None:
    """This will compare the first page of a small table with the first and the thousandth of a large one."""
    heading(
        "Pages",
        f"Pages of 50 feedback items with customer and product; concurrency 1; in turns, {ROUNDS} rounds of {ANSWERS} "
        f"answers, medians; tables of {SMALL.feedback:,} and {LARGE.feedback:,} items, of {SMALL.customers:,} and "
        f"{LARGE.customers:,} customers.\n{stand.remark}",
    )
    with stand.api(stand.database(SMALL)) as small, stand.api(stand.database(LARGE)) as large:
        far = _cursor_before(large, PAGE)
        pages = [
            Page(f"page 1 of {SMALL.feedback:,}", small, None),
            Page(f"page 1 of {LARGE.feedback:,}", large, None),
            Page(f"page {PAGE:,} of {LARGE.feedback:,}", large, far),
        ]
        for _ in range(ROUNDS + 1):
            for page in pages:
                _read(stand, page)
    _tell(pages)


def _cursor_before(server: Server, page: int) -> str:
    """By walking there, as a client does."""
    after = None
    for _ in range(page - 1):
        after = server.ask(STEP, {"after": after})["feedbackItems"]["pageInfo"]["endCursor"]
    return str(after)


def _read(stand: Stand, page: Page) -> None:
    process = page.server.process
    began, postgres_began = process.cpu_seconds(), stand.postgres_seconds()
    question = {"query": QUERY, "variables": {"after": page.after}}
    tally = fire(Order(process.port, [question], page.server.token, answers=ANSWERS, concurrency=1))
    page.wait_ms.append(tally.median_ms)
    page.cpu_ms.append(1000 * (process.cpu_seconds() - began) / ANSWERS)
    page.postgres_ms.append(1000 * (stand.postgres_seconds() - postgres_began) / ANSWERS)


def _tell(pages: list[Page]) -> None:
    """The first round only warms."""
    series: list[Callable[[Page], list[float]]] = [
        lambda page: page.wait_ms[1:],
        lambda page: page.cpu_ms[1:],
        lambda page: page.postgres_ms[1:],
    ]
    header = ("", "median wait ms", "CPU ms/answer", "PostgreSQL ms/answer")
    table(header, [(page.name, *(median(each(page)) for each in series)) for page in pages])
    print()
    small, large, far = pages
    for one, other in ((large, small), (far, large)):
        waits, costs, queries = (ratio(each(one), each(other)) for each in series)
        verdict(
            f"{one.name} against {other.name}: wait {waits:.2f}, CPU {costs:.2f}, PostgreSQL {queries:.2f} "
            f"(target: at most {MOST})",
            max(waits, costs) <= MOST,
        )
