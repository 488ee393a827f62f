"""Commands join the transaction of their caller, and begin one where there is none."""

import pytest
from tortoise.exceptions import IntegrityError

from domain.customers.commands import ExternalIdTaken, create_customer
from domain.customers.models import Customer
from domain.kernel.actor import SYSTEM
from domain.kernel.changes import store_new
from domain.kernel.events import Event
from domain.kernel.transactions import one_transaction
from tests.graph import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_what_fails_within_undoes_all_of_it() -> None:
    async def both() -> None:
        async with one_transaction():
            await create_customer({"kind": "person", "name": "A"}, by=SYSTEM, at=NOW)
            async with one_transaction():
                await create_customer({"kind": "person", "name": "B"}, by=SYSTEM, at=NOW)
                raise KeyError("a bug")

    with pytest.raises(KeyError):
        await both()
    assert await Customer.all().count() + await Event.all().count() == 0


async def test_what_is_taken_is_refused_in_a_transaction_and_without() -> None:
    given = {"kind": "person", "name": "A", "external_id": "C1"}
    await create_customer(given, by=SYSTEM, at=NOW)
    with pytest.raises(ExternalIdTaken):
        await create_customer(given, by=SYSTEM, at=NOW)
    with pytest.raises(ExternalIdTaken):
        async with one_transaction():
            await create_customer({**given, "external_id": "C2"}, by=SYSTEM, at=NOW)
            await create_customer(given, by=SYSTEM, at=NOW)
    with pytest.raises(IntegrityError):
        await store_new(Customer, given, "customers.customer.created", by=SYSTEM, at=NOW)
    assert await Customer.all().count() == await Event.all().count() == 1
