"""What mutations of customers and contacts refuse."""

from typing import Any

from domain.customers.models import Contact, Customer
from domain.kernel.ids import public_id
from tests.api.refused import ONCE, RECORD, STAMPS, row

GOOD: dict[str, dict[str, Any]] = {
    "customerCreate": {"input": {"kind": "PERSON", "name": "B"}},
    "customerUpdate": {"id": "customer", "input": {"name": "B"}, "expectedVersion": 1},
    "contactCreate": {"customerId": "customer", "input": {"name": "B"}},
    "contactUpdate": {"id": "contact", "input": {"name": "B"}, "expectedVersion": 1},
    "customersUpsert": {"inputs": [{"externalId": "C1", "kind": "PERSON", "name": "B"}], "onError": "REJECT_ALL"},
}
CUSTOMER = {
    "input.name": " ",
    "input.externalId": "",
    "input.email": "nobody",
    "input.phone": "1" * 41,
    "input.industry": "",
    "input.city": "x" * 101,
    "input.country": "de",
    "input.note": "\0",
}
CONTACT = {"input.name": " ", "input.title": "", "input.email": "a@b", "input.phone": "1" * 41}
BAD: dict[str, dict[str, Any]] = {
    "customerCreate": {**CUSTOMER, **ONCE, "input.ownerId": "rubbish"},
    "customerUpdate": {**CUSTOMER, **RECORD, "input.kind": None, "input.ownerId": "rubbish"},
    "contactCreate": {**CONTACT, **ONCE, "customerId": "cus_1"},
    "contactUpdate": {**CONTACT, **RECORD},
    "customersUpsert": {**row(CUSTOMER), "inputs.0.kind": None, **ONCE},
}
NEVER = {"customerCreate.input.kind", "customersUpsert.onError"}


async def stored() -> dict[str, str]:
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    contact = await Contact.create(customer=customer, name="A", **STAMPS)
    return {"customer": public_id("cus", customer.id), "contact": public_id("con", contact.id)}
