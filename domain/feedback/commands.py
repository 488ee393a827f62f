"""Verbs of feedback: record what a customer said."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.feedback import rules
from domain.feedback.models import FeedbackItem
from domain.kernel.actor import Actor
from domain.kernel.changes import check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.transactions import one_transaction
from domain.orders.models import Order

ABOUT: Mapping[str, type[Record]] = {"customer_id": Customer, "product_id": Product, "order_id": Order}
"""What an item can be about, by the field that names it."""


class ExternalIdTaken(Conflict):
    """Another item has this external id."""

    def __init__(self) -> None:
        super().__init__("Another feedback item has this external id; it is recorded already.", "external_id")


async def record_feedback(
    given: Mapping[str, Any], *, about: Mapping[str, UUID | None], by: Actor, at: datetime
) -> FeedbackItem:
    """This will keep what a customer said, unread; the next aggregation reads it.

    `given` needs `source` and `text`; `received_at` is `at` where it is left out. `about` names, by the keys of
    ABOUT, the records it is about. Raises Unauthenticated, Invalid, NotFound, ExternalIdTaken.
    """
    by.must(Permission.FEEDBACK_WRITE)
    values = check_fields(given, rules.FEEDBACK, required=("source", "text", "received_at"))
    values.setdefault("received_at", at)
    if values["received_at"] > at:
        raise Invalid("{field} lies in the future; feedback has been received.", "received_at")
    async with one_transaction():
        for field, key in about.items():
            await ABOUT[field].held([key], field, by=by)
            values[field] = key
        values["language_given"] = values.get("language") is not None
        return await store_new(FeedbackItem, values, "feedback.item.recorded", by=by, at=at, taken=ExternalIdTaken())
