"""Tables of the loop: pipeline, leads, activities, inventory, procurement, orders, campaigns, KPIs, improvement."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0008_search_vectors")]

    initial = False

    operations = [
        ops.CreateModel(
            name="CloseReason",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("outcome", fields.CharField(description="Whether it explains a win or a loss.", max_length=4)),
                (
                    "name",
                    fields.CharField(description="The reason in a few words; unique for its outcome.", max_length=100),
                ),
                ("is_active", fields.BooleanField(default=True, description="Whether it may still be chosen.")),
            ],
            options={
                "table": "close_reason",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "Why opportunities are won or lost, in words that can be counted.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Competitor",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="The name it goes by; unique.", max_length=200)),
                ("website", fields.CharField(null=True, description="Where it shows itself.", max_length=300)),
            ],
            options={
                "table": "competitor",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "A company that sells to the same customers.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="FeedbackThemeStake",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "theme",
                    fields.ForeignKeyField(
                        "salesloop.FeedbackTheme",
                        source_field="theme_id",
                        description="The theme.",
                        db_constraint=True,
                        to_field="id",
                        related_name="stakes",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("currency", fields.CharField(description="ISO 4217 code of the amounts.", max_length=3)),
                (
                    "customer_count",
                    fields.IntField(description="How many customers spoke of it in displeasure in the last 90 days."),
                ),
                (
                    "ordered",
                    fields.DecimalField(
                        description="What these ordered in the last 365 days.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "pipeline",
                    fields.DecimalField(
                        description="Their open deals, each times its probability.", max_digits=18, decimal_places=3
                    ),
                ),
            ],
            options={
                "table": "feedback_theme_stake",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "The revenue at stake in a theme, in one currency: what those who complain of it buy, and might still buy.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ForecastSnapshot",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("grain", fields.CharField(description="Month or quarter.", max_length=10)),
                ("period_start", fields.DateField(description="The first day of the period that is forecast.")),
                ("period_end", fields.DateField(description="The day after its last.")),
                (
                    "taken_at",
                    fields.DatetimeField(description="When it was frozen (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "taken_on",
                    fields.DateField(description="The day it was frozen (UTC); one snapshot a day and period."),
                ),
                (
                    "scored_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was compared with what came (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "scores",
                    fields.JSONField(
                        null=True,
                        description="By currency: WAPE and bias of commit, best case and weighted; empty until scored.",
                    ),
                ),
            ],
            options={
                "table": "forecast_snapshot",
                "app": "salesloop",
                "indexes": [Index(fields=["taken_at", "id"]), Index(fields=["period_start", "id"])],
                "pk_attr": "id",
                "table_description": "What the pipeline promised for a period, frozen on a day, and scored once the period is over.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ForecastLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "snapshot",
                    fields.ForeignKeyField(
                        "salesloop.ForecastSnapshot",
                        source_field="snapshot_id",
                        description="The snapshot it is part of.",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="owner_id",
                        null=True,
                        description="Whose deals; or nobody's.",
                        db_constraint=True,
                        to_field="id",
                        related_name="forecast_lines",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                ("currency", fields.CharField(description="ISO 4217 code of its amounts.", max_length=3)),
                (
                    "opportunity_count",
                    fields.IntField(description="How many open deals were expected to close in the period."),
                ),
                (
                    "closed",
                    fields.DecimalField(
                        description="What was won in the period by then.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "commit",
                    fields.DecimalField(
                        description="Open deals in the category commit.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "best_case",
                    fields.DecimalField(
                        description="Open deals in the category best case.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "pipeline",
                    fields.DecimalField(
                        description="Open deals in the category pipeline.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "weighted",
                    fields.DecimalField(
                        description="Open deals of these categories, each times its probability.",
                        max_digits=18,
                        decimal_places=3,
                    ),
                ),
                (
                    "actual",
                    fields.DecimalField(
                        null=True,
                        description="What was won in the whole period; empty until scored.",
                        max_digits=18,
                        decimal_places=3,
                    ),
                ),
            ],
            options={
                "table": "forecast_line",
                "app": "salesloop",
                "indexes": [Index(fields=["snapshot_id", "id"]), Index(fields=["owner_id", "id"])],
                "pk_attr": "id",
                "table_description": "One owner's part of a forecast snapshot in one currency: what was won, committed, hoped for, and what came.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Kpi",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "key",
                    fields.CharField(
                        unique=True, description="Its name for programs, unique, e.g. win_rate.", max_length=60
                    ),
                ),
                ("name", fields.CharField(description="What people call it.", max_length=200)),
                ("description", fields.TextField(description="What it says, and what it does not say.", unique=False)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="owner_id",
                        null=True,
                        description="Who answers for it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="kpis",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                ("unit", fields.CharField(description="Money, ratio, count, days or score.", max_length=10)),
                (
                    "direction",
                    fields.CharField(description="Up where more is better, down where less is.", max_length=4),
                ),
                (
                    "grain",
                    fields.CharField(description="How long its periods are: week, month or quarter.", max_length=10),
                ),
                ("measure", fields.CharField(description="The named measure that it is computed by.", max_length=60)),
                ("dimensions", fields.JSONField(description="The dimensions that it is cut by besides the whole.")),
                (
                    "definition_version",
                    fields.IntField(default=1, description="1 at first, one more whenever its definition changes."),
                ),
                ("is_active", fields.BooleanField(default=True, description="Whether it is computed.")),
                (
                    "computed_at",
                    fields.DatetimeField(
                        null=True, description="When it was last computed (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "kpi",
                "app": "salesloop",
                "indexes": [Index(fields=["name", "id"]), Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "A figure that the company steers by: a name, a definition over a named measure, a direction, an owner.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="KpiAnnotation",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "kpi",
                    fields.ForeignKeyField(
                        "salesloop.Kpi",
                        source_field="kpi_id",
                        description="The KPI.",
                        db_constraint=True,
                        to_field="id",
                        related_name="annotations",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("day", fields.DateField(description="The day.")),
                ("text", fields.CharField(description="What happened.", max_length=300)),
                ("subject_id", fields.UUIDField(null=True, description="The key of the record that it is about.")),
                (
                    "subject_prefix",
                    fields.CharField(null=True, description="The prefix of that record's public id.", max_length=3),
                ),
            ],
            options={
                "table": "kpi_annotation",
                "app": "salesloop",
                "indexes": [Index(fields=["kpi_id", "day", "id"])],
                "pk_attr": "id",
                "table_description": "A remark at a day of a KPI's chart: what happened then.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="KpiSignal",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "kpi",
                    fields.ForeignKeyField(
                        "salesloop.Kpi",
                        source_field="kpi_id",
                        description="The KPI.",
                        db_constraint=True,
                        to_field="id",
                        related_name="signals",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("period_start", fields.DateField(description="The first day of the period.")),
                ("dimension", fields.CharField(default="", description="The cut; empty: the whole.", max_length=20)),
                (
                    "member",
                    fields.CharField(default="", description="The part of the cut; empty: all.", max_length=120),
                ),
                (
                    "currency",
                    fields.CharField(
                        default="", description="ISO 4217 code where it is money; else empty.", max_length=3
                    ),
                ),
                (
                    "rule",
                    fields.CharField(
                        description="The rule that it breaks, or the target that it missed.", max_length=20
                    ),
                ),
                ("is_good", fields.BooleanField(description="Whether it moved the way it should.")),
                ("value", fields.FloatField(description="The value.")),
                ("centre", fields.FloatField(null=True, description="The centre line, if the rule has one.")),
                ("lower", fields.FloatField(null=True, description="The lower limit.")),
                ("upper", fields.FloatField(null=True, description="The upper limit.")),
                (
                    "found_at",
                    fields.DatetimeField(description="When it was found (UTC).", auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "kpi_signal",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["kpi_id", "period_start", "id"]),
                    Index(fields=["found_at", "id"]),
                    Index(fields=["period_start", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A period in which a KPI moved beyond chance: which rule says so, and between which limits it had been.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ImprovementCycle",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("title", fields.CharField(description="What is to become better.", max_length=200)),
                ("problem", fields.TextField(description="What is wrong, and how we know.", unique=False)),
                (
                    "state",
                    fields.CharField(
                        default="proposed",
                        description="Proposed, plan, do, check, act, standardized or abandoned.",
                        max_length=12,
                    ),
                ),
                (
                    "origin",
                    fields.CharField(description="A person, a theme, a signal or a missed target.", max_length=12),
                ),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="owner_id",
                        null=True,
                        description="Who leads it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="improvement_cycles",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "theme",
                    fields.ForeignKeyField(
                        "salesloop.FeedbackTheme",
                        source_field="theme_id",
                        null=True,
                        description="What customers say.",
                        db_constraint=True,
                        to_field="id",
                        related_name="improvement_cycles",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "signal",
                    fields.ForeignKeyField(
                        "salesloop.KpiSignal",
                        source_field="signal_id",
                        null=True,
                        description="What a KPI says.",
                        db_constraint=True,
                        to_field="id",
                        related_name="improvement_cycles",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "origin_key",
                    fields.CharField(
                        null=True, unique=True, description="What a rule proposed it for; each once.", max_length=200
                    ),
                ),
                (
                    "previous",
                    fields.ForeignKeyField(
                        "salesloop.ImprovementCycle",
                        source_field="previous_id",
                        null=True,
                        description="The turn before.",
                        db_constraint=True,
                        to_field="id",
                        related_name="next",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "hypothesis",
                    fields.TextField(
                        null=True, description="If we do this, that KPI will move so, because …", unique=False
                    ),
                ),
                ("countermeasure", fields.TextField(null=True, description="What is done.", unique=False)),
                (
                    "primary_kpi",
                    fields.ForeignKeyField(
                        "salesloop.Kpi",
                        source_field="primary_kpi_id",
                        null=True,
                        description="The KPI it is judged by; frozen once it is done.",
                        db_constraint=True,
                        to_field="id",
                        related_name="improvement_cycles",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "dimension",
                    fields.CharField(default="", description="The cut of the KPI; empty: the whole.", max_length=20),
                ),
                (
                    "member",
                    fields.CharField(default="", description="The part of the cut; empty: all.", max_length=120),
                ),
                (
                    "currency",
                    fields.CharField(
                        default="", description="The KPI's currency where it is money; else empty.", max_length=3
                    ),
                ),
                (
                    "design",
                    fields.CharField(null=True, description="Interrupted series or before-after.", max_length=16),
                ),
                (
                    "minimum_effect",
                    fields.FloatField(null=True, description="The smallest change that would be worth it."),
                ),
                ("baseline_start", fields.DateField(null=True, description="The first day of the baseline.")),
                ("starts_on", fields.DateField(null=True, description="The day on which the countermeasure begins.")),
                ("ends_on", fields.DateField(null=True, description="The last day before it is checked.")),
                (
                    "proposed_at",
                    fields.DatetimeField(description="When it was proposed (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "started_at",
                    fields.DatetimeField(
                        null=True, description="When it began to be done (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "closed_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was standardized or abandoned (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("abandon_reason", fields.CharField(null=True, description="Why it was given up.", max_length=300)),
            ],
            options={
                "table": "improvement_cycle",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["created_at", "id"]),
                    Index(fields=["proposed_at", "id"]),
                    Index(fields=["state", "proposed_at", "id"]),
                    Index(fields=["theme_id", "id"]),
                    Index(fields=["starts_on", "id"]),
                    Index(fields=["ends_on", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "One turn of plan, do, check, act: a problem with its evidence, what is tried, and what that did to a KPI.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="CycleEvidence",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "cycle",
                    fields.ForeignKeyField(
                        "salesloop.ImprovementCycle",
                        source_field="cycle_id",
                        description="The cycle.",
                        db_constraint=True,
                        to_field="id",
                        related_name="evidence",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("text", fields.CharField(description="What was seen, in words and numbers.", max_length=500)),
                ("subject_id", fields.UUIDField(null=True, description="The key of the record that it was read from.")),
                (
                    "subject_prefix",
                    fields.CharField(null=True, description="The prefix of that record's public id.", max_length=3),
                ),
            ],
            options={
                "table": "improvement_evidence",
                "app": "salesloop",
                "indexes": [Index(fields=["cycle_id", "id"])],
                "pk_attr": "id",
                "table_description": "A reason for an improvement cycle: a sentence with a number, and the record that it was read from.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="CycleGuardrail",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "cycle",
                    fields.ForeignKeyField(
                        "salesloop.ImprovementCycle",
                        source_field="cycle_id",
                        description="The cycle.",
                        db_constraint=True,
                        to_field="id",
                        related_name="guardrails",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "kpi",
                    fields.ForeignKeyField(
                        "salesloop.Kpi",
                        source_field="kpi_id",
                        description="The KPI.",
                        db_constraint=True,
                        to_field="id",
                        related_name="guardrails",
                        on_delete=fields.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "improvement_guardrail",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "A KPI that must not suffer from an improvement cycle.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="EffectEstimate",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "cycle",
                    fields.ForeignKeyField(
                        "salesloop.ImprovementCycle",
                        source_field="cycle_id",
                        description="The cycle.",
                        db_constraint=True,
                        to_field="id",
                        related_name="effects",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "kpi",
                    fields.ForeignKeyField(
                        "salesloop.Kpi",
                        source_field="kpi_id",
                        description="The KPI.",
                        db_constraint=True,
                        to_field="id",
                        related_name="effects",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("method", fields.CharField(description="How it was estimated.", max_length=24)),
                ("before_count", fields.IntField(description="How many periods before.")),
                ("after_count", fields.IntField(description="How many periods after.")),
                ("baseline", fields.FloatField(description="The mean before.")),
                ("estimate", fields.FloatField(description="The change, in the KPI's unit.")),
                ("low", fields.FloatField(null=True, description="The lower end of its 95 % interval.")),
                ("high", fields.FloatField(null=True, description="The upper end of its 95 % interval.")),
                ("p_value", fields.FloatField(null=True, description="How likely such a change is by chance.")),
                (
                    "verdict",
                    fields.CharField(description="Improved, worsened, no change or inconclusive.", max_length=14),
                ),
                ("words", fields.TextField(description="The verdict in a sentence, with its doubts.", unique=False)),
                ("inputs", fields.JSONField(description="The periods and values that it was computed from.")),
                ("formula_version", fields.IntField(default=1, description="The version of the formula.")),
                (
                    "computed_at",
                    fields.DatetimeField(description="When it was computed (UTC).", auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "improvement_effect",
                "app": "salesloop",
                "indexes": [Index(fields=["cycle_id", "computed_at", "id"])],
                "pk_attr": "id",
                "table_description": "What a cycle did to a KPI: the estimated change with its interval, how it was estimated, and the verdict.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="KpiTarget",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "kpi",
                    fields.ForeignKeyField(
                        "salesloop.Kpi",
                        source_field="kpi_id",
                        description="The KPI.",
                        db_constraint=True,
                        to_field="id",
                        related_name="targets",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("period_start", fields.DateField(description="The first day of the period.")),
                ("period_end", fields.DateField(description="The day after the last.")),
                ("dimension", fields.CharField(default="", description="The cut; empty: the whole.", max_length=20)),
                (
                    "member",
                    fields.CharField(default="", description="The part of the cut; empty: all.", max_length=120),
                ),
                (
                    "currency",
                    fields.CharField(
                        default="", description="ISO 4217 code where it is money; else empty.", max_length=3
                    ),
                ),
                ("value", fields.FloatField(description="What is to be reached.")),
            ],
            options={
                "table": "kpi_target",
                "app": "salesloop",
                "indexes": [Index(fields=["kpi_id", "period_start", "id"])],
                "pk_attr": "id",
                "table_description": "What a KPI is to reach in a period, for the whole or a part of a cut; for revenue by owner it is a quota.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="KpiValue",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "kpi",
                    fields.ForeignKeyField(
                        "salesloop.Kpi",
                        source_field="kpi_id",
                        description="What it is a value of.",
                        db_constraint=True,
                        to_field="id",
                        related_name="values",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "definition_version",
                    fields.IntField(description="The version of the definition that it was computed by."),
                ),
                ("period_start", fields.DateField(description="The first day of its period.")),
                ("period_end", fields.DateField(description="The day after the last.")),
                (
                    "dimension",
                    fields.CharField(default="", description="What it is cut by; empty: the whole.", max_length=20),
                ),
                (
                    "member",
                    fields.CharField(
                        default="", description="The part of the cut: an id, a word; empty: all.", max_length=120
                    ),
                ),
                (
                    "currency",
                    fields.CharField(
                        default="", description="ISO 4217 code where it is money; else empty.", max_length=3
                    ),
                ),
                (
                    "value",
                    fields.FloatField(null=True, description="The value; empty where there was nothing to measure."),
                ),
                (
                    "numerator",
                    fields.DecimalField(
                        null=True, description="What was divided, or summed.", max_digits=24, decimal_places=6
                    ),
                ),
                (
                    "denominator",
                    fields.DecimalField(
                        null=True, description="What it was divided by.", max_digits=24, decimal_places=6
                    ),
                ),
                (
                    "low",
                    fields.FloatField(null=True, description="The lower end of its 95 % interval, where it has one."),
                ),
                (
                    "high",
                    fields.FloatField(null=True, description="The upper end of its 95 % interval, where it has one."),
                ),
                (
                    "recorded_at",
                    fields.DatetimeField(
                        description="From when it was held to be so (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "superseded_at",
                    fields.DatetimeField(
                        null=True, description="Until when (UTC); empty: still.", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "kpi_value",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["kpi_id", "dimension", "member", "currency", "period_start", "id"]),
                    Index(fields=["period_start", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "The value of a KPI for a period and a cut, as it was known from one moment to another.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Location",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "code",
                    fields.CharField(unique=True, description="Its short name, unique, e.g. MAIN.", max_length=40),
                ),
                ("name", fields.CharField(description="What people call it.", max_length=200)),
                ("kind", fields.CharField(description="Internal, supplier, customer, loss or transit.", max_length=10)),
                ("is_active", fields.BooleanField(default=True, description="Whether stock may still come here.")),
            ],
            options={
                "table": "stock_location",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at", "id"]), Index(fields=["name", "id"])],
                "pk_attr": "id",
                "table_description": "A place that stock is at: a warehouse of ours, or one of those beyond it that the other half of a move is at.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="InventoryLevel",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What lies there.",
                        db_constraint=True,
                        to_field="id",
                        related_name="levels",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "location",
                    fields.ForeignKeyField(
                        "salesloop.Location",
                        source_field="location_id",
                        description="Where it lies.",
                        db_constraint=True,
                        to_field="id",
                        related_name="levels",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("is_internal", fields.BooleanField(description="Whether the place is ours, and so never oversold.")),
                (
                    "on_hand",
                    fields.DecimalField(
                        default=0, description="Units that are there.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "reserved",
                    fields.DecimalField(
                        default=0, description="Units that are promised.", max_digits=18, decimal_places=3
                    ),
                ),
            ],
            options={
                "table": "inventory_level",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["location_id", "id"]),
                    Index(fields=["on_hand", "id"]),
                    Index(fields=["updated_at", "id"]),
                    Index(fields=["created_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "How much of a product is at a location: on hand, promised, and so available.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Pipeline",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="What people call it; unique.", max_length=100)),
                (
                    "is_default",
                    fields.BooleanField(
                        default=False, description="Whether new opportunities go here unless told otherwise."
                    ),
                ),
                (
                    "is_active",
                    fields.BooleanField(default=True, description="Whether new opportunities may still enter it."),
                ),
            ],
            options={
                "table": "pipeline",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "A way of selling: an ordered row of stages that an opportunity passes from first talk to won or lost.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Practice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("title", fields.CharField(description="What to do, in a few words.", max_length=200)),
                ("description", fields.TextField(description="How to do it, and why it works.", unique=False)),
                (
                    "cycle",
                    fields.OneToOneField(
                        "salesloop.ImprovementCycle",
                        source_field="cycle_id",
                        description="The cycle that showed it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="practice",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("state", fields.CharField(default="active", description="Active or retired.", max_length=8)),
                ("adoption_count", fields.IntField(default=0, description="How many teams have adopted it.")),
            ],
            options={
                "table": "practice",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["created_at", "id"]),
                    Index(fields=["title", "id"]),
                    Index(fields=["adoption_count", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A way of working that an improvement cycle has shown to be better.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="PracticeAdoption",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "practice",
                    fields.ForeignKeyField(
                        "salesloop.Practice",
                        source_field="practice_id",
                        description="The practice.",
                        db_constraint=True,
                        to_field="id",
                        related_name="adoptions",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("team", fields.CharField(description="The name of the team.", max_length=100)),
                ("adopted_on", fields.DateField(description="Since when.")),
                ("note", fields.TextField(null=True, description="How they do it.", unique=False)),
            ],
            options={
                "table": "practice_adoption",
                "app": "salesloop",
                "indexes": [Index(fields=["adopted_on", "id"])],
                "pk_attr": "id",
                "table_description": "That a team works by a practice, since a day.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ReplenishmentPolicy",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="The product.",
                        db_constraint=True,
                        to_field="id",
                        related_name="policies",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "location",
                    fields.ForeignKeyField(
                        "salesloop.Location",
                        source_field="location_id",
                        description="Where it is kept.",
                        db_constraint=True,
                        to_field="id",
                        related_name="policies",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "service_level",
                    fields.DecimalField(
                        description="The share of order cycles that shall not run out, 0.5 to 0.9999.",
                        max_digits=5,
                        decimal_places=4,
                    ),
                ),
                (
                    "review_days",
                    fields.SmallIntField(
                        default=0, description="Days between two looks; 0: the stock is always watched."
                    ),
                ),
                (
                    "order_cost",
                    fields.DecimalField(description="What placing one order costs.", max_digits=18, decimal_places=3),
                ),
                (
                    "holding_rate",
                    fields.DecimalField(
                        description="What holding a unit for a year costs, as a share of its cost.",
                        max_digits=5,
                        decimal_places=4,
                    ),
                ),
                (
                    "demand_days",
                    fields.SmallIntField(default=180, description="How many past days of orders tell the demand."),
                ),
                ("is_active", fields.BooleanField(default=True, description="Whether proposals are made for it.")),
            ],
            options={
                "table": "replenishment_policy",
                "app": "salesloop",
                "indexes": [Index(fields=["location_id", "id"]), Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "How a product is kept in stock at a location: how sure we want to be, how often we look, what ordering costs.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Reservation",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What is promised.",
                        db_constraint=True,
                        to_field="id",
                        related_name="reservations",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "location",
                    fields.ForeignKeyField(
                        "salesloop.Location",
                        source_field="location_id",
                        description="Where it lies.",
                        db_constraint=True,
                        to_field="id",
                        related_name="reservations",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "quantity",
                    fields.DecimalField(description="How many units were promised.", max_digits=18, decimal_places=3),
                ),
                (
                    "remaining",
                    fields.DecimalField(
                        description="How many of them are still held.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "state",
                    fields.CharField(
                        default="active", description="Active, fulfilled, released or expired.", max_length=10
                    ),
                ),
                (
                    "expires_at",
                    fields.DatetimeField(
                        null=True,
                        description="When the promise ends by itself (UTC); empty: never.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("origin_id", fields.UUIDField(null=True, description="The key of the document that it is for.")),
                (
                    "origin_prefix",
                    fields.CharField(null=True, description="The prefix of that document's public id.", max_length=3),
                ),
            ],
            options={
                "table": "stock_reservation",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["product_id", "location_id", "id"]),
                    Index(fields=["origin_id", "id"]),
                    Index(fields=["created_at", "id"]),
                    Index(fields=["expires_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "Units at a location that are promised to somebody and to nobody else.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Segment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="What people call it; unique.", max_length=100)),
                ("description", fields.TextField(null=True, description="What it is for.", unique=False)),
                ("predicate", fields.JSONField(description="What its customers have in common.")),
                (
                    "predicate_version",
                    fields.IntField(default=1, description="1 at first, one more whenever the predicate changes."),
                ),
                ("member_count", fields.IntField(default=0, description="How many customers belong to it.")),
                (
                    "refreshed_at",
                    fields.DatetimeField(
                        null=True, description="When it was last evaluated (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "segment",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at", "id"]), Index(fields=["member_count", "id"])],
                "pk_attr": "id",
                "table_description": "Customers who have something in common, said as a predicate that is saved, and evaluated anew by a job.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Campaign",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="What people call it; unique.", max_length=200)),
                ("kind", fields.CharField(description="By which means.", max_length=16)),
                (
                    "state",
                    fields.CharField(
                        default="planned", description="Planned, active, paused, completed or cancelled.", max_length=10
                    ),
                ),
                ("starts_on", fields.DateField(description="The first day.")),
                ("ends_on", fields.DateField(description="The last day.")),
                ("currency", fields.CharField(description="ISO 4217 code of its budget and costs.", max_length=3)),
                (
                    "budget",
                    fields.DecimalField(default=0, description="What it may cost.", max_digits=18, decimal_places=3),
                ),
                (
                    "cost",
                    fields.DecimalField(
                        default=0, description="What it cost: the sum of costs.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "holdout_share",
                    fields.DecimalField(
                        default=0,
                        description="The share of members left alone to compare with.",
                        max_digits=5,
                        decimal_places=4,
                    ),
                ),
                (
                    "segment",
                    fields.ForeignKeyField(
                        "salesloop.Segment",
                        source_field="segment_id",
                        null=True,
                        description="Whom it is meant for.",
                        db_constraint=True,
                        to_field="id",
                        related_name="campaigns",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="owner_id",
                        null=True,
                        description="Who answers for it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="campaigns",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                ("note", fields.TextField(null=True, description="Whatever colleagues should know.", unique=False)),
            ],
            options={
                "table": "campaign",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["created_at", "id"]),
                    Index(fields=["starts_on", "id"]),
                    Index(fields=["ends_on", "id"]),
                    Index(fields=["cost", "id"]),
                    Index(fields=["budget", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "An effort to be noticed by certain people in a certain time, with a budget, and perhaps a holdout.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="CampaignCost",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "salesloop.Campaign",
                        source_field="campaign_id",
                        description="The campaign.",
                        db_constraint=True,
                        to_field="id",
                        related_name="costs",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("incurred_on", fields.DateField(description="The day it was spent.")),
                (
                    "amount",
                    fields.DecimalField(
                        description="How much, in the campaign's currency.", max_digits=18, decimal_places=3
                    ),
                ),
                ("description", fields.CharField(description="What for.", max_length=300)),
            ],
            options={
                "table": "campaign_cost",
                "app": "salesloop",
                "indexes": [Index(fields=["campaign_id", "incurred_on", "id"])],
                "pk_attr": "id",
                "table_description": "Money that a campaign cost, on a day, for something.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="CampaignResult",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "salesloop.Campaign",
                        source_field="campaign_id",
                        description="The campaign.",
                        db_constraint=True,
                        to_field="id",
                        related_name="results",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("model", fields.CharField(description="First, last, linear, position or time decay.", max_length=12)),
                (
                    "currency",
                    fields.CharField(description="ISO 4217 code of the amounts: the campaign's.", max_length=3),
                ),
                ("deals", fields.IntField(description="How many won deals it has a part in.")),
                (
                    "revenue",
                    fields.DecimalField(description="The revenue credited to it.", max_digits=18, decimal_places=3),
                ),
                (
                    "margin",
                    fields.DecimalField(description="The margin credited to it.", max_digits=18, decimal_places=3),
                ),
                ("cost", fields.DecimalField(description="What it had cost by then.", max_digits=18, decimal_places=3)),
                (
                    "return_on_margin",
                    fields.FloatField(null=True, description="(Margin - cost) / cost; empty without a cost."),
                ),
                (
                    "computed_at",
                    fields.DatetimeField(description="When it was computed (UTC).", auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "campaign_result",
                "app": "salesloop",
                "indexes": [Index(fields=["model", "revenue", "id"]), Index(fields=["revenue", "id"])],
                "pk_attr": "id",
                "table_description": "What a campaign brought in by a model: credited revenue and margin, its cost, and the return on margin.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="HoldoutEffect",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "salesloop.Campaign",
                        source_field="campaign_id",
                        description="The campaign.",
                        db_constraint=True,
                        to_field="id",
                        related_name="holdout_effects",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "currency",
                    fields.CharField(description="ISO 4217 code of the amounts: the campaign's.", max_length=3),
                ),
                ("period_start", fields.DateField(description="The first day whose orders count.")),
                ("period_end", fields.DateField(description="The day after the last.")),
                ("targeted_count", fields.IntField(description="Members who were targeted.")),
                ("holdout_count", fields.IntField(description="Members who were held out.")),
                ("targeted_mean", fields.FloatField(description="Revenue a targeted member.")),
                ("holdout_mean", fields.FloatField(description="Revenue a held-out member.")),
                ("difference", fields.FloatField(description="The first less the second.")),
                ("low", fields.FloatField(null=True, description="The lower end of its 95 % interval (Welch).")),
                ("high", fields.FloatField(null=True, description="The upper end of its 95 % interval (Welch).")),
                (
                    "p_value",
                    fields.FloatField(
                        null=True, description="How likely such a difference is by chance (two-sided Welch t)."
                    ),
                ),
                (
                    "computed_at",
                    fields.DatetimeField(description="When it was computed (UTC).", auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "holdout_effect",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "What a campaign really changed: revenue a member, targeted less held out, with its confidence interval.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="SegmentMember",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "segment",
                    fields.ForeignKeyField(
                        "salesloop.Segment",
                        source_field="segment_id",
                        description="The segment.",
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        description="The customer.",
                        db_constraint=True,
                        to_field="id",
                        related_name="memberships",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "joined_at",
                    fields.DatetimeField(
                        description="When it was found to belong (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "left_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was found to belong no more (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "segment_member",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["segment_id", "joined_at", "id"]),
                    Index(fields=["customer_id", "joined_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "That a customer belongs, or belonged, to a segment: since when, and until when.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Shipment",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "order",
                    fields.ForeignKeyField(
                        "salesloop.Order",
                        source_field="order_id",
                        description="The order it is for.",
                        db_constraint=True,
                        to_field="id",
                        related_name="shipments",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "location",
                    fields.ForeignKeyField(
                        "salesloop.Location",
                        source_field="location_id",
                        description="Where it left from.",
                        db_constraint=True,
                        to_field="id",
                        related_name="shipments",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("carrier", fields.CharField(null=True, description="Who carries it.", max_length=100)),
                (
                    "tracking_number",
                    fields.CharField(null=True, description="What the carrier calls it.", max_length=100),
                ),
                (
                    "shipped_at",
                    fields.DatetimeField(description="When it left (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "delivered_at",
                    fields.DatetimeField(
                        null=True, description="When it reached the customer (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "shipment",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["order_id", "shipped_at", "id"]),
                    Index(fields=["shipped_at", "id"]),
                    Index(fields=["delivered_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "Goods that left a location for a customer together, for one order.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ShipmentLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "shipment",
                    fields.ForeignKeyField(
                        "salesloop.Shipment",
                        source_field="shipment_id",
                        description="The shipment.",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "order_line",
                    fields.ForeignKeyField(
                        "salesloop.OrderLine",
                        source_field="order_line_id",
                        description="The line of the order.",
                        db_constraint=True,
                        to_field="id",
                        related_name="shipment_lines",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "quantity",
                    fields.DecimalField(description="How many units; above zero.", max_digits=18, decimal_places=3),
                ),
            ],
            options={
                "table": "shipment_line",
                "app": "salesloop",
                "indexes": [Index(fields=["order_line_id", "id"])],
                "pk_attr": "id",
                "table_description": "How many units of a line of the order are in a shipment.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Stage",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "pipeline",
                    fields.ForeignKeyField(
                        "salesloop.Pipeline",
                        source_field="pipeline_id",
                        description="The pipeline it belongs to.",
                        db_constraint=True,
                        to_field="id",
                        related_name="stages",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("position", fields.SmallIntField(description="Its place in the pipeline, from 1.")),
                ("name", fields.CharField(description="What people call it; unique in its pipeline.", max_length=100)),
                ("kind", fields.CharField(description="Open, won or lost.", max_length=4)),
                (
                    "default_probability",
                    fields.DecimalField(
                        description="How likely a win is from here, 0 to 1; 1 if won, 0 if lost.",
                        max_digits=5,
                        decimal_places=4,
                    ),
                ),
                (
                    "forecast_category",
                    fields.CharField(description="Where the forecast counts it unless told otherwise.", max_length=10),
                ),
                (
                    "exit_criteria",
                    fields.TextField(
                        null=True, description="What must be true before an opportunity moves on.", unique=False
                    ),
                ),
            ],
            options={
                "table": "pipeline_stage",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "A step of a pipeline: what has been reached, how likely a win is from here, and what must be done to leave it.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Opportunity",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "external_id",
                    fields.CharField(
                        null=True, unique=True, description="What another system calls it; unique.", max_length=120
                    ),
                ),
                ("name", fields.CharField(description="What people call the deal.", max_length=300)),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        description="Who may buy.",
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "salesloop.Contact",
                        source_field="contact_id",
                        null=True,
                        description="Whom we deal with.",
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "pipeline",
                    fields.ForeignKeyField(
                        "salesloop.Pipeline",
                        source_field="pipeline_id",
                        description="The pipeline it runs through.",
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "stage",
                    fields.ForeignKeyField(
                        "salesloop.Stage",
                        source_field="stage_id",
                        description="Where it stands.",
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("status", fields.CharField(description="Open, won or lost: the kind of its stage.", max_length=4)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="owner_id",
                        null=True,
                        description="Whose deal it is.",
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                ("currency", fields.CharField(description="ISO 4217 code of every amount of the deal.", max_length=3)),
                (
                    "amount",
                    fields.DecimalField(
                        default=0,
                        description="What it is worth: the sum of its lines, unless set.",
                        max_digits=18,
                        decimal_places=3,
                    ),
                ),
                (
                    "amount_is_set",
                    fields.BooleanField(default=False, description="Whether the amount was set by hand."),
                ),
                (
                    "probability",
                    fields.DecimalField(description="How likely a win is, 0 to 1.", max_digits=5, decimal_places=4),
                ),
                (
                    "probability_is_set",
                    fields.BooleanField(default=False, description="Whether it was set by hand for this stage."),
                ),
                ("forecast_category", fields.CharField(description="Where the forecast counts it.", max_length=10)),
                ("source", fields.CharField(null=True, description="The way by which it came to us.", max_length=20)),
                ("close_date", fields.DateField(description="When it is expected to close, or did.")),
                (
                    "close_date_pushes",
                    fields.SmallIntField(default=0, description="How often the close date was put off."),
                ),
                (
                    "opened_at",
                    fields.DatetimeField(description="When the deal began (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "stage_entered_at",
                    fields.DatetimeField(
                        description="When it came to its stage (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "closed_at",
                    fields.DatetimeField(
                        null=True, description="When it was won or lost (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "close_reason",
                    fields.ForeignKeyField(
                        "salesloop.CloseReason",
                        source_field="close_reason_id",
                        null=True,
                        description="Why it closed so.",
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "close_note",
                    fields.TextField(null=True, description="What is to be learned from how it closed.", unique=False),
                ),
                ("next_step", fields.CharField(null=True, description="What is to be done next.", max_length=300)),
            ],
            options={
                "table": "opportunity",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["customer_id", "created_at", "id"]),
                    Index(fields=["stage_id", "close_date", "id"]),
                    Index(fields=["owner_id", "close_date", "id"]),
                    Index(fields=["close_date", "id"]),
                    Index(fields=["amount", "id"]),
                    Index(fields=["name", "id"]),
                    Index(fields=["created_at", "id"]),
                    Index(fields=["opened_at", "id"]),
                    Index(fields=["closed_at", "id"]),
                    Index(fields=["stage_entered_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A deal that may be won: with whom, about what, how much, how likely, and by when.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="AttributionCredit",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("model", fields.CharField(description="First, last, linear, position or time decay.", max_length=12)),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "salesloop.Opportunity",
                        source_field="opportunity_id",
                        description="The deal that was won.",
                        db_constraint=True,
                        to_field="id",
                        related_name="credits",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "salesloop.Campaign",
                        source_field="campaign_id",
                        null=True,
                        description="The campaign; or none.",
                        db_constraint=True,
                        to_field="id",
                        related_name="credits",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("touches", fields.IntField(description="How many of its touchpoints lie on the way to the deal.")),
                (
                    "won_at",
                    fields.DatetimeField(
                        description="When the deal was won (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                ("currency", fields.CharField(description="ISO 4217 code of the amounts.", max_length=3)),
                (
                    "revenue",
                    fields.DecimalField(description="The part of the deal's amount.", max_digits=18, decimal_places=3),
                ),
                (
                    "margin",
                    fields.DecimalField(
                        description="The same part of the deal's margin.", max_digits=18, decimal_places=3
                    ),
                ),
            ],
            options={
                "table": "attribution_credit",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["opportunity_id", "id"]),
                    Index(fields=["campaign_id", "model", "won_at", "id"]),
                    Index(fields=["won_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "The part of a won deal that a model credits to a campaign, or to none where nothing touched the customer.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Lead",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "external_id",
                    fields.CharField(
                        null=True,
                        unique=True,
                        description="What another system calls this lead; unique.",
                        max_length=120,
                    ),
                ),
                ("name", fields.CharField(description="The person's name.", max_length=300)),
                (
                    "company",
                    fields.CharField(
                        null=True, description="The company they speak for; empty: themselves.", max_length=300
                    ),
                ),
                ("title", fields.CharField(null=True, description="The person's position.", max_length=120)),
                (
                    "email",
                    fields.CharField(null=True, description="The person's e-mail address, lower case.", max_length=254),
                ),
                ("phone", fields.CharField(null=True, description="The person's telephone number.", max_length=40)),
                ("industry", fields.CharField(null=True, description="What trade the company is in.", max_length=100)),
                ("city", fields.CharField(null=True, description="The town.", max_length=100)),
                ("country", fields.CharField(null=True, description="ISO 3166-1 alpha-2 code.", max_length=2)),
                ("source", fields.CharField(description="The way by which they came to us.", max_length=20)),
                ("status", fields.CharField(default="new", description="How far they are.", max_length=12)),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="owner_id",
                        null=True,
                        description="Who works on it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="leads",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "status_changed_at",
                    fields.DatetimeField(
                        description="When it came to its status (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                ("disqualify_reason", fields.CharField(null=True, description="Why it was given up.", max_length=300)),
                ("note", fields.TextField(null=True, description="Whatever colleagues should know.", unique=False)),
                (
                    "converted_at",
                    fields.DatetimeField(
                        null=True, description="When it became a customer (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        null=True,
                        description="The customer it became.",
                        db_constraint=True,
                        to_field="id",
                        related_name="leads",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "salesloop.Contact",
                        source_field="contact_id",
                        null=True,
                        description="The contact it became.",
                        db_constraint=True,
                        to_field="id",
                        related_name="leads",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "opportunity",
                    fields.OneToOneField(
                        "salesloop.Opportunity",
                        source_field="opportunity_id",
                        null=True,
                        description="The deal that it began.",
                        db_constraint=True,
                        to_field="id",
                        related_name="lead",
                        on_delete=fields.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "lead",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["created_at", "id"]),
                    Index(fields=["name", "id"]),
                    Index(fields=["company", "id"]),
                    Index(fields=["status", "created_at", "id"]),
                    Index(fields=["owner_id", "created_at", "id"]),
                    Index(fields=["status_changed_at", "id"]),
                    Index(fields=["customer_id", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "Somebody who showed interest and is not yet a customer: who, where from, how far, and what became of them.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Activity",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("kind", fields.CharField(description="Visit, call, online, e-mail or task.", max_length=10)),
                (
                    "state",
                    fields.CharField(
                        default="planned", description="Planned, done, cancelled or no-show.", max_length=10
                    ),
                ),
                ("subject", fields.CharField(description="What it is about.", max_length=300)),
                ("note", fields.TextField(null=True, description="What to prepare, or what was said.", unique=False)),
                ("outcome", fields.CharField(null=True, description="What came of it.", max_length=300)),
                (
                    "due_at",
                    fields.DatetimeField(
                        description="When it is to happen, or happened (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                ("duration_minutes", fields.IntField(null=True, description="How long it is to take, or took.")),
                (
                    "done_at",
                    fields.DatetimeField(
                        null=True, description="When it was done (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="owner_id",
                        null=True,
                        description="Who does it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="activities",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        null=True,
                        description="With which customer.",
                        db_constraint=True,
                        to_field="id",
                        related_name="activities",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "contact",
                    fields.ForeignKeyField(
                        "salesloop.Contact",
                        source_field="contact_id",
                        null=True,
                        description="With whom there.",
                        db_constraint=True,
                        to_field="id",
                        related_name="activities",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField(
                        "salesloop.Lead",
                        source_field="lead_id",
                        null=True,
                        description="With which lead.",
                        db_constraint=True,
                        to_field="id",
                        related_name="activities",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "salesloop.Opportunity",
                        source_field="opportunity_id",
                        null=True,
                        description="About which deal.",
                        db_constraint=True,
                        to_field="id",
                        related_name="activities",
                        on_delete=fields.SET_NULL,
                    ),
                ),
            ],
            options={
                "table": "activity",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["due_at", "id"]),
                    Index(fields=["created_at", "id"]),
                    Index(fields=["done_at", "id"]),
                    Index(fields=["customer_id", "due_at", "id"]),
                    Index(fields=["opportunity_id", "due_at", "id"]),
                    Index(fields=["lead_id", "due_at", "id"]),
                    Index(fields=["owner_id", "state", "due_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A visit, call, online meeting, e-mail or task: planned, then done, called off, or missed.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="CampaignMember",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "salesloop.Campaign",
                        source_field="campaign_id",
                        description="The campaign.",
                        db_constraint=True,
                        to_field="id",
                        related_name="members",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        null=True,
                        description="The customer.",
                        db_constraint=True,
                        to_field="id",
                        related_name="campaign_members",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField(
                        "salesloop.Lead",
                        source_field="lead_id",
                        null=True,
                        description="The lead.",
                        db_constraint=True,
                        to_field="id",
                        related_name="campaign_members",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("arm", fields.CharField(description="Targeted or holdout; drawn once, and kept.", max_length=8)),
            ],
            options={
                "table": "campaign_member",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["campaign_id", "created_at", "id"]),
                    Index(fields=["customer_id", "id"]),
                    Index(fields=["lead_id", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A customer or a lead that a campaign is meant for: in the arm that is targeted, or in the one held out.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="OpportunityCompetitor",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "salesloop.Opportunity",
                        source_field="opportunity_id",
                        description="The deal.",
                        db_constraint=True,
                        to_field="id",
                        related_name="competitors",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "competitor",
                    fields.ForeignKeyField(
                        "salesloop.Competitor",
                        source_field="competitor_id",
                        description="Who else is after it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunities",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "note",
                    fields.CharField(null=True, description="What they offer, as far as we know.", max_length=300),
                ),
            ],
            options={
                "table": "opportunity_competitor",
                "app": "salesloop",
                "indexes": [Index(fields=["competitor_id", "id"])],
                "pk_attr": "id",
                "table_description": "That a competitor is after the same deal.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="OpportunityLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "salesloop.Opportunity",
                        source_field="opportunity_id",
                        description="The deal it is part of.",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("position", fields.IntField(description="Its place in the deal, from 1.")),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What would be bought.",
                        db_constraint=True,
                        to_field="id",
                        related_name="opportunity_lines",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "quantity",
                    fields.DecimalField(description="How many units; above zero.", max_digits=18, decimal_places=3),
                ),
                (
                    "unit_price",
                    fields.DecimalField(description="The price asked for one unit.", max_digits=18, decimal_places=3),
                ),
                (
                    "discount",
                    fields.DecimalField(
                        default=0, description="The share that is taken off, 0 to 1.", max_digits=5, decimal_places=4
                    ),
                ),
                (
                    "amount",
                    fields.DecimalField(
                        description="Quantity times price less discount.", max_digits=18, decimal_places=3
                    ),
                ),
            ],
            options={
                "table": "opportunity_line",
                "app": "salesloop",
                "indexes": [Index(fields=["product_id", "id"])],
                "pk_attr": "id",
                "table_description": "One product that a deal is about, with quantity, price and what the line comes to.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Quote",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "number",
                    fields.CharField(unique=True, description="What it is called on paper; unique.", max_length=40),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        description="Who it is offered to.",
                        db_constraint=True,
                        to_field="id",
                        related_name="quotes",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "salesloop.Opportunity",
                        source_field="opportunity_id",
                        null=True,
                        description="The deal it is for.",
                        db_constraint=True,
                        to_field="id",
                        related_name="quotes",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("status", fields.CharField(default="draft", description="How far it is.", max_length=12)),
                ("currency", fields.CharField(description="ISO 4217 code of every amount on it.", max_length=3)),
                (
                    "total",
                    fields.DecimalField(
                        default=0, description="The sum of its lines.", max_digits=18, decimal_places=3
                    ),
                ),
                ("valid_until", fields.DateField(description="The last day on which it can be accepted.")),
                (
                    "sent_at",
                    fields.DatetimeField(
                        null=True, description="When it was sent (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "decided_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was accepted, rejected or ran out (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "quote",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["created_at", "id"]),
                    Index(fields=["customer_id", "created_at", "id"]),
                    Index(fields=["opportunity_id", "id"]),
                    Index(fields=["status", "created_at", "id"]),
                    Index(fields=["valid_until", "id"]),
                    Index(fields=["total", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "An offer to a customer: what, at which prices, good until when; accepted at most once.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="QuoteLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "quote",
                    fields.ForeignKeyField(
                        "salesloop.Quote",
                        source_field="quote_id",
                        description="The quote it stands on.",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("position", fields.IntField(description="Its place on the quote, from 1.")),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What is offered.",
                        db_constraint=True,
                        to_field="id",
                        related_name="quote_lines",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "quantity",
                    fields.DecimalField(description="How many units; above zero.", max_digits=18, decimal_places=3),
                ),
                (
                    "unit_price",
                    fields.DecimalField(description="The price of one unit.", max_digits=18, decimal_places=3),
                ),
                (
                    "discount",
                    fields.DecimalField(
                        default=0, description="The share that is taken off, 0 to 1.", max_digits=5, decimal_places=4
                    ),
                ),
                (
                    "amount",
                    fields.DecimalField(
                        description="Quantity times price less discount.", max_digits=18, decimal_places=3
                    ),
                ),
            ],
            options={
                "table": "quote_line",
                "app": "salesloop",
                "indexes": [Index(fields=["product_id", "id"])],
                "pk_attr": "id",
                "table_description": "One product on a quote, with quantity, price and what the line comes to.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="StageHistory",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "opportunity",
                    fields.ForeignKeyField(
                        "salesloop.Opportunity",
                        source_field="opportunity_id",
                        description="The deal.",
                        db_constraint=True,
                        to_field="id",
                        related_name="history",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("sequence", fields.IntField(description="1 for its first stay, 2 for the next, …")),
                (
                    "from_stage",
                    fields.ForeignKeyField(
                        "salesloop.Stage",
                        source_field="from_stage_id",
                        null=True,
                        description="Whence it came.",
                        db_constraint=True,
                        to_field="id",
                        related_name="left",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "stage",
                    fields.ForeignKeyField(
                        "salesloop.Stage",
                        source_field="stage_id",
                        description="The stage it was in.",
                        db_constraint=True,
                        to_field="id",
                        related_name="history",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "entered_at",
                    fields.DatetimeField(description="When it came (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "left_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it left (UTC); empty while it is there.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("amount", fields.DecimalField(description="Its amount on entering.", max_digits=18, decimal_places=3)),
                (
                    "probability",
                    fields.DecimalField(description="Its probability on entering.", max_digits=5, decimal_places=4),
                ),
                ("close_date", fields.DateField(description="Its close date on entering.")),
                (
                    "forecast_category",
                    fields.CharField(description="Its forecast category on entering.", max_length=10),
                ),
                (
                    "moved_by",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="moved_by_id",
                        null=True,
                        description="Who moved it; empty: the system.",
                        db_constraint=True,
                        to_field="id",
                        related_name="moves",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "note",
                    fields.TextField(
                        null=True,
                        description="How the exit criteria were met, or why stages were skipped.",
                        unique=False,
                    ),
                ),
            ],
            options={
                "table": "opportunity_stage_history",
                "app": "salesloop",
                "indexes": [Index(fields=["stage_id", "entered_at", "id"]), Index(fields=["entered_at", "id"])],
                "pk_attr": "id",
                "table_description": "A stay of an opportunity in a stage: since when, until when, and what was thought of it on entering.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="StockMove",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What moved.",
                        db_constraint=True,
                        to_field="id",
                        related_name="moves",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "from_location",
                    fields.ForeignKeyField(
                        "salesloop.Location",
                        source_field="from_location_id",
                        description="Whence.",
                        db_constraint=True,
                        to_field="id",
                        related_name="moves_out",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "to_location",
                    fields.ForeignKeyField(
                        "salesloop.Location",
                        source_field="to_location_id",
                        description="Whither.",
                        db_constraint=True,
                        to_field="id",
                        related_name="moves_in",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "quantity",
                    fields.DecimalField(description="How many units; above zero.", max_digits=18, decimal_places=3),
                ),
                (
                    "kind",
                    fields.CharField(
                        description="Receipt, shipment, transfer, adjustment, return or reversal.", max_length=10
                    ),
                ),
                (
                    "moved_at",
                    fields.DatetimeField(description="When it moved (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("origin_id", fields.UUIDField(null=True, description="The key of the document that caused it.")),
                (
                    "origin_prefix",
                    fields.CharField(null=True, description="The prefix of that document's public id.", max_length=3),
                ),
                ("note", fields.CharField(null=True, description="Why, in words.", max_length=300)),
                (
                    "reverses",
                    fields.OneToOneField(
                        "salesloop.StockMove",
                        source_field="reverses_id",
                        null=True,
                        description="The move that it takes back; each is taken back at most once.",
                        db_constraint=True,
                        to_field="id",
                        related_name="reversal",
                        on_delete=fields.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "stock_move",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["moved_at", "id"]),
                    Index(fields=["product_id", "moved_at", "id"]),
                    Index(fields=["from_location_id", "moved_at", "id"]),
                    Index(fields=["to_location_id", "moved_at", "id"]),
                    Index(fields=["origin_id", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "Units of a product that went from one location to another: a line of the ledger, never changed, only reversed.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Supplier",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "external_id",
                    fields.CharField(
                        null=True,
                        unique=True,
                        description="What another system calls this supplier; unique.",
                        max_length=120,
                    ),
                ),
                ("name", fields.CharField(description="The name it goes by.", max_length=300)),
                (
                    "status",
                    fields.CharField(
                        default="prospective",
                        description="Prospective, approved, probation, suspended or terminated.",
                        max_length=12,
                    ),
                ),
                (
                    "email",
                    fields.CharField(null=True, description="Where orders are sent, lower case.", max_length=254),
                ),
                ("phone", fields.CharField(null=True, description="The telephone number.", max_length=40)),
                ("country", fields.CharField(null=True, description="ISO 3166-1 alpha-2 code.", max_length=2)),
                ("note", fields.TextField(null=True, description="Whatever colleagues should know.", unique=False)),
            ],
            options={
                "table": "supplier",
                "app": "salesloop",
                "indexes": [Index(fields=["name", "id"]), Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "A company that we buy from.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="PurchaseOrder",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "number",
                    fields.CharField(unique=True, description="What it is called on paper; unique.", max_length=40),
                ),
                (
                    "supplier",
                    fields.ForeignKeyField(
                        "salesloop.Supplier",
                        source_field="supplier_id",
                        description="Who is to deliver.",
                        db_constraint=True,
                        to_field="id",
                        related_name="purchase_orders",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "location",
                    fields.ForeignKeyField(
                        "salesloop.Location",
                        source_field="location_id",
                        description="Where to deliver.",
                        db_constraint=True,
                        to_field="id",
                        related_name="purchase_orders",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("status", fields.CharField(default="draft", description="How far it is.", max_length=20)),
                ("currency", fields.CharField(description="ISO 4217 code of every amount on it.", max_length=3)),
                (
                    "total",
                    fields.DecimalField(
                        default=0, description="The sum of its lines.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "sent_at",
                    fields.DatetimeField(
                        null=True, description="When it was sent (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "promised_on",
                    fields.DateField(
                        null=True, description="The day first promised; kept for ever, to be measured by."
                    ),
                ),
                ("expected_on", fields.DateField(null=True, description="The day it is now expected.")),
                (
                    "received_at",
                    fields.DatetimeField(
                        null=True, description="When the last of it came (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "closed_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was closed or cancelled (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "purchase_order",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["created_at", "id"]),
                    Index(fields=["supplier_id", "created_at", "id"]),
                    Index(fields=["status", "created_at", "id"]),
                    Index(fields=["expected_on", "id"]),
                    Index(fields=["promised_on", "id"]),
                    Index(fields=["sent_at", "id"]),
                    Index(fields=["total", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "An order to a supplier: to be delivered to a location of ours, by a promised day.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="PurchaseOrderLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "purchase_order",
                    fields.ForeignKeyField(
                        "salesloop.PurchaseOrder",
                        source_field="purchase_order_id",
                        description="The order it stands on.",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("position", fields.IntField(description="Its place on the order, from 1.")),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What was ordered.",
                        db_constraint=True,
                        to_field="id",
                        related_name="purchase_order_lines",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "quantity",
                    fields.DecimalField(description="How many units; above zero.", max_digits=18, decimal_places=3),
                ),
                (
                    "unit_cost",
                    fields.DecimalField(description="What one unit costs us.", max_digits=18, decimal_places=3),
                ),
                ("amount", fields.DecimalField(description="Quantity times cost.", max_digits=18, decimal_places=3)),
                (
                    "accepted",
                    fields.DecimalField(
                        default=0, description="Units that came in good order.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "rejected",
                    fields.DecimalField(
                        default=0, description="Units that were sent back.", max_digits=18, decimal_places=3
                    ),
                ),
            ],
            options={
                "table": "purchase_order_line",
                "app": "salesloop",
                "indexes": [Index(fields=["product_id", "id"])],
                "pk_attr": "id",
                "table_description": "One product on a purchase order: how much was ordered, came in good order, and was rejected.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Receipt",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "line",
                    fields.ForeignKeyField(
                        "salesloop.PurchaseOrderLine",
                        source_field="line_id",
                        description="What it was ordered by.",
                        db_constraint=True,
                        to_field="id",
                        related_name="receipts",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "received_at",
                    fields.DatetimeField(description="When it came (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("accepted", fields.DecimalField(description="Units in good order.", max_digits=18, decimal_places=3)),
                (
                    "rejected",
                    fields.DecimalField(default=0, description="Units sent back.", max_digits=18, decimal_places=3),
                ),
                ("reject_reason", fields.CharField(null=True, description="What was wrong with them.", max_length=300)),
            ],
            options={
                "table": "purchase_receipt",
                "app": "salesloop",
                "indexes": [Index(fields=["line_id", "received_at", "id"]), Index(fields=["received_at", "id"])],
                "pk_attr": "id",
                "table_description": "Units that came for a line of a purchase order: how many were accepted, how many rejected and why.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="SupplierItem",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "supplier",
                    fields.ForeignKeyField(
                        "salesloop.Supplier",
                        source_field="supplier_id",
                        description="Who offers it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="items",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What is offered.",
                        db_constraint=True,
                        to_field="id",
                        related_name="supplier_items",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "unit_cost",
                    fields.DecimalField(description="What one unit costs us.", max_digits=18, decimal_places=3),
                ),
                ("currency", fields.CharField(description="ISO 4217 code of the cost.", max_length=3)),
                ("lead_time_days", fields.IntField(description="Days from order to delivery, as the supplier says.")),
                (
                    "minimum_quantity",
                    fields.DecimalField(
                        default=1, description="The least that can be ordered.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "lot_size",
                    fields.DecimalField(
                        default=1, description="Orders are whole multiples of this.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "is_preferred",
                    fields.BooleanField(default=False, description="Whether it is ordered here first; one a product."),
                ),
            ],
            options={
                "table": "supplier_item",
                "app": "salesloop",
                "indexes": [Index(fields=["product_id", "id"])],
                "pk_attr": "id",
                "table_description": "A product that a supplier offers: at what cost, in what lots, and how soon by its own word.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="ReplenishmentProposal",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "policy",
                    fields.ForeignKeyField(
                        "salesloop.ReplenishmentPolicy",
                        source_field="policy_id",
                        description="The policy that it follows.",
                        db_constraint=True,
                        to_field="id",
                        related_name="proposals",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What to buy.",
                        db_constraint=True,
                        to_field="id",
                        related_name="proposals",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "location",
                    fields.ForeignKeyField(
                        "salesloop.Location",
                        source_field="location_id",
                        description="Where it is needed.",
                        db_constraint=True,
                        to_field="id",
                        related_name="proposals",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "supplier_item",
                    fields.ForeignKeyField(
                        "salesloop.SupplierItem",
                        source_field="supplier_item_id",
                        null=True,
                        description="Where to buy it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="proposals",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "state",
                    fields.CharField(
                        default="proposed", description="Proposed, ordered, dismissed, superseded.", max_length=10
                    ),
                ),
                (
                    "computed_at",
                    fields.DatetimeField(description="When it was computed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("demand_mean", fields.FloatField(description="Units a day that orders took, on average.")),
                ("demand_sd", fields.FloatField(description="The standard deviation of that, in units a day.")),
                (
                    "pipeline_mean",
                    fields.FloatField(description="Units that open deals are expected to take in the protected days."),
                ),
                ("pipeline_variance", fields.FloatField(description="The variance of these units.")),
                (
                    "lead_time_mean",
                    fields.FloatField(description="Days from order to receipt, as measured; else as quoted."),
                ),
                ("lead_time_sd", fields.FloatField(description="The standard deviation of these days.")),
                (
                    "lead_time_receipts",
                    fields.IntField(description="How many orders the lead time was measured on; 0: it is quoted."),
                ),
                ("safety_stock", fields.FloatField(description="Units kept against chance.")),
                ("reorder_point", fields.FloatField(description="Units at which to order.")),
                (
                    "economic_quantity",
                    fields.FloatField(null=True, description="The economic order quantity; empty without a cost."),
                ),
                ("on_hand", fields.DecimalField(description="Units on hand.", max_digits=18, decimal_places=3)),
                ("reserved", fields.DecimalField(description="Units promised.", max_digits=18, decimal_places=3)),
                (
                    "on_order",
                    fields.DecimalField(
                        description="Units ordered and not yet received.", max_digits=18, decimal_places=3
                    ),
                ),
                (
                    "quantity",
                    fields.DecimalField(description="Units to buy, in whole lots.", max_digits=18, decimal_places=3),
                ),
                ("explanation", fields.JSONField(description="The reasons, one sentence each.")),
                (
                    "purchase_order",
                    fields.ForeignKeyField(
                        "salesloop.PurchaseOrder",
                        source_field="purchase_order_id",
                        null=True,
                        description="What it became.",
                        db_constraint=True,
                        to_field="id",
                        related_name="proposals",
                        on_delete=fields.RESTRICT,
                    ),
                ),
            ],
            options={
                "table": "replenishment_proposal",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["computed_at", "id"]),
                    Index(fields=["product_id", "computed_at", "id"]),
                    Index(fields=["location_id", "id"]),
                    Index(fields=["policy_id", "id"]),
                    Index(fields=["state", "computed_at", "id"]),
                    Index(fields=["quantity", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "What should be bought for a location, with every number that led there; ordered by one verb, or dismissed.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Survey",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="What colleagues call it; unique.", max_length=200)),
                (
                    "kind",
                    fields.CharField(
                        description="Net promoter score, customer satisfaction or customer effort.", max_length=4
                    ),
                ),
                (
                    "question",
                    fields.CharField(description="The question in the words that customers read.", max_length=500),
                ),
                ("state", fields.CharField(default="draft", description="Draft, fielding or closed.", max_length=10)),
                (
                    "opened_at",
                    fields.DatetimeField(
                        null=True, description="When it began to be asked (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "closed_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was asked for the last time (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "survey",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "A question that is asked of many customers in the same words, with a scale to answer on.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="SurveyResponse",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "survey",
                    fields.ForeignKeyField(
                        "salesloop.Survey",
                        source_field="survey_id",
                        description="What was asked.",
                        db_constraint=True,
                        to_field="id",
                        related_name="responses",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        null=True,
                        description="Who answered.",
                        db_constraint=True,
                        to_field="id",
                        related_name="survey_responses",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "order",
                    fields.ForeignKeyField(
                        "salesloop.Order",
                        source_field="order_id",
                        null=True,
                        description="The order asked about.",
                        db_constraint=True,
                        to_field="id",
                        related_name="survey_responses",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "feedback_item",
                    fields.OneToOneField(
                        "salesloop.FeedbackItem",
                        source_field="feedback_item_id",
                        null=True,
                        description="The words.",
                        db_constraint=True,
                        to_field="id",
                        related_name="survey_response",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                ("score", fields.SmallIntField(description="The answer on the survey's scale.")),
                (
                    "responded_at",
                    fields.DatetimeField(description="When it was answered (UTC).", auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "survey_response",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["survey_id", "responded_at", "id"]),
                    Index(fields=["customer_id", "responded_at", "id"]),
                    Index(fields=["responded_at", "id"]),
                    Index(fields=["order_id", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "One customer's answer to a survey: a score, perhaps with words, which become a feedback item.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Touchpoint",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "campaign",
                    fields.ForeignKeyField(
                        "salesloop.Campaign",
                        source_field="campaign_id",
                        description="The campaign.",
                        db_constraint=True,
                        to_field="id",
                        related_name="touchpoints",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        null=True,
                        description="The customer.",
                        db_constraint=True,
                        to_field="id",
                        related_name="touchpoints",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "lead",
                    fields.ForeignKeyField(
                        "salesloop.Lead",
                        source_field="lead_id",
                        null=True,
                        description="The lead.",
                        db_constraint=True,
                        to_field="id",
                        related_name="touchpoints",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "kind",
                    fields.CharField(
                        description="Sent, opened, clicked, visited, attended or responded.", max_length=12
                    ),
                ),
                (
                    "occurred_at",
                    fields.DatetimeField(description="When it happened (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "external_id",
                    fields.CharField(
                        unique=True, description="What the system that tells of it calls it; unique.", max_length=120
                    ),
                ),
            ],
            options={
                "table": "touchpoint",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["campaign_id", "occurred_at", "id"]),
                    Index(fields=["customer_id", "occurred_at", "id"]),
                    Index(fields=["lead_id", "occurred_at", "id"]),
                    Index(fields=["occurred_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "One time that a campaign reached somebody: append-only, and recorded once, by the key of whoever tells of it.",
            },
            bases=["Record"],
        ),
        ops.AlterModelOptions(
            name="Order",
            options={
                "table": "sales_order",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["customer_id", "ordered_at", "id"]),
                    Index(fields=["ordered_at", "id"]),
                    Index(fields=["total", "id"]),
                    Index(fields=["created_at", "id"]),
                    Index(fields=["opportunity_id", "id"]),
                    Index(fields=["promised_on", "id"]),
                    Index(fields=["delivered_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A customer's purchase of one moment, in one currency: what was promised, shipped and delivered.",
            },
        ),
        ops.AddField(
            model_name="Order",
            name="cancel_reason",
            field=fields.CharField(null=True, description="Why it was called off.", max_length=300),
        ),
        ops.AddField(
            model_name="Order",
            name="cancelled_at",
            field=fields.DatetimeField(
                null=True, description="When it was called off (UTC).", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="Order",
            name="confirmed_at",
            field=fields.DatetimeField(
                null=True,
                description="When it was confirmed to the customer (UTC).",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddField(
            model_name="Order",
            name="delivered_at",
            field=fields.DatetimeField(
                null=True,
                description="When the last of it reached the customer (UTC).",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddField(
            model_name="Order",
            name="expected_on",
            field=fields.DateField(null=True, description="The day of delivery now expected."),
        ),
        ops.AddField(
            model_name="Order",
            name="location",
            field=fields.ForeignKeyField(
                "salesloop.Location",
                source_field="location_id",
                null=True,
                description="Where it ships from.",
                db_constraint=True,
                to_field="id",
                related_name="orders",
                on_delete=fields.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Order",
            name="opportunity",
            field=fields.ForeignKeyField(
                "salesloop.Opportunity",
                source_field="opportunity_id",
                null=True,
                description="The deal it came from.",
                db_constraint=True,
                to_field="id",
                related_name="orders",
                on_delete=fields.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Order",
            name="promised_on",
            field=fields.DateField(
                null=True, description="The day of delivery first promised; kept for ever, to be measured by."
            ),
        ),
        ops.AddField(
            model_name="Order",
            name="quote",
            field=fields.OneToOneField(
                "salesloop.Quote",
                source_field="quote_id",
                null=True,
                description="The quote that was accepted.",
                db_constraint=True,
                to_field="id",
                related_name="order",
                on_delete=fields.RESTRICT,
            ),
        ),
        ops.AddField(
            model_name="Order",
            name="shipped_at",
            field=fields.DatetimeField(
                null=True, description="When the last of it was shipped (UTC).", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="Order",
            name="status",
            field=fields.CharField(
                default="closed",
                description="How far it is; orders that were imported are history, and closed.",
                max_length=20,
            ),
        ),
        ops.AddIndex(
            model_name="Order",
            index=Index(fields=["opportunity_id", "id"]),
        ),
        ops.AddIndex(
            model_name="Order",
            index=Index(fields=["promised_on", "id"]),
        ),
        ops.AddIndex(
            model_name="Order",
            index=Index(fields=["delivered_at", "id"]),
        ),
        ops.AddField(
            model_name="OrderLine",
            name="delivered",
            field=fields.DecimalField(
                default=0, description="Units that reached the customer.", max_digits=18, decimal_places=3
            ),
        ),
        ops.AddField(
            model_name="OrderLine",
            name="returned",
            field=fields.DecimalField(default=0, description="Units that came back.", max_digits=18, decimal_places=3),
        ),
        ops.AddField(
            model_name="OrderLine",
            name="shipped",
            field=fields.DecimalField(
                default=0, description="Units that were shipped.", max_digits=18, decimal_places=3
            ),
        ),
        ops.AddField(
            model_name="OrderLine",
            name="unit_cost",
            field=fields.DecimalField(
                null=True,
                description="What one unit cost us when it was sold, if known.",
                max_digits=18,
                decimal_places=3,
            ),
        ),
        ops.AddConstraint(
            model_name="OrderLine",
            constraint=CheckConstraint(
                check="shipped BETWEEN 0 AND quantity AND delivered BETWEEN 0 AND shipped AND returned BETWEEN 0 AND delivered",
                name="sales_order_line_delivered_in_range",
            ),
        ),
        ops.AlterField(
            model_name="Product",
            name="currency",
            field=fields.CharField(
                null=True, description="ISO 4217 code of the list price and the cost.", max_length=3
            ),
        ),
        ops.AddField(
            model_name="Product",
            name="unit",
            field=fields.CharField(
                default="piece", description="What is counted: piece, kg, metre, hour.", max_length=20
            ),
        ),
        ops.AddField(
            model_name="Product",
            name="unit_cost",
            field=fields.DecimalField(
                null=True, description="What one unit costs us, in the same currency.", max_digits=18, decimal_places=3
            ),
        ),
    ]
