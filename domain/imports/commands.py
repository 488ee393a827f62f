"""Verbs of imports: take in a file of customers, products, orders or feedback, now or as a job."""

from collections.abc import AsyncIterable, Sequence
from datetime import datetime
from uuid import UUID

from domain.catalog.imports import PRODUCTS
from domain.customers.imports import CUSTOMERS
from domain.feedback.imports import FEEDBACK
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome, Progress, TakeRejects, load
from domain.jobs.commands import start_job
from domain.kernel.actor import Actor
from domain.orders.imports import ORDERS

KINDS = {
    ImportKind.CUSTOMERS: CUSTOMERS,
    ImportKind.PRODUCTS: PRODUCTS,
    ImportKind.ORDERS: ORDERS,
    ImportKind.FEEDBACK: FEEDBACK,
}


async def import_file(
    kind: ImportKind,
    source: AsyncIterable[bytes],
    *,
    by: Actor,
    at: datetime,
    progress: Progress,
    rejects: TakeRejects,
) -> ImportOutcome:
    """This will upsert the good rows of a CSV or JSON Lines file by external id, and hand over what it rejects.

    Not inside a transaction: each batch is one, and stays. Raises Unauthenticated, and Invalid where the file as a
    whole cannot be read.
    """
    by.must_be_known()
    outcome = await load(KINDS[kind], source, by=by, at=at, progress=progress, rejects=rejects)
    return outcome
