"""An effect tells what is left of it in the end; cycles are found by theme and KPI, and restarted once."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(Step):
    dependencies = [("salesloop", "0015_replenishment_decided")]

    initial = False

    operations = [
        ops.AddField(
            model_name="EffectEstimate",
            name="end_estimate",
            field=fields.FloatField(
                null=True,
                description="The change that is left in the last period, where a trend was told from the step.",
            ),
        ),
        ops.AddField(
            model_name="EffectEstimate",
            name="end_low",
            field=fields.FloatField(null=True, description="The lower end of its 95 % interval."),
        ),
        ops.AddField(
            model_name="EffectEstimate",
            name="end_high",
            field=fields.FloatField(null=True, description="The upper end of its 95 % interval."),
        ),
        ops.RemoveIndex(
            model_name="ImprovementCycle",
            name=None,
            fields=["theme_id", "id"],
        ),
        ops.AddIndex(
            model_name="ImprovementCycle",
            index=Index(fields=["theme_id", "proposed_at", "id"]),
        ),
        ops.AddIndex(
            model_name="ImprovementCycle",
            index=Index(fields=["signal_id", "id"]),
        ),
        ops.AddIndex(
            model_name="ImprovementCycle",
            index=Index(fields=["primary_kpi_id", "proposed_at", "id"]),
        ),
        ops.AddIndex(
            model_name="PracticeAdoption",
            index=Index(fields=["practice_id", "adopted_on", "id"]),
        ),
        ops.RunSQL(
            "CREATE UNIQUE INDEX improvement_cycle_restarted_once ON improvement_cycle (previous_id)",
            reverse_sql="DROP INDEX improvement_cycle_restarted_once",
        ),
    ]
