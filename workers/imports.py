"""Jobs of imports."""

from dataclasses import asdict, dataclass
from typing import Any

from domain.files.models import File
from domain.files.queries import find_file
from domain.imports.commands import import_stored_file
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome
from domain.kernel.ids import public_id, read_id
from workers.kinds import RunningJob, job


@dataclass(frozen=True)
class Load:
    """Which file is taken in, by its public id, and what it holds."""

    file: str
    kind: ImportKind


@job(
    "imports.load",
    description="Takes in an uploaded file of customers, products, orders or feedback.",
    queue="imports",
)
async def load(running: RunningJob, payload: Load) -> dict[str, Any]:
    """This will import the file; begun again after a failure, it changes only what is still missing."""
    file = await find_file(read_id(File.prefix, payload.file), running.by)

    async def progress(done: int, outcome: ImportOutcome) -> None:
        running.progress(done, file.size, f"{outcome.read:,} rows read, {outcome.rejected:,} rejected")

    outcome, rejects = await import_stored_file(payload.kind, file, by=running.by, at=running.now(), progress=progress)
    return {**asdict(outcome), "rejects_file": public_id(rejects.prefix, rejects.id) if rejects else None}
