"""How fast files come in: our import of CSV against plain COPY of the very rows that it stored."""

import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench.report import heading, ratio, table, verdict
from bench.stand import Stand
from domain.imports.commands import import_file
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome
from domain.intake.rows import Reject
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.database import connected, migrate
from runtime.embedded import start_postgres

ROWS = 50_000
ROUNDS = 3
PRODUCTS = 200
LEAST_ROWS_A_SECOND = 10_000
CHUNK_BYTES = 1024 * 1024
TABLES = {
    ImportKind.CUSTOMERS: ("customer",),
    ImportKind.ORDERS: ("sales_order", "sales_order_line"),
    ImportKind.FEEDBACK: ("feedback_item",),
}
"""What each kind of file fills; its events come on top, and COPY is spared them."""
FOREIGN_KEYS = """
    SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint
    WHERE contype = 'f' AND conrelid = $1::regclass
"""


@dataclass(slots=True)
class Measured:
    """Rows of the file a second, one figure a round: imported, copied bare, copied with indexes, imported again."""

    imported: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    indexed: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)


def run(stand: Stand) -> None:
    """This will import a file of each kind into empty databases, and COPY what came of it into copies of the tables."""
    heading(
        "Imports",
        f"{ROWS:,} rows of CSV each, an order of one line a row, into an embedded PostgreSQL as `up` runs it, durable; "
        f"on every core; medians of {ROUNDS} rounds, each in a new database.\nCOPY takes the rows just stored, as "
        "CSV, into bare copies of their tables, and into copies with the same indexes and foreign keys.\nAn import "
        "checks, merges and tells an event for each record; COPY does none of these.",
    )
    found = {kind: Measured() for kind in TABLES}
    with _every_core(stand), _server() as url:
        for number in range(ROUNDS):
            asyncio.run(_measure(url, f"round_{number}", found))
    table(
        ("rows/s", "import", "COPY, bare", "ratio", "COPY, indexed", "ratio", "the same file again"),
        [
            (
                kind,
                median(each.imported),
                median(each.bare),
                ratio(each.imported, each.bare),
                median(each.indexed),
                ratio(each.imported, each.indexed),
                median(each.again),
            )
            for kind, each in found.items()
        ],
    )
    for kind, each in found.items():
        met = median(each.imported) >= LEAST_ROWS_A_SECOND
        verdict(f"{kind}: at least {LEAST_ROWS_A_SECOND:,} rows a second", met)


@contextmanager
def _every_core(stand: Stand) -> Iterator[None]:
    """The stand keeps one for the measured server; here the server is PostgreSQL, and may use what is free."""
    os.sched_setaffinity(0, stand.cores.server | stand.cores.others)
    try:
        yield
    finally:
        os.sched_setaffinity(0, stand.cores.others)


@contextmanager
def _server() -> Iterator[str]:
    """The embedded PostgreSQL as people have it, over a home that is thrown away."""
    home = Path(tempfile.mkdtemp(prefix="salesloop-imports-", dir="/tmp"))
    home.chmod(0o755)
    try:
        engine = start_postgres(home)
        try:
            yield engine.url
        finally:
            engine.stop()
    finally:
        shutil.rmtree(home)


async def _measure(server_url: str, name: str, found: Mapping[ImportKind, Measured]) -> None:
    administrator = await asyncpg.connect(server_url)
    await administrator.execute(f"CREATE DATABASE {name}")
    await administrator.close()
    url = urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))
    await migrate(url)
    connection = await asyncpg.connect(url)
    try:
        async with connected(url):
            await _import(ImportKind.PRODUCTS, _products())
            for kind, measured in found.items():
                content = FILES[kind]()
                measured.imported.append(await _import(kind, content))
                measured.bare.append(await _copy(connection, TABLES[kind], indexed=False))
                measured.indexed.append(await _copy(connection, TABLES[kind], indexed=True))
                measured.again.append(await _import(kind, content))
    finally:
        await connection.close()


async def _import(kind: ImportKind, content: bytes) -> float:
    async def progress(done: int, outcome: ImportOutcome) -> None:
        """Nobody looks on."""

    async def refuse(rejects: Sequence[Reject]) -> None:
        raise RuntimeError(f"a good row was rejected: {rejects[0]}")

    began = time.perf_counter()
    outcome = await import_file(kind, _chunks(content), by=SYSTEM, at=system_clock(), progress=progress, rejects=refuse)
    return outcome.read / (time.perf_counter() - began)


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), CHUNK_BYTES):
        yield content[start : start + CHUNK_BYTES]


async def _copy(connection: asyncpg.Connection, tables: Sequence[str], *, indexed: bool) -> float:
    seconds = 0.0
    for name in tables:
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            await connection.copy_from_table(name, output=file.name, format="csv")
            await _make_copy(connection, name, indexed=indexed)
            began = time.perf_counter()
            await connection.copy_to_table("copied", source=file.name, format="csv")
            seconds += time.perf_counter() - began
            await connection.execute("DROP TABLE copied")
    return ROWS / seconds


async def _make_copy(connection: asyncpg.Connection, name: str, *, indexed: bool) -> None:
    await connection.execute(f"CREATE TABLE copied (LIKE {name} {'INCLUDING ALL' if indexed else ''})")
    if not indexed:
        await connection.execute("ALTER TABLE copied DROP COLUMN IF EXISTS search")  # which is no plain column
    if indexed:
        for key in await connection.fetch(FOREIGN_KEYS, name):
            await connection.execute(f"ALTER TABLE copied ADD {key['definition']}")


def _products() -> bytes:
    lines = [f"SKU-{i},Product number {i},Category {i % 9},{i}.99,USD\n" for i in range(PRODUCTS)]
    return ("sku,name,category,list_price,currency\n" + "".join(lines)).encode()


def _customers() -> bytes:
    lines = [
        f"C-{i},{'person' if i % 3 else 'company'},Customer number {i},customer{i}@example.org,+1 555 {i:07},"
        f'Industry {i % 12},City {i % 97},DE,"Met at the fair, likes ""jazz"""\n'
        for i in range(ROWS)
    ]
    return ("external_id,kind,name,email,phone,industry,city,country,note\n" + "".join(lines)).encode()


def _orders() -> bytes:
    lines = [
        f"O-{i},C-{i * 7919 % ROWS},{1997 + i % 9}-{i % 12 + 1:02}-{i % 28 + 1:02}T10:00:00Z,EUR,SKU-{i % PRODUCTS},"
        f"{i % 9 + 1},{i * 31 % 1000}.{i % 100:02}\n"
        for i in range(ROWS)
    ]
    return ("external_id,customer_external_id,ordered_at,currency,sku,quantity,amount\n" + "".join(lines)).encode()


def _feedback() -> bytes:
    lines = [
        f'F-{i},review,"The parcel came late, and case {i} was cracked; 房间很干净，早餐一般。",{i % 5 + 1},zh,'
        f"C-{i * 7919 % ROWS},SKU-{i % PRODUCTS},O-{i},{1997 + i % 9}-{i % 12 + 1:02}-{i % 28 + 1:02}T10:00:00Z\n"
        for i in range(ROWS)
    ]
    header = "external_id,source,text,rating,language,customer_external_id,product_sku,order_external_id,received_at\n"
    return (header + "".join(lines)).encode()


FILES = {ImportKind.CUSTOMERS: _customers, ImportKind.ORDERS: _orders, ImportKind.FEEDBACK: _feedback}
