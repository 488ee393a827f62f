"""Indexes for every order in which a big list can be read.

External ids have theirs already: they are unique, so what is left to sort behind them is next to nothing.
"""

from migrations import Step
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(Step):
    dependencies = [("salesloop", "0004_payload_ids")]

    initial = False

    operations = [
        ops.AddIndex(model_name="Customer", index=Index(fields=["industry", "id"])),
        ops.AddIndex(model_name="Customer", index=Index(fields=["city", "id"])),
        ops.AddIndex(model_name="Customer", index=Index(fields=["country", "id"])),
        ops.AddIndex(model_name="FeedbackItem", index=Index(fields=["created_at", "id"])),
        ops.AddIndex(model_name="FeedbackItem", index=Index(fields=["rating", "id"])),
        ops.AddIndex(model_name="Job", index=Index(fields=["kind", "id"])),
        ops.AddIndex(model_name="Job", index=Index(fields=["run_at", "id"])),
        ops.AddIndex(model_name="Job", index=Index(fields=["started_at", "id"])),
        ops.AddIndex(model_name="Job", index=Index(fields=["finished_at", "id"])),
        ops.AddIndex(model_name="Order", index=Index(fields=["created_at", "id"])),
        ops.AddIndex(model_name="Product", index=Index(fields=["category", "id"])),
        ops.AddIndex(model_name="Product", index=Index(fields=["created_at", "id"])),
        ops.RunSQL(  # the score as people see it, by which they sort
            "CREATE INDEX feedback_item_sentiment ON feedback_item (((sentiment / 1000.0)::float8), id)",
            reverse_sql="DROP INDEX feedback_item_sentiment",
        ),
    ]
