"""What mutations of surveys refuse."""

from typing import Any

from domain.surveys.models import Survey
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.graph import NOW

GOOD: dict[str, dict[str, Any]] = {
    "surveyCreate": {"input": {"name": "A", "kind": "NPS", "question": "Would you?"}},
    "surveyUpdate": {"id": "DRAFT", "input": {"name": "B"}},
    "surveyOpen": {"id": "DRAFT"},
    "surveyClose": {"id": "FIELDING"},
    "surveyRespond": {"surveyId": "FIELDING", "input": {"score": 5}},
}
BAD: dict[str, dict[str, Any]] = {
    "surveyCreate": {"input.name": "fielding", "input.question": "", **ONCE},
    "surveyUpdate": {"input.name": "", "input.kind": None, "input.question": "x" * 501, **RECORD},
    "surveyOpen": RECORD,
    "surveyClose": RECORD,
    "surveyRespond": {
        "surveyId": "DRAFT",
        "input.score": 11,
        "input.customerId": "rubbish",
        "input.orderId": "ord_" + "0" * 32,
        "input.text": " ",
        "input.respondedAt": "2999-01-01T00:00:00Z",
        **ONCE,
    },
}
NEVER = {"surveyCreate.input.kind"}


async def stored() -> dict[str, str]:
    """A survey that is being written, and one that is being asked."""
    written = {"kind": "nps", "question": "Would you?", **STAMPS}
    draft = await Survey.create(name="draft", **written)
    fielding = await Survey.create(name="fielding", state="fielding", opened_at=NOW, **written)
    return {"DRAFT": f"srv_{draft.id.hex}", "FIELDING": f"srv_{fielding.id.hex}"}
