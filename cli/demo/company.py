"""Loads the demo company, by the same imports and commands as anybody's records; loaded again, it changes nothing."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from cli.demo import ADMIN_EMAIL, ADMIN_PASSWORD
from cli.demo.generator import ENGLISH_ITEMS, DemoCompany, Row
from cli.demo.sources import purchases, reviews
from domain.access.queries import ADMINISTRATOR, roles_named, user_named
from domain.access.users import create_user
from domain.customers.commands import create_contacts
from domain.customers.queries import without_contacts
from domain.feedback.queries import has_item
from domain.imports.commands import import_file
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome
from domain.intake.rows import Reject
from domain.kernel.actor import Actor
from domain.kernel.permissions import EVERY_GRANT

BY = Actor(name="demo", grants=EVERY_GRANT)
ROWS_A_CHUNK = 1_000
LAST_ITEM = f"demo-generated-{ENGLISH_ITEMS:04}"
COLUMNS = {
    ImportKind.PRODUCTS: "sku,name,category,description,list_price,currency",
    ImportKind.CUSTOMERS: "external_id,kind,name,email,phone,industry,city,country,note",
    ImportKind.ORDERS: "external_id,customer_external_id,ordered_at,currency,sku,quantity,amount",
    ImportKind.FEEDBACK: "external_id,source,text,rating,language,customer_external_id,product_sku,order_external_id,"
    "received_at",
}


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """How much the demo company consists of."""

    products: int
    customers: int
    contacts: int
    orders: int
    feedback: int


class DemoSpoiled(Exception):
    """The demo's own rows were rejected: a bug, or data packages other than those that we know."""


async def is_loaded() -> bool:
    """This will say whether the whole demo is in the database: its last row is."""
    return await has_item(LAST_ITEM)


async def load(*, at: datetime, progress: Callable[[str], None], company: DemoCompany | None = None) -> DemoSummary:
    """This will load the demo company, its administrator and its feedback, whose aggregation is then queued.

    `progress` is told in words what comes next; `company` may be a smaller one. Raises: DemoNotInstalled.
    """
    company = company or DemoCompany(list(purchases()), reviews())
    if await user_named(ADMIN_EMAIL) is None:
        await create_user(ADMIN_EMAIL, "Demo", ADMIN_PASSWORD, roles=await roles_named(ADMINISTRATOR), by=BY, at=at)
    progress("Demo: products and CDNOW's customers")
    products = await _import(ImportKind.PRODUCTS, company.products(), at)
    customers = await _import(ImportKind.CUSTOMERS, company.customers(), at)
    contacts = await _create_contacts(company, at)
    progress("Demo: CDNOW's purchases")
    orders = await _import(ImportKind.ORDERS, company.orders(), at)
    progress("Demo: reviews and generated feedback")
    feedback = await _import(ImportKind.FEEDBACK, company.feedback(), at)
    return DemoSummary(products, customers, contacts, orders, feedback)


async def _import(kind: ImportKind, rows: Iterable[Row], at: datetime) -> int:
    async def progress(done: int, outcome: ImportOutcome) -> None:
        """Each kind takes a few seconds; its own line is enough."""

    async def refuse(rejects: Sequence[Reject]) -> None:
        raise DemoSpoiled(f"{kind}: {rejects[0]}")

    outcome = await import_file(kind, _as_csv(COLUMNS[kind], rows), by=BY, at=at, progress=progress, rejects=refuse)
    return outcome.read


async def _as_csv(header: str, rows: Iterable[Row]) -> AsyncIterator[bytes]:
    yield f"{header}\n".encode()
    remaining = iter(rows)
    while chunk := list(islice(remaining, ROWS_A_CHUNK)):
        text = io.StringIO()
        csv.writer(text).writerows(chunk)
        yield text.getvalue().encode()


async def _create_contacts(company: DemoCompany, at: datetime) -> int:
    contacts = list(company.contacts())
    missing = await without_contacts([whose for whose, _ in contacts])
    await create_contacts([(missing[whose], values) for whose, values in contacts if whose in missing], by=BY, at=at)
    return len(contacts)
