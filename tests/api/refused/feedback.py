"""What mutations of feedback refuse."""

from typing import Any

from tests.api.refused import ONCE

GOOD: dict[str, dict[str, Any]] = {
    "feedbackRecord": {"input": {"source": "CASE", "text": "late"}},
    "feedbackAggregate": {},
}
BAD: dict[str, dict[str, Any]] = {
    "feedbackRecord": {
        "input.text": "",
        "input.rating": 6,
        "input.language": "english",
        "input.customerId": "rubbish",
        "input.productId": "prd_" + "0" * 32,
        "input.orderId": "cus_" + "0" * 32,
        "input.receivedAt": "2999-01-01T00:00:00Z",
        "input.externalId": "",
        **ONCE,
    },
    "feedbackAggregate": ONCE,
}
NEVER = {"feedbackRecord.input.source"}


async def stored() -> dict[str, str]:
    return {}
