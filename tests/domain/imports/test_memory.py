"""Memory does not grow with the file: after the first batches it stays what it was."""

from collections.abc import AsyncIterator, Sequence

import psutil
import pytest

from domain.imports.commands import KINDS, import_file
from domain.imports.rules import ImportKind
from domain.intake.formats import Units
from domain.intake.loader import ImportOutcome
from domain.intake.rows import Reject
from tests.domain.imports.files import BY, NOW

pytestmark = pytest.mark.anyio
PROCESS = psutil.Process()
FIRST_ROWS = 20_000
ALLOWED_BYTES = 8 * 2**20
"""A twentieth of what 200,000 rows would take."""


class Memory:
    """What the process holds at its fullest, before and after the first rows."""

    def __init__(self) -> None:
        self.before = self.after = 0

    def look(self, rows: int) -> None:
        held = PROCESS.memory_info().rss
        if rows <= FIRST_ROWS:
            self.before = max(self.before, held)
        else:
            self.after = max(self.after, held)


async def rows(count: int, kind: str) -> AsyncIterator[bytes]:
    yield b"external_id,kind,name\n"
    for start in range(0, count, 1_000):
        yield "".join(f"c{n},{kind},Customer {n}\n" for n in range(start, start + 1_000)).encode()


async def test_reading_200_000_rows() -> None:
    memory, reading = Memory(), Units(KINDS[ImportKind.CUSTOMERS], at=NOW)
    async for chunk in rows(200_000, "person"):
        for _ in reading.feed(chunk):
            pass
        memory.look(reading.rows_read)
    assert memory.after - memory.before < ALLOWED_BYTES


@pytest.mark.parametrize(("count", "kind"), [(60_000, "person"), (200_000, "cat")])
async def test_importing_and_rejecting_many_batches(database: str, count: int, kind: str) -> None:
    memory = Memory()

    async def progress(done: int, outcome: ImportOutcome) -> None:
        memory.look(outcome.read)

    async def rejects(some: Sequence[Reject]) -> None:
        """Nobody keeps them."""

    outcome = await import_file(
        ImportKind.CUSTOMERS, rows(count, kind), by=BY, at=NOW, progress=progress, rejects=rejects
    )
    assert outcome.created + outcome.rejected == count
    assert memory.after - memory.before < ALLOWED_BYTES
