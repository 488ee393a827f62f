"""Policies know when they were looked at, proposals what became of them and why; both are found in that order."""

from migrations import Step
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(Step):
    dependencies = [("salesloop", "0014_procurement_numbers")]

    initial = False

    operations = [
        ops.AddField(
            model_name="ReplenishmentPolicy",
            name="computed_at",
            field=fields.DatetimeField(
                null=True, description="When its stock was last looked at (UTC).", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="ReplenishmentProposal",
            name="decided_at",
            field=fields.DatetimeField(
                null=True,
                description="When it was ordered, dismissed or superseded (UTC).",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddField(
            model_name="ReplenishmentProposal",
            name="dismiss_reason",
            field=fields.CharField(null=True, description="Why it was dismissed.", max_length=300),
        ),
        ops.RemoveIndex(model_name="ReplenishmentProposal", fields=["policy_id", "id"]),
        ops.AddIndex(model_name="ReplenishmentProposal", index=Index(fields=["policy_id", "computed_at", "id"])),
        ops.RunSQL(  # the days of cover as people see them, by which they sort
            "CREATE INDEX replenishment_proposal_cover ON replenishment_proposal "
            "(((on_hand - reserved)::float8 / nullif(demand_mean, 0)), id)",
            reverse_sql="DROP INDEX replenishment_proposal_cover",
        ),
    ]
