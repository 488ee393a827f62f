"""What mutations of privacy refuse."""

from typing import Any

from domain.customers.models import Contact, Customer
from domain.kernel.ids import public_id
from tests.api.refused import STAMPS

GOOD: dict[str, dict[str, Any]] = {
    "personalDataErase": {"id": "person", "input": {"reference": "Letter of 2 May"}},
    "personalDataExport": {"id": "person", "input": {"reference": "Letter of 2 May"}},
}
BAD: dict[str, dict[str, Any]] = {
    "personalDataErase": {"id": "rubbish", "input.reference": "x" * 101},
    "personalDataExport": {"id": "rubbish", "input.reference": " "},
}
NEVER: set[str] = set()


async def stored() -> dict[str, str]:
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    contact = await Contact.create(customer=customer, name="A", **STAMPS)
    return {"person": public_id("con", contact.id)}
