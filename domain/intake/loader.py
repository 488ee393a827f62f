"""Files into the database: batches of units, one transaction each, merged while the next batch is being read."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime

from domain.intake.formats import Units
from domain.intake.kind import Kind
from domain.intake.rows import Reject, rejected
from domain.intake.staging import Staging, staging
from domain.intake.units import Refused, Unit
from domain.kernel.actor import Actor

BATCH_ROWS = 10_000
BATCH_BYTES = 4 * 1024 * 1024
PIECE_BYTES = 2 * 1024
"""After so many bytes other tasks may run, the merge of the batch before among them."""


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
    async with staging(kind, at=at) as tables:
        store = _Store(kind, tables, by=by, progress=progress, rejects=rejects)
        merging: asyncio.Task[None] | None = None
        async with aclosing(_batches(Units(kind, at=at), source)) as batches:
            try:
                async for batch in batches:
                    if merging:
                        await merging
                    merging = asyncio.create_task(store.put(batch))
            finally:
                if merging:
                    await merging
    return store.outcome


class _Batch:
    """Units to merge, and how far the file is read with them."""

    def __init__(self) -> None:
        self.units: list[Unit] = []
        self.refused: list[Refused] = []
        self.rows_read = 0
        self.bytes_read = 0

    def put(self, units: Iterable[Unit | Refused]) -> None:
        for each in units:
            if isinstance(each, Unit):
                self.units.append(each)
            else:
                self.refused.append(each)


async def _batches(reading: Units, source: AsyncIterable[bytes]) -> AsyncGenerator[_Batch, None]:
    batch, next_row, next_byte = _Batch(), BATCH_ROWS, BATCH_BYTES
    async for chunk in source:
        for piece in _pieces(chunk):
            batch.put(reading.feed(piece))
            if reading.rows_read >= next_row or reading.bytes_read >= next_byte:
                batch.rows_read, batch.bytes_read = reading.rows_read, reading.bytes_read
                yield batch
                batch, next_row, next_byte = _Batch(), reading.rows_read + BATCH_ROWS, reading.bytes_read + BATCH_BYTES
            await asyncio.sleep(0)
    batch.put(reading.end())
    batch.rows_read, batch.bytes_read = reading.rows_read, reading.bytes_read
    yield batch


def _pieces(chunk: bytes) -> Iterator[bytes]:
    return (chunk[start : start + PIECE_BYTES] for start in range(0, len(chunk), PIECE_BYTES))


class _Store:
    """Where the batches of one file go, and the sums so far."""

    def __init__(self, kind: Kind, tables: Staging, *, by: Actor, progress: Progress, rejects: TakeRejects) -> None:
        self.outcome = ImportOutcome()
        self._kind = kind
        self._tables = tables
        self._by = by
        self._progress = progress
        self._rejects = rejects

    async def put(self, batch: _Batch) -> None:
        """This will merge a batch, and tell what became of it."""
        async with self._tables.turn():
            await self._tables.fill(batch.units)
            culprits = await self._tables.refusals(batch.refused)
            created, changed = await self._tables.merge(self._by)
        rejects = [reject for each in batch.refused for reject in each.rejects]
        for place, culprit in culprits.items():
            rejects += self._rejects_of(batch.units[place], culprit)
        before = self.outcome
        self.outcome = ImportOutcome(
            read=batch.rows_read,
            rejected=before.rejected + len(rejects),
            created=before.created + created,
            changed=before.changed + changed,
            unchanged=before.unchanged + len(batch.units) - len(culprits) - created - changed,
        )
        if rejects:
            await self._rejects(sorted(rejects))
        await self._progress(batch.bytes_read, self.outcome)

    def _rejects_of(self, unit: Unit, culprit: Reject) -> Iterator[Reject]:
        yield culprit
        for line in unit.lines:
            if line != culprit.line:
                yield rejected(line, "", f"Another line of this {self._kind.noun} was rejected, line {culprit.line}.")
