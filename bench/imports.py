"""How fast files come in: our import of CSV against plain COPY of the very rows that it stored."""

import asyncio
import io
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from bench.report import heading, table, verdict
from bench.stand import Stand
from domain.imports.commands import import_file
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome
from domain.intake.rows import Reject
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.database import connected, migrate
from runtime.embedded import start_postgres

ROWS = 100_000
PRODUCTS = 200
TARGET = 10_000
CHUNK_BYTES = 1024 * 1024
TABLES = {
    ImportKind.CUSTOMERS: ("customer",),
    ImportKind.ORDERS: ("sales_order", "sales_order_line"),
    ImportKind.FEEDBACK: ("feedback_item",),
}
"""What each kind of file fills; its events come on top, and COPY is spared them."""


def run(stand: Stand) -> None:
    """This will import 100,000 rows of each kind into an empty database, and COPY what came of them into copies."""
    heading(
        "Imports",
        f"{ROWS:,} rows of CSV each, an order of one line a row, into the embedded PostgreSQL as `up` runs it, durable, "
        "on every core.\nCOPY takes the rows just stored, from CSV, into a bare copy of their tables, and into one with "
        "the same indexes and foreign keys.\nImporting is checking, merging, and an event for each record; COPY is none "
        "of these.",
    )
    with _server() as url:
        measured = asyncio.run(_measure(url))
    header = ("", "import rows/s", "COPY, bare", "ratio", "COPY, indexed", "ratio", "the same again")
    table(header, [(kind, ours, bare, ours / bare, keyed, ours / keyed, again) for kind, ours, bare, keyed, again in measured])
    for kind, ours, *_ in measured:
        verdict(f"{kind}: at least {TARGET:,} rows a second", ours >= TARGET)
