"""Files of feedback: one row an item, known by its external id.

Other words, or another language given with them, make a reading void: the item is unread again, and the next
aggregation reads it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from domain.catalog.rules import check_sku
from domain.customers.rules import check_external_id as check_customer
from domain.feedback import rules
from domain.intake.columns import Column, read_moment, read_whole
from domain.intake.kind import Kind, Reference
from domain.intake.merge import Merge, given
from domain.intake.units import Singles
from domain.kernel.refusals import Invalid
from domain.orders.rules import check_external_id as check_order


def check_rating(text: str, *field: str) -> int | None:
    """This will read a rating from 1 (worst) to 5 (best). Raises Invalid."""
    return rules.check_rating(read_whole(text, *field), *field)


def check_received_at(text: str, *field: str) -> datetime:
    """This will read when the customer said it. Raises Invalid."""
    return rules.check_received_at(read_moment(text, *field), *field)


COLUMNS = (
    Column("external_id", "text", rules.FEEDBACK["external_id"], required=True),
    Column("source", "text", rules.check_source, required=True),
    Column("text", "text", rules.check_text, required=True),
    Column("rating", "smallint", check_rating),
    Column("language", "text", rules.check_language),
    Column("customer_external_id", "text", check_customer),
    Column("product_sku", "text", check_sku),
    Column("order_external_id", "text", check_order),
    Column("received_at", "timestamptz", check_received_at, required=True),
)


def not_after(at: datetime) -> Callable[[Sequence[Any]], None]:
    """This will make the rule that an item was received before the moment. Raises Invalid."""

    def check(values: Sequence[Any]) -> None:
        if values[-1] > at:
            raise Invalid("{field} lies in the future; feedback has been received.", "received_at")

    return check


LACKS_LANGUAGE = "'language' = ANY(s.lacks)"
READING_HOLDS = f"""
    s.text = o.text AND ({LACKS_LANGUAGE} OR s.language = o.language OR s.language IS NULL AND NOT o.language_given)
"""

FEEDBACK = Kind(
    name="feedback",
    noun="feedback item",
    columns=COLUMNS,
    assembler=lambda at, spread: Singles(COLUMNS, not_after(at)),
    references=(
        Reference("customer", "customer_external_id", "customer", "external_id", "customer_id"),
        Reference("product", "product_sku", "product", "sku", "product_id"),
        Reference("order", "order_external_id", "sales_order", "external_id", "order_id"),
    ),
    merge=Merge(
        table="feedback_item",
        key="external_id",
        topic="feedback.item.imported",
        stored={
            "source": "s.source",
            "text": "s.text",
            "rating": given("rating"),
            "customer_id": given("customer_external_id", "customer_id"),
            "product_id": given("product_sku", "product_id"),
            "order_id": given("order_external_id", "order_id"),
            "received_at": "s.received_at",
            "language": f"""
                CASE WHEN s.language IS NOT NULL THEN s.language
                WHEN {LACKS_LANGUAGE} AND o.language_given OR {READING_HOLDS} THEN o.language END
            """,
            "language_given": f"s.language IS NOT NULL OR ({LACKS_LANGUAGE} AND o.language_given) IS TRUE",
        },
        silent={
            "sentiment": f"CASE WHEN {READING_HOLDS} THEN o.sentiment END",
            "sentiment_label": f"CASE WHEN {READING_HOLDS} THEN o.sentiment_label END",
            "read_digest": f"CASE WHEN {READING_HOLDS} THEN o.read_digest END",
        },
    ),
    starts="feedback.aggregate",
)
