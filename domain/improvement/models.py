"""Tables of improvement: cycles from a problem to a measured effect, and the practices that come of them."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.access.models import User
from domain.feedback.models import FeedbackTheme
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.kpis.models import Kpi, KpiSignal


class ImprovementCycle(Record):
    """One turn of plan, do, check, act: a problem with its evidence, what is tried, and what that did to a KPI."""

    prefix = "cyc"
    guard = Guard(read=Permission.IMPROVEMENT_READ, write=Permission.IMPROVEMENT_WRITE, owner="owner_id")

    title = fields.CharField(max_length=200, description="What is to become better.")
    problem = fields.TextField(description="What is wrong, and how we know.")
    state = fields.CharField(
        max_length=12, default="proposed", description="Proposed, plan, do, check, act, standardized or abandoned."
    )
    origin = fields.CharField(max_length=12, description="A person, a theme, a signal or a missed target.")
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="improvement_cycles", null=True, on_delete=fields.SET_NULL, description="Who leads it."
    )
    owner_id: UUID | None
    theme: fields.ForeignKeyNullableRelation[FeedbackTheme] = fields.ForeignKeyField(
        FeedbackTheme,
        related_name="improvement_cycles",
        null=True,
        on_delete=fields.SET_NULL,
        description="What customers say.",
    )
    theme_id: UUID | None
    signal: fields.ForeignKeyNullableRelation[KpiSignal] = fields.ForeignKeyField(
        KpiSignal,
        related_name="improvement_cycles",
        null=True,
        on_delete=fields.SET_NULL,
        description="What a KPI says.",
    )
    signal_id: UUID | None
    origin_key = fields.CharField(
        max_length=200, null=True, unique=True, description="What a rule proposed it for; each once."
    )
    previous: fields.ForeignKeyNullableRelation["ImprovementCycle"] = fields.ForeignKeyField(
        "salesloop.ImprovementCycle",
        related_name="next",
        null=True,
        on_delete=fields.SET_NULL,
        description="The turn before.",
    )
    previous_id: UUID | None
    hypothesis = fields.TextField(null=True, description="If we do this, that KPI will move so, because …")
    countermeasure = fields.TextField(null=True, description="What is done.")
    primary_kpi: fields.ForeignKeyNullableRelation[Kpi] = fields.ForeignKeyField(
        Kpi,
        related_name="improvement_cycles",
        null=True,
        on_delete=fields.RESTRICT,
        description="The KPI it is judged by; frozen once it is done.",
    )
    primary_kpi_id: UUID | None
    dimension = fields.CharField(max_length=20, default="", description="The cut of the KPI; empty: the whole.")
    member = fields.CharField(max_length=120, default="", description="The part of the cut; empty: all.")
    currency = fields.CharField(
        max_length=3, default="", description="The KPI's currency where it is money; else empty."
    )
    design = fields.CharField(max_length=16, null=True, description="Interrupted series or before-after.")
    minimum_effect = fields.FloatField(null=True, description="The smallest change that would be worth it.")
    baseline_start = fields.DateField(null=True, description="The first day of the baseline.")
    starts_on = fields.DateField(null=True, description="The day on which the countermeasure begins.")
    ends_on = fields.DateField(null=True, description="The last day before it is checked.")
    proposed_at = fields.DatetimeField(description="When it was proposed (UTC).")
    started_at = fields.DatetimeField(null=True, description="When it began to be done (UTC).")
    closed_at = fields.DatetimeField(null=True, description="When it was standardized or abandoned (UTC).")
    abandon_reason = fields.CharField(max_length=300, null=True, description="Why it was given up.")

    class Meta:
        table = "improvement_cycle"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("proposed_at", "id")),
            Index(fields=("state", "proposed_at", "id")),
            Index(fields=("theme_id", "proposed_at", "id")),
            Index(fields=("signal_id", "id")),
            Index(fields=("primary_kpi_id", "proposed_at", "id")),
            Index(fields=("starts_on", "id")),
            Index(fields=("ends_on", "id")),
        )
        constraints = (
            CheckConstraint(check="ends_on >= starts_on AND starts_on > baseline_start", name="improvement_cycle_runs"),
        )


class CycleGuardrail(Record):
    """A KPI that must not suffer from an improvement cycle."""

    prefix = "cyg"
    guard = Guard(
        read=Permission.IMPROVEMENT_READ, write=Permission.IMPROVEMENT_WRITE, whole=("cycle_id", ImprovementCycle)
    )

    cycle: fields.ForeignKeyRelation[ImprovementCycle] = fields.ForeignKeyField(
        ImprovementCycle, related_name="guardrails", on_delete=fields.CASCADE, description="The cycle."
    )
    cycle_id: UUID
    kpi: fields.ForeignKeyRelation[Kpi] = fields.ForeignKeyField(
        Kpi, related_name="guardrails", on_delete=fields.RESTRICT, description="The KPI."
    )
    kpi_id: UUID

    class Meta:
        table = "improvement_guardrail"
        constraints = (UniqueConstraint(fields=("cycle_id", "kpi_id"), name="improvement_guardrail_once"),)


class CycleEvidence(Record):
    """A reason for an improvement cycle: a sentence with a number, and the record that it was read from."""

    prefix = "cye"
    guard = Guard(
        read=Permission.IMPROVEMENT_READ, write=Permission.IMPROVEMENT_WRITE, whole=("cycle_id", ImprovementCycle)
    )

    cycle: fields.ForeignKeyRelation[ImprovementCycle] = fields.ForeignKeyField(
        ImprovementCycle, related_name="evidence", on_delete=fields.CASCADE, description="The cycle."
    )
    cycle_id: UUID
    text = fields.CharField(max_length=500, description="What was seen, in words and numbers.")
    subject_id = fields.UUIDField(null=True, description="The key of the record that it was read from.")
    subject_prefix = fields.CharField(max_length=3, null=True, description="The prefix of that record's public id.")

    class Meta:
        table = "improvement_evidence"
        indexes = (Index(fields=("cycle_id", "id")),)


class EffectEstimate(Record):
    """What a cycle did to a KPI: the estimated change with its interval, how it was estimated, and the verdict."""

    prefix = "eff"
    guard = Guard(
        read=Permission.IMPROVEMENT_READ, write=Permission.IMPROVEMENT_WRITE, whole=("cycle_id", ImprovementCycle)
    )

    cycle: fields.ForeignKeyRelation[ImprovementCycle] = fields.ForeignKeyField(
        ImprovementCycle, related_name="effects", on_delete=fields.CASCADE, description="The cycle."
    )
    cycle_id: UUID
    kpi: fields.ForeignKeyRelation[Kpi] = fields.ForeignKeyField(
        Kpi, related_name="effects", on_delete=fields.RESTRICT, description="The KPI."
    )
    kpi_id: UUID
    method = fields.CharField(max_length=24, description="How it was estimated.")
    before_count = fields.IntField(description="How many periods before.")
    after_count = fields.IntField(description="How many periods after.")
    baseline = fields.FloatField(description="The mean before.")
    estimate = fields.FloatField(description="The change, in the KPI's unit.")
    low = fields.FloatField(null=True, description="The lower end of its 95 % interval.")
    high = fields.FloatField(null=True, description="The upper end of its 95 % interval.")
    p_value = fields.FloatField(null=True, description="How likely such a change is by chance.")
    end_estimate = fields.FloatField(
        null=True, description="The change that is left in the last period, where a trend was told from the step."
    )
    end_low = fields.FloatField(null=True, description="The lower end of its 95 % interval.")
    end_high = fields.FloatField(null=True, description="The upper end of its 95 % interval.")
    verdict = fields.CharField(max_length=14, description="Improved, worsened, no change or inconclusive.")
    words = fields.TextField(description="The verdict in a sentence, with its doubts.")
    inputs: Any = fields.JSONField(description="The periods and values that it was computed from.")
    formula_version = fields.IntField(default=1, description="The version of the formula.")
    computed_at = fields.DatetimeField(description="When it was computed (UTC).")

    class Meta:
        table = "improvement_effect"
        indexes = (Index(fields=("cycle_id", "computed_at", "id")),)


class Practice(Record):
    """A way of working that an improvement cycle has shown to be better."""

    prefix = "prc"
    guard = Guard(
        read=Permission.IMPROVEMENT_READ, write=Permission.IMPROVEMENT_WRITE, whole=("cycle_id", ImprovementCycle)
    )

    title = fields.CharField(max_length=200, description="What to do, in a few words.")
    description = fields.TextField(description="How to do it, and why it works.")
    cycle: fields.ForeignKeyRelation[ImprovementCycle] = fields.OneToOneField(
        ImprovementCycle, related_name="practice", on_delete=fields.RESTRICT, description="The cycle that showed it."
    )
    cycle_id: UUID
    state = fields.CharField(max_length=8, default="active", description="Active or retired.")
    adoption_count = fields.IntField(default=0, description="How many teams have adopted it.")

    class Meta:
        table = "practice"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("title", "id")),
            Index(fields=("adoption_count", "id")),
        )


class PracticeAdoption(Record):
    """That a team works by a practice, since a day."""

    prefix = "pra"
    guard = Guard(read=Permission.IMPROVEMENT_READ, write=Permission.IMPROVEMENT_WRITE, whole=("practice_id", Practice))

    practice: fields.ForeignKeyRelation[Practice] = fields.ForeignKeyField(
        Practice, related_name="adoptions", on_delete=fields.RESTRICT, description="The practice."
    )
    practice_id: UUID
    team = fields.CharField(max_length=100, description="The name of the team.")
    adopted_on = fields.DateField(description="Since when.")
    note = fields.TextField(null=True, description="How they do it.")

    class Meta:
        table = "practice_adoption"
        indexes = (Index(fields=("adopted_on", "id")), Index(fields=("practice_id", "adopted_on", "id")))
        constraints = (UniqueConstraint(fields=("practice_id", "team"), name="practice_adoption_once"),)
