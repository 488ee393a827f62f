"""What mutations of the pipeline refuse."""

from typing import Any

from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import public_id
from domain.pipeline.commands import create_opportunity
from domain.pipeline.models import CloseReason, Competitor, Stage
from domain.pipeline.rivals import add_competitor
from domain.pipeline.stages import create_pipeline
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.graph import NOW

NOBODY = "opp_" + "0" * 32
STAGE = {"name": "Later", "defaultProbability": "0.5", "forecastCategory": "COMMIT"}
NEW = {"name": "A deal", "customerId": "CUSTOMER", "currency": "EUR", "closeDate": "2024-06-30"}
LINE = {"productId": "PRODUCT", "quantity": "2", "unitPrice": "9.50"}
DETAILS: dict[str, Any] = {
    "input.contactId": "CONTACT OF ANOTHER",
    "input.ownerId": "rubbish",
    "input.amount": "-1",
    "input.probability": "1.5",
    "input.forecastCategory": "CLOSED",
    "input.nextStep": "",
    "input.name": " ",
    "input.customerId": "cus_" + "0" * 32,
    "input.currency": "euro",
    "input.closeDate": "1969-12-31",
}
BEGINNING: dict[str, Any] = {"input.pipelineId": "RESTING", "input.stageId": "WON STAGE"}
LINES: dict[str, Any] = {
    "input.lines.0.productId": "rubbish",
    "input.lines.0.quantity": "0",
    "input.lines.0.unitPrice": "0.001",
    "input.lines.0.discount": "2",
}
GOOD: dict[str, dict[str, Any]] = {
    "forecastSnapshotTake": {},
    "opportunityCreate": {"input": {**NEW, "lines": [LINE]}},
    "opportunityUpdate": {"id": "DEAL", "input": {"name": "B"}},
    "opportunitySetLines": {"id": "DEAL", "input": {"lines": [LINE]}},
    "opportunityMoveStage": {"id": "DEAL", "input": {"stageId": "SECOND"}},
    "opportunityCompetitorAdd": {"id": "DEAL", "input": {"competitorId": "RIVAL"}},
    "opportunityCompetitorRemove": {"id": "DEAL", "competitorId": "KNOWN RIVAL"},
    "pipelineCreate": {"input": {"name": "B", "stages": [STAGE]}},
    "pipelineUpdate": {"id": "PIPELINE", "input": {"name": "B"}},
    "pipelineReorderStages": {"id": "PIPELINE", "input": {"stageIds": ["THIRD", "FIRST", "SECOND"]}},
    "stageCreate": {"pipelineId": "PIPELINE", "input": {**STAGE, "position": 2}},
    "stageUpdate": {"id": "FIRST", "input": {"name": "B"}},
    "closeReasonCreate": {"input": {"outcome": "LOST", "name": "Timing"}},
    "closeReasonUpdate": {"id": "REASON", "input": {"name": "B"}},
    "competitorCreate": {"input": {"name": "Acme"}},
    "competitorUpdate": {"id": "RIVAL", "input": {"website": "https://rival.example"}},
}
BAD: dict[str, dict[str, Any]] = {
    "forecastSnapshotTake": ONCE,
    "opportunityCreate": {
        "input.externalId": "D1",
        **DETAILS,
        **BEGINNING,
        **LINES,
        **ONCE,
    },
    "opportunityUpdate": {"input.externalId": "D2", **DETAILS, **RECORD},
    "opportunitySetLines": {**LINES, **RECORD, **ONCE},
    "opportunityMoveStage": {
        "input.stageId": "STAGE OF ANOTHER",
        "input.note": "x" * 10_001,
        "input.closeReasonId": "REASON",
        "input.closeNote": "",
        **RECORD,
        **ONCE,
    },
    "opportunityCompetitorAdd": {"id": NOBODY, "input.competitorId": "KNOWN RIVAL", "input.note": "x" * 301, **ONCE},
    "opportunityCompetitorRemove": {"id": NOBODY, "competitorId": "RIVAL"},
    "pipelineCreate": {
        "input.name": "Sales",
        "input.stages.0.name": "",
        "input.stages.0.defaultProbability": "-0.1",
        "input.stages.0.forecastCategory": "CLOSED",
        "input.stages.0.exitCriteria": "",
        **ONCE,
    },
    "pipelineUpdate": {"input.name": "Resting", "input.isDefault": None, "input.isActive": False, **RECORD},
    "pipelineReorderStages": {"id": "rubbish", "input.stageIds": ["FIRST", "SECOND", "SECOND"]},
    "stageCreate": {
        "pipelineId": "rubbish",
        "input.name": "First",
        "input.defaultProbability": "0.12345",
        "input.forecastCategory": "CLOSED",
        "input.exitCriteria": "x" * 10_001,
        "input.position": 9,
        **ONCE,
    },
    "stageUpdate": {
        "input.name": "Second",
        "input.defaultProbability": "7",
        "input.forecastCategory": None,
        "input.exitCriteria": " ",
        **RECORD,
    },
    "closeReasonCreate": {"input.name": "Price", **ONCE},
    "closeReasonUpdate": {"input.name": "", "input.isActive": None, **RECORD},
    "competitorCreate": {"input.name": "Rival", "input.website": "", **ONCE},
    "competitorUpdate": {"input.name": "Known rival", "input.website": "x" * 301, **RECORD},
}
NEVER = {
    "opportunityCreate.input.source",
    "opportunityUpdate.input.source",
    "pipelineCreate.input.isDefault",
    "closeReasonCreate.input.outcome",
}


async def stored() -> dict[str, str]:
    """A pipeline of three open stages, two deals in it, one of them with a rival, and another pipeline that rests."""
    do: dict[str, Any] = {"by": SYSTEM, "at": NOW}
    stages = [
        {"name": name, "default_probability": 0, "forecast_category": "pipeline"}
        for name in ("First", "Second", "Third")
    ]
    pipeline = await create_pipeline({"name": "Sales", "is_default": True}, stages, **do)
    resting = await create_pipeline({"name": "Resting", "is_active": False}, stages[:1], **do)
    customer, other = [await Customer.create(kind="person", name=name, **STAMPS) for name in ("A", "B")]
    contact = await Contact.create(customer=other, name="C", **STAMPS)
    product = await Product.create(sku="S", name="S", **STAMPS)
    day = NOW.date()
    new = {"name": "D", "customer_id": customer.id, "currency": "EUR", "close_date": day}
    deal, _ = [await create_opportunity({**new, "external_id": name}, **do) for name in ("D1", "D2")]
    rival, known = [await Competitor.create(name=name, **STAMPS) for name in ("Rival", "Known rival")]
    await add_competitor(deal.id, known.id, **do)
    deal = await type(deal).get(id=deal.id)
    reason = await CloseReason.create(outcome="lost", name="Price", **STAMPS)
    places = {stage.name: stage for stage in await Stage.filter(pipeline_id=pipeline.id)}
    records = {
        "PIPELINE": pipeline, "RESTING": resting, "CUSTOMER": customer, "CONTACT OF ANOTHER": contact,
        "PRODUCT": product, "DEAL": deal, "RIVAL": rival, "KNOWN RIVAL": known, "REASON": reason,
        "STAGE OF ANOTHER": await Stage.get(pipeline_id=resting.id, kind="open"),
        **{name.upper(): places[name] for name in ("First", "Second", "Third")}, "WON STAGE": places["Won"],
    }  # fmt: skip
    return {word: public_id(record.prefix, record.id) for word, record in records.items()}
