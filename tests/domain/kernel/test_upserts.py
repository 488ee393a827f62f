"""Upserts beside others: a key that somebody takes meanwhile is a record to change, not to create."""

import asyncio
from contextvars import Context
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from domain.customers.commands import create_customer, upsert_customers
from domain.customers.models import Customer
from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.events import Event
from domain.kernel.refusals import Refusals, Unauthenticated
from domain.kernel.upserts import BulkMode, Fate
from tests.graph import NOW
from tests.waiting import eventually
from tests.workers.workplace import locks_are_awaited

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
ROWS = [{"external_id": f"C{number}", "kind": "person", "name": "new"} for number in range(3)]


@pytest.mark.parametrize("ends_well", [True, False])
async def test_a_key_that_is_taken_meanwhile_is_known(ends_well: bool) -> None:
    upserting = None
    try:
        async with in_transaction():
            await create_customer({**ROWS[1], "name": "old"}, by=SYSTEM, at=NOW)
            upserting = elsewhere()
            assert await eventually(locks_are_awaited)
            if not ends_well:
                raise KeyError
    except KeyError:
        pass
    assert upserting is not None
    fates = [row.fate for row in await upserting]
    assert fates == [Fate.CREATED, Fate.CHANGED if ends_well else Fate.CREATED, Fate.CREATED]
    assert await Customer.filter(name="new").count() == 3
    assert await Event.all().count() == (4 if ends_well else 3)


def elsewhere() -> asyncio.Task[Any]:
    """An upsert in a session of its own."""
    upserting = upsert_customers(ROWS, on_error=BulkMode.REJECT_ALL, by=SYSTEM, at=NOW)
    return asyncio.get_running_loop().create_task(upserting, context=Context())


async def test_all_that_is_wrong_is_told_at_once() -> None:
    given = [{**ROWS[0], "country": "x"}, ROWS[1], {"external_id": "C9"}]
    with pytest.raises(Refusals) as refusal:
        await upsert_customers(given, on_error=BulkMode.REJECT_ALL, by=SYSTEM, at=NOW)
    assert [each.field for each in refusal.value.each] == [("inputs", "0", "country"), ("inputs", "2", "kind")]
    with pytest.raises(Unauthenticated):
        await upsert_customers(ROWS, on_error=BulkMode.SKIP_FAILED, by=NOBODY, at=NOW)
    assert await Customer.all().count() + await Event.all().count() == 0
