"""Verbs of imports: take in a file of customers, products, orders or feedback, now or as a job."""

from collections.abc import AsyncIterable
from contextlib import AsyncExitStack
from datetime import datetime
from uuid import UUID

from domain.catalog.imports import PRODUCTS
from domain.customers.imports import CUSTOMERS
from domain.feedback.imports import FEEDBACK
from domain.files.models import File
from domain.files.queries import find_file, read_chunks
from domain.imports.rejects import KeptRejects
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome, Progress, TakeRejects, load
from domain.jobs.commands import ask_for_job, start_job
from domain.jobs.models import Job
from domain.kernel.actor import Actor
from domain.kernel.ids import public_id
from domain.kernel.permissions import Permission, Reach
from domain.orders.imports import ORDERS

KINDS = {
    ImportKind.CUSTOMERS: CUSTOMERS,
    ImportKind.PRODUCTS: PRODUCTS,
    ImportKind.ORDERS: ORDERS,
    ImportKind.FEEDBACK: FEEDBACK,
}


WRITES = {
    ImportKind.CUSTOMERS: Permission.CUSTOMERS_WRITE,
    ImportKind.PRODUCTS: Permission.CATALOG_WRITE,
    ImportKind.ORDERS: Permission.ORDERS_WRITE,
    ImportKind.FEEDBACK: Permission.FEEDBACK_WRITE,
}
"""What must be permitted over all records for a file of a kind: its rows may be anybody's."""


def must_import(kind: ImportKind, by: Actor) -> None:
    """This will refuse whoever may not import, or not change all such records. Raises Unauthenticated, Forbidden."""
    by.must(Permission.IMPORTS_WRITE)
    by.must(WRITES[kind], Reach.ALL)


async def import_file(
    kind: ImportKind,
    source: AsyncIterable[bytes],
    *,
    by: Actor,
    at: datetime,
    progress: Progress,
    rejects: TakeRejects,
) -> ImportOutcome:
    """This will upsert the good rows of a CSV or JSON Lines file by their keys, and hand over what it rejects.

    Not inside a transaction: each batch is one, and stays. Where feedback came in, an aggregation is started. Raises
    Unauthenticated, Forbidden, and Invalid where the file as a whole cannot be read.
    """
    must_import(kind, by)
    outcome = await load(KINDS[kind], source, by=by, at=at, progress=progress, rejects=rejects)
    starts = KINDS[kind].starts
    if starts and (outcome.created or outcome.changed):
        await start_job(starts, {}, by=by, at=at, unique_key=starts)
    return outcome


async def import_stored_file(
    kind: ImportKind, file: File, *, by: Actor, at: datetime, progress: Progress
) -> tuple[ImportOutcome, File | None]:
    """This will import an uploaded file, and keep its rejects, if there are any, as a file of the actor's.

    Raises Unauthenticated, and Invalid where the file as a whole cannot be read.
    """
    async with AsyncExitStack() as stack:
        kept = KeptRejects(stack, file, by=by, at=at)
        outcome = await import_file(kind, read_chunks(file.id), by=by, at=at, progress=progress, rejects=kept.take)
    return outcome, kept.file


async def start_import(kind: ImportKind, file_key: UUID | None, *, by: Actor, at: datetime) -> Job:
    """This will ask for an uploaded file to be imported as a kind; a live job that does just that is given back.

    Raises Unauthenticated, NotFound, and AlreadyRunning where somebody else had that job started.
    """
    must_import(kind, by)
    file = await find_file(file_key, by)
    payload = {"kind": kind.value, "file": public_id(file.prefix, file.id)}
    key = f"imports.load {kind} {file.id.hex}"
    return await ask_for_job("imports.load", payload, "file_id", unique_key=key, by=by, at=at)
