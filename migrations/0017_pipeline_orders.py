"""The deals that a competitor is after are read by when it was noted."""

from migrations import Step
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(Step):
    dependencies = [("salesloop", "0016_improvement_effects")]

    initial = False

    operations = [
        ops.RemoveIndex(model_name="OpportunityCompetitor", name=None, fields=["competitor_id", "id"]),
        ops.AddIndex(model_name="OpportunityCompetitor", index=Index(fields=["competitor_id", "created_at", "id"])),
    ]
