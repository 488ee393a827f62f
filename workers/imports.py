"""Jobs of imports."""

from dataclasses import asdict
from typing import Any

from domain.files.models import File
from domain.files.queries import find_file
from domain.imports.commands import import_stored_file
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome
from domain.kernel.ids import public_id, read_id
from workers.kinds import RunningJob, job


@job("imports.load", description="Takes in an uploaded file of customers, products, orders or feedback.")
async def load(running: RunningJob) -> dict[str, Any]:
    """This will import the file; begun again after a failure, it changes only what is still missing."""
    file = await find_file(read_id(File.prefix, running.payload["file"]), running.by)

    async def progress(done: int, outcome: ImportOutcome) -> None:
        running.progress(done, file.size, f"{outcome.read:,} rows read, {outcome.rejected:,} rejected")

    kind = ImportKind(running.payload["kind"])
    outcome, rejects = await import_stored_file(kind, file, by=running.by, at=running.now(), progress=progress)
    return {**asdict(outcome), "rejects_file": public_id(rejects.prefix, rejects.id) if rejects else None}
