"""What cohorts and forecasts of a million deals are read by: how far each stay came, and figures kept beside their keys."""

from migrations import Step
from tortoise import fields
from tortoise.migrations import operations as ops

_FILL = """
    UPDATE opportunity_stage_history h SET visit = told.visit, advanced_at = told.advanced_at
    FROM (
        SELECT s.id, row_number() OVER (PARTITION BY s.opportunity_id, s.stage_id ORDER BY s.sequence) AS visit, (
            SELECT min(l.entered_at) FROM opportunity_stage_history l
            JOIN pipeline_stage t ON t.id = l.stage_id AND t.kind <> 'lost'
            WHERE l.opportunity_id = s.opportunity_id AND l.sequence > s.sequence AND t.position > g.position
        ) AS advanced_at
        FROM opportunity_stage_history s JOIN pipeline_stage g ON g.id = s.stage_id
    ) told
    WHERE told.id = h.id AND (told.visit > 1 OR told.advanced_at IS NOT NULL)
"""
INDEXES = {
    "opportunity_stage_history_cohorts": "opportunity_stage_history (stage_id, entered_at) INCLUDE (advanced_at) "
    "WHERE visit = 1",
    "opportunity_open_figures": "opportunity (close_date) INCLUDE (owner_id, pipeline_id, currency, amount, probability, "
    "forecast_category) WHERE status = 'open'",
    "opportunity_closed_figures": "opportunity (closed_at) INCLUDE (owner_id, pipeline_id, currency, amount, opened_at, "
    "status) WHERE closed_at IS NOT NULL",
}


class Migration(Step):
    dependencies = [("salesloop", "0020_attribution_due")]

    initial = False

    operations = [
        ops.AddField(
            model_name="StageHistory",
            name="visit",
            field=fields.SmallIntField(default=1, description="1 for its first stay in this stage, 2 for the next, …"),
        ),
        ops.AddField(
            model_name="StageHistory",
            name="advanced_at",
            field=fields.DatetimeField(
                null=True,
                description="When it first came to a later stage, or was won, after this (UTC); empty: not yet.",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.RunSQL(_FILL, reverse_sql="SELECT 1"),
        *(ops.RunSQL(f"CREATE INDEX {name} ON {on}", reverse_sql=f"DROP INDEX {name}") for name, on in INDEXES.items()),
    ]
