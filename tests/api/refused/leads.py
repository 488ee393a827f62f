"""What mutations of leads and activities refuse."""

from typing import Any

from domain.activities.models import Activity
from domain.customers.models import Contact, Customer
from domain.kernel.ids import public_id
from domain.leads.models import Lead
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.domain.pipeline.deals import house
from tests.graph import NOW

DEAL = {"name": "A deal", "currency": "EUR", "closeDate": "2124-06-30"}
DETAILS: dict[str, Any] = {
    "input.company": "",
    "input.title": "",
    "input.email": "nobody",
    "input.phone": "x" * 41,
    "input.industry": " ",
    "input.city": "x" * 101,
    "input.country": "Germany",
    "input.note": "x" * 10_001,
    "input.ownerId": "rubbish",
    "input.name": "",
}
WITH: dict[str, Any] = {
    "input.note": "",
    "input.durationMinutes": 0,
    "input.ownerId": "rubbish",
    "input.contactId": "CONTACT OF ANOTHER",
    "input.opportunityId": "DEAL OF ANOTHER",
    "input.subject": " ",
    "input.dueAt": "1066-10-14T09:00:00Z",
}
GOOD: dict[str, dict[str, Any]] = {
    "leadCreate": {"input": {"name": "Kim", "source": "WEBSITE"}},
    "leadUpdate": {"id": "LEAD", "input": {"name": "Lea", "source": "PARTNER"}},
    "leadSetStatus": {"id": "LEAD", "input": {"status": "DISQUALIFIED", "reason": "No budget."}},
    "leadConvert": {"id": "QUALIFIED LEAD", "input": {"customerId": "CUSTOMER", "opportunity": DEAL}},
    "activityCreate": {
        "input": {"kind": "CALL", "subject": "Prices", "dueAt": "2024-05-02T09:00:00Z", "customerId": "CUSTOMER"}
    },
    "activityUpdate": {"id": "ACTIVITY", "input": {"kind": "VISIT", "subject": "Terms"}},
    "activityComplete": {"id": "ACTIVITY", "input": {"outcome": "They like it."}},
    "activityCancel": {"id": "ACTIVITY", "input": {"outcome": "Ill."}},
    "activityMiss": {"id": "ACTIVITY", "input": {}},
}
BAD: dict[str, dict[str, Any]] = {
    "leadCreate": {"input.externalId": "L1", **DETAILS, **ONCE},
    "leadUpdate": {"input.externalId": "L2", **DETAILS, "input.source": None, **RECORD},
    "leadSetStatus": {"input.status": "CONVERTED", "input.reason": None, **RECORD},
    "leadConvert": {
        "input.customerId": "rubbish",
        "input.opportunity.name": "",
        "input.opportunity.currency": "euro",
        "input.opportunity.closeDate": "1066-10-14",
        "input.opportunity.amount": "-1",
        "input.opportunity.pipelineId": "rubbish",
        **RECORD,
        **ONCE,
    },
    "activityCreate": {
        **WITH,
        "input.customerId": None,
        "input.leadId": "rubbish",
        "input.outcome": "",
        "input.doneAt": "2999-01-01T00:00:00Z",
        **ONCE,
    },
    "activityUpdate": {**WITH, "input.kind": None, **RECORD},
    "activityComplete": {
        "input.outcome": "x" * 301,
        "input.durationMinutes": 100_000,
        "input.doneAt": "2999-01-01T00:00:00Z",
        **RECORD,
    },
    "activityCancel": {"input.outcome": "", **RECORD},
    "activityMiss": {"input.outcome": "", **RECORD},
}
NEVER = {"leadCreate.input.source", "activityCreate.input.kind"}


async def stored() -> dict[str, str]:
    """Leads that are new and qualified, a customer with an activity, and a contact and a deal of another customer."""
    made = await house()
    other = await Customer.create(kind="person", name="Other", **STAMPS)
    contact = await Contact.create(customer=other, name="C", **STAMPS)
    deal = await made.deal(customer_id=other.id)
    given: dict[str, Any] = {"source": "website", "status_changed_at": NOW, **STAMPS}
    lead = await Lead.create(name="A", external_id="L1", **given)
    qualified = await Lead.create(name="B", external_id="L2", status="qualified", **given)
    activity = await Activity.create(kind="call", subject="S", due_at=NOW, customer=made.customer, **STAMPS)
    records: dict[str, Any] = {
        "LEAD": lead, "QUALIFIED LEAD": qualified, "CUSTOMER": made.customer, "ACTIVITY": activity,
        "CONTACT OF ANOTHER": contact, "DEAL OF ANOTHER": deal,
    }  # fmt: skip
    return {word: public_id(record.prefix, record.id) for word, record in records.items()}
