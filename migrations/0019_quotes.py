"""Quotes say why they were rejected and whose place they take; on paper they are QU-000001, QU-000002, …"""

from migrations import Step
from tortoise import fields
from tortoise.migrations import operations as ops


class Migration(Step):
    dependencies = [("salesloop", "0018_kpi_touches")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Quote",
            name="reason",
            field=fields.CharField(
                null=True, description="Why it was rejected, or sent back to be redone.", max_length=300
            ),
        ),
        ops.AddField(
            model_name="Quote",
            name="supersedes",
            field=fields.OneToOneField(
                "salesloop.Quote",
                source_field="supersedes_id",
                null=True,
                description="The quote whose place it takes.",
                db_constraint=True,
                to_field="id",
                related_name="superseded_by",
                on_delete=fields.RESTRICT,
            ),
        ),
        ops.RunSQL("CREATE SEQUENCE quote_number", reverse_sql="DROP SEQUENCE quote_number"),
    ]
