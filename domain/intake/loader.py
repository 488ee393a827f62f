"""Files into the database: batches of units, one transaction each, staged by COPY and merged by the set.

Imports into the same table take turns, batch by batch: what one of them compares nobody else merges meanwhile, and so
the same file twice at the same time still changes everything once.
"""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.intake.formats import Units
from domain.intake.kind import Kind
from domain.intake.rows import Reject, rejected
from domain.intake.staging import Staging, staging
from domain.intake.units import Refused, Unit
from domain.kernel.actor import Actor

BATCH_ROWS = 5_000
BATCH_BYTES = 4 * 1024 * 1024
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of a file: rows read and rejected; records created, changed, and unchanged."""

    read: int = 0
    rejected: int = 0
    created: int = 0
    changed: int = 0
    unchanged: int = 0


Progress = Callable[[int, ImportOutcome], Awaitable[None]]
"""Told after each batch how many bytes of the file are dealt with, and what became of the rows in them."""

TakeRejects = Callable[[Sequence[Reject]], Awaitable[None]]
"""Given the rejects of each batch, in the order of their lines."""


async def load(
    kind: Kind,
    source: AsyncIterable[bytes],
    *,
    by: Actor,
    at: datetime,
    progress: Progress,
    rejects: TakeRejects,
) -> ImportOutcome:
    """This will store what is good in a file and tell what is not, in constant memory. Not inside a transaction.

    Batches that are committed stay, whatever happens later; the same file again changes nothing but what is missing.
    Raises Invalid where the file as a whole cannot be read.
    """
    async with staging(kind) as tables:
        loading = _Loading(kind, tables, by=by, at=at, progress=progress, rejects=rejects)
        async for chunk in source:
            for piece in _pieces(chunk):
                await loading.feed(piece)
        return await loading.end()
