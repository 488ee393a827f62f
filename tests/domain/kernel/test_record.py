"""Who waits for whom: what only needs a record to stay where it is holds up nobody, and is held up by nobody."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from tortoise.transactions import in_transaction

from domain.customers.commands import create_contact, create_contacts, update_customer
from domain.customers.models import Contact, Customer
from domain.feedback.commands import record_feedback
from domain.feedback.models import FeedbackItem
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import new_id
from domain.kernel.refusals import NotFound
from tests.graph import NOW

pytestmark = pytest.mark.anyio
Command = Callable[[Customer], Awaitable[Any]]


@pytest.fixture
async def customer(database: str) -> Customer:
    return await Customer.create(kind="person", name="A", created_at=NOW, updated_at=NOW)


async def feedback(customer: Customer) -> None:
    given = {"source": "case", "text": "late"}
    await record_feedback(given, about={"customer_id": customer.id}, by=SYSTEM, at=NOW)


async def contact(customer: Customer) -> None:
    await create_contact(customer.id, {"name": "Kim"}, by=SYSTEM, at=NOW)


async def contacts(customer: Customer) -> None:
    await create_contacts([(customer.id, {"name": name}) for name in ("Kim", "Lea")], by=SYSTEM, at=NOW)


async def rename(customer: Customer) -> None:
    await update_customer(customer.id, {"name": "B"}, by=SYSTEM, at=NOW)


@asynccontextmanager
async def unfinished(command: Command, customer: Customer) -> AsyncIterator[None]:
    """A command of another session that is done, and whose transaction is still open while the block runs."""
    done, end = asyncio.Event(), asyncio.Event()

    async def session() -> None:
        async with in_transaction():
            await command(customer)
            done.set()
            await end.wait()

    other = asyncio.create_task(session())
    await asyncio.wait_for(done.wait(), 10)
    try:
        yield
    finally:
        end.set()
        await other


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (feedback, feedback),
        (feedback, contact),
        (contact, contacts),
        (contacts, feedback),
        (feedback, rename),
        (contact, rename),
        (rename, feedback),
        (rename, contact),
        (rename, contacts),
    ],
)
async def test_two_sessions_pass_each_other(customer: Customer, first: Command, second: Command) -> None:
    async with unfinished(first, customer):
        await asyncio.wait_for(asyncio.ensure_future(second(customer)), 5)


async def test_two_changes_of_one_record_queue(customer: Customer) -> None:
    async with unfinished(rename, customer):
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.ensure_future(rename(customer)), 0.3)


@pytest.mark.parametrize("command", [feedback, contact, contacts])
async def test_what_is_held_cannot_vanish(customer: Customer, database: str, command: Command) -> None:
    connection = await asyncpg.connect(database)
    try:
        await connection.execute("SET lock_timeout = '300ms'")
        async with unfinished(command, customer):
            with pytest.raises(asyncpg.LockNotAvailableError):
                await connection.execute("DELETE FROM customer")
    finally:
        await connection.close()


async def test_what_is_not_there_cannot_be_held(customer: Customer) -> None:
    missing = new_id()
    given = {"name": "Kim"}
    for key in (missing, None):
        with pytest.raises(NotFound):
            await create_contact(key, given, by=SYSTEM, at=NOW)
        with pytest.raises(NotFound):
            about = {"customer_id": customer.id, "product_id": key}
            await record_feedback({"source": "case", "text": "late"}, about=about, by=SYSTEM, at=NOW)
    with pytest.raises(NotFound) as refusal:
        await create_contacts([(customer.id, given), (missing, given)], by=SYSTEM, at=NOW)
    assert refusal.value.field == ("customer_id",)
    assert await Contact.all().count() + await FeedbackItem.all().count() == 0
