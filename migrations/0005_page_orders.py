"""Indexes for every order in which a big list can be read, where a value may be absent too.

How such an order is written, api/graph/ordering.py says: of the two indexes of a column, one serves the ascending order
with the gaps at the end, the other the descending one; read backward, each serves an order with the gaps in front.
"""

from tortoise import migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

WITH_GAPS = (
    ("customer", "external_id", "external_id", "''"),
    ("customer", "industry", "industry", "''"),
    ("customer", "city", "city", "''"),
    ("customer", "country", "country", "''"),
    ("product", "category", "category", "''"),
    ("sales_order", "external_id", "external_id", "''"),
    ("feedback_item", "external_id", "external_id", "''"),
    ("feedback_item", "rating", "rating", "0"),
    ("feedback_item", "sentiment", "(sentiment / 1000.0)::float8", "0"),
    ("job", "started_at", "started_at", "'epoch'"),
    ("job", "finished_at", "finished_at", "'epoch'"),
)
"""Table, name, value and blank."""


def _index(way: str, flag: str, table: str, name: str, value: str, blank: str) -> ops.RunSQL:
    return ops.RunSQL(
        f"CREATE INDEX {table}_{name}_{way} ON {table} (({value} {flag}), coalesce({value}, {blank}), id)",
        reverse_sql=f"DROP INDEX {table}_{name}_{way}",
    )


class Migration(migrations.Migration):
    dependencies = [("salesloop", "0004_payload_ids")]

    initial = False

    operations = [
        ops.AddIndex(model_name="FeedbackItem", index=Index(fields=["created_at", "id"])),
        ops.AddIndex(model_name="Job", index=Index(fields=["kind", "id"])),
        ops.AddIndex(model_name="Job", index=Index(fields=["run_at", "id"])),
        ops.AddIndex(model_name="Order", index=Index(fields=["created_at", "id"])),
        ops.AddIndex(model_name="Product", index=Index(fields=["created_at", "id"])),
        *(_index("up", "IS NULL", *column) for column in WITH_GAPS),
        *(_index("down", "IS NOT NULL", *column) for column in WITH_GAPS),
    ]
