"""What mutations of segments and campaigns refuse."""

from datetime import date
from typing import Any

from domain.campaigns.models import Campaign, CampaignCost, CampaignMember
from domain.customers.models import Customer
from domain.kernel.ids import public_id
from domain.segments.models import Segment
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.graph import NOW

PREDICATE = {"condition": {"field": "COUNTRY", "operator": "IN", "values": ["DE"]}}
WRONG: dict[str, Any] = {
    "input.name": "Taken",
    "input.description": "",
    "input.predicate.all": [],
    "input.predicate.any": [{"condition": PREDICATE["condition"]}],
    "input.predicate.not": {},
    "input.predicate.condition.operator": "AT_LEAST",
    "input.predicate.condition.values": [],
    "input.predicate.condition.withinDays": 90,
    "input.predicate.condition.currency": "EUR",
}
GOOD: dict[str, dict[str, Any]] = {
    "segmentCreate": {"input": {"name": "Good", "predicate": PREDICATE}},
    "segmentUpdate": {"id": "GROUP", "input": {"predicate": PREDICATE}},
    "segmentRefresh": {"input": {"segmentId": "GROUP"}},
    "campaignCreate": {
        "input": {
            "name": "Spring", "kind": "EMAIL", "startsOn": "2024-05-01", "endsOn": "2024-05-31", "currency": "EUR",
            "budget": "100", "holdoutShare": "0.2",
        }
    },
    "campaignUpdate": {"id": "EFFORT", "input": {"kind": "SOCIAL", "endsOn": "2024-07-31"}},
    "campaignSetState": {"id": "OTHER EFFORT", "input": {"state": "ACTIVE"}},
    "campaignRecordCost": {
        "id": "EFFORT", "input": {"incurredOn": "2024-05-02", "amount": "10", "description": "Media"}
    },
    "campaignEnroll": {"id": "EFFORT", "input": {"customerIds": ["BUYER"]}},
    "campaignRecordTouches": {
        "id": "EFFORT",
        "input": {
            "touches": [
                {"externalId": "t9", "kind": "SENT", "occurredAt": "2024-05-01T09:00:00Z", "customerId": "BUYER"}
            ]
        },
    },
    "attributionCompute": {"input": {"everything": True}},
}  # fmt: skip
DETAILS: dict[str, Any] = {
    "input.name": "Used",
    "input.startsOn": "1066-10-14",
    "input.endsOn": "1999-01-01",
    "input.currency": "euro",
    "input.budget": "-1",
    "input.holdoutShare": "0.9",
    "input.segmentId": "rubbish",
    "input.ownerId": "rubbish",
    "input.note": "x" * 10_001,
}
BAD: dict[str, dict[str, Any]] = {
    "segmentCreate": {**WRONG, **ONCE},
    "segmentUpdate": {**WRONG, **RECORD},
    "segmentRefresh": {"input.segmentId": "rubbish", **ONCE},
    "campaignCreate": {**DETAILS, **ONCE},
    "campaignUpdate": {**DETAILS, "input.kind": None, **RECORD},
    "campaignSetState": {"input.state": "PAUSED", **RECORD},
    "campaignRecordCost": {
        "id": "rubbish",
        "input.incurredOn": "1066-10-14",
        "input.amount": "0",
        "input.description": "",
        **ONCE,
    },
    "campaignEnroll": {"id": "OVER", "input.customerIds": ["rubbish"], "input.leadIds": ["rubbish"], **ONCE},
    "campaignRecordTouches": {
        "id": "rubbish",
        "input.touches.0.externalId": "",
        "input.touches.0.occurredAt": "2999-01-01T00:00:00Z",
        "input.touches.0.customerId": "rubbish",
        "input.touches.0.leadId": "rubbish",
        **ONCE,
    },
    "attributionCompute": {**ONCE},
}
NEVER = {
    "segmentCreate.input.predicate.condition.field",
    "segmentUpdate.input.predicate.condition.field",
    "campaignCreate.input.kind",
    "campaignRecordTouches.input.touches.0.kind",
    "attributionCompute.input.everything",
}


async def stored() -> dict[str, str]:
    """A segment, a campaign with a cost and a member, one that has not begun, one that is over, and a customer."""
    buyer = await Customer.create(kind="person", name="B", **STAMPS)
    predicate = {"condition": {"field": "kind", "operator": "in", "values": ["person"]}}
    group = await Segment.create(name="Group", predicate=predicate, **STAMPS)
    await Segment.create(name="Taken", predicate=predicate, **STAMPS)
    days: dict[str, Any] = {"starts_on": date(2024, 5, 1), "ends_on": date(2024, 6, 30), "currency": "EUR", **STAMPS}
    effort = await Campaign.create(name="Effort", kind="email", state="active", cost=5, segment=group, **days)
    await CampaignCost.create(campaign=effort, incurred_on=NOW.date(), amount=5, description="C", **STAMPS)
    await CampaignMember.create(campaign=effort, customer=buyer, arm="targeted", **STAMPS)
    other = await Campaign.create(name="Used", kind="email", **days)
    over = await Campaign.create(name="Over", kind="email", state="completed", **days)
    records: dict[str, Any] = {
        "GROUP": group, "EFFORT": effort, "OTHER EFFORT": other, "OVER": over, "BUYER": buyer
    }  # fmt: skip
    return {word: public_id(record.prefix, record.id) for word, record in records.items()}
