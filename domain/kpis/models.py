"""Tables of KPIs: what is measured, how and by whom; its values as they were known when; targets and signals."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from domain.access.models import User
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class Kpi(Record):
    """A figure that the company steers by: a name, a definition over a named measure, a direction, an owner."""

    prefix = "kpi"
    guard = Guard(read=Permission.KPIS_READ, write=Permission.KPIS_WRITE, owner="owner_id")

    key = fields.CharField(max_length=60, unique=True, description="Its name for programs, unique, e.g. win_rate.")
    name = fields.CharField(max_length=200, description="What people call it.")
    description = fields.TextField(description="What it says, and what it does not say.")
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="kpis", null=True, on_delete=fields.SET_NULL, description="Who answers for it."
    )
    owner_id: UUID | None
    unit = fields.CharField(max_length=10, description="Money, ratio, count, days or score.")
    direction = fields.CharField(max_length=4, description="Up where more is better, down where less is.")
    grain = fields.CharField(max_length=10, description="How long its periods are: week, month or quarter.")
    measure = fields.CharField(max_length=60, description="The named measure that it is computed by.")
    dimensions: Any = fields.JSONField(description="The dimensions that it is cut by besides the whole.")
    definition_version = fields.IntField(default=1, description="1 at first, one more whenever its definition changes.")
    is_active = fields.BooleanField(default=True, description="Whether it is computed.")
    computed_at = fields.DatetimeField(null=True, description="When it was last computed (UTC).")

    class Meta:
        table = "kpi"
        indexes = (Index(fields=("name", "id")), Index(fields=("created_at", "id")))


class KpiValue(Record):
    """The value of a KPI for a period and a cut, as it was known from one moment to another.

    A value that turns out otherwise (late data, a new definition) is not overwritten: the old one is superseded, so
    that any past chart can be drawn again.
    """

    prefix = "kpv"
    guard = Guard(read=Permission.KPIS_READ, write=Permission.KPIS_WRITE, whole=("kpi_id", Kpi))

    kpi: fields.ForeignKeyRelation[Kpi] = fields.ForeignKeyField(
        Kpi, related_name="values", on_delete=fields.CASCADE, description="What it is a value of."
    )
    kpi_id: UUID
    definition_version = fields.IntField(description="The version of the definition that it was computed by.")
    period_start = fields.DateField(description="The first day of its period.")
    period_end = fields.DateField(description="The day after the last.")
    dimension = fields.CharField(max_length=20, default="", description="What it is cut by; empty: the whole.")
    member = fields.CharField(max_length=120, default="", description="The part of the cut: an id, a word; empty: all.")
    currency = fields.CharField(max_length=3, default="", description="ISO 4217 code where it is money; else empty.")
    value = fields.FloatField(null=True, description="The value; empty where there was nothing to measure.")
    numerator = fields.DecimalField(
        max_digits=24, decimal_places=6, null=True, description="What was divided, or summed."
    )
    denominator = fields.DecimalField(max_digits=24, decimal_places=6, null=True, description="What it was divided by.")
    low = fields.FloatField(null=True, description="The lower end of its 95 % interval, where it has one.")
    high = fields.FloatField(null=True, description="The upper end of its 95 % interval, where it has one.")
    recorded_at = fields.DatetimeField(description="From when it was held to be so (UTC).")
    superseded_at = fields.DatetimeField(null=True, description="Until when (UTC); empty: still.")

    class Meta:
        table = "kpi_value"
        indexes = (
            Index(fields=("kpi_id", "dimension", "member", "currency", "period_start", "id")),
            Index(fields=("period_start", "id")),
        )
        constraints = (
            CheckConstraint(check="period_end > period_start", name="kpi_value_period_runs"),
            CheckConstraint(check="superseded_at >= recorded_at", name="kpi_value_known_forward"),
        )


class KpiTarget(Record):
    """What a KPI is to reach in a period, for the whole or a part of a cut; for revenue by owner it is a quota."""

    prefix = "kpt"
    guard = Guard(read=Permission.KPIS_READ, write=Permission.KPIS_WRITE, whole=("kpi_id", Kpi))

    kpi: fields.ForeignKeyRelation[Kpi] = fields.ForeignKeyField(
        Kpi, related_name="targets", on_delete=fields.CASCADE, description="The KPI."
    )
    kpi_id: UUID
    period_start = fields.DateField(description="The first day of the period.")
    period_end = fields.DateField(description="The day after the last.")
    dimension = fields.CharField(max_length=20, default="", description="The cut; empty: the whole.")
    member = fields.CharField(max_length=120, default="", description="The part of the cut; empty: all.")
    currency = fields.CharField(max_length=3, default="", description="ISO 4217 code where it is money; else empty.")
    value = fields.FloatField(description="What is to be reached.")

    class Meta:
        table = "kpi_target"
        indexes = (Index(fields=("kpi_id", "period_start", "id")),)
        constraints = (CheckConstraint(check="period_end > period_start", name="kpi_target_period_runs"),)


class KpiSignal(Record):
    """A period in which a KPI moved beyond chance: which rule says so, and between which limits it had been."""

    prefix = "kps"
    guard = Guard(read=Permission.KPIS_READ, write=Permission.KPIS_WRITE, whole=("kpi_id", Kpi))

    kpi: fields.ForeignKeyRelation[Kpi] = fields.ForeignKeyField(
        Kpi, related_name="signals", on_delete=fields.CASCADE, description="The KPI."
    )
    kpi_id: UUID
    period_start = fields.DateField(description="The first day of the period.")
    dimension = fields.CharField(max_length=20, default="", description="The cut; empty: the whole.")
    member = fields.CharField(max_length=120, default="", description="The part of the cut; empty: all.")
    currency = fields.CharField(max_length=3, default="", description="ISO 4217 code where it is money; else empty.")
    rule = fields.CharField(max_length=20, description="The rule that it breaks, or the target that it missed.")
    is_good = fields.BooleanField(description="Whether it moved the way it should.")
    value = fields.FloatField(description="The value.")
    centre = fields.FloatField(null=True, description="The centre line, if the rule has one.")
    lower = fields.FloatField(null=True, description="The lower limit.")
    upper = fields.FloatField(null=True, description="The upper limit.")
    found_at = fields.DatetimeField(description="When it was found (UTC).")

    class Meta:
        table = "kpi_signal"
        indexes = (
            Index(fields=("kpi_id", "period_start", "id")),
            Index(fields=("found_at", "id")),
            Index(fields=("period_start", "id")),
        )


class KpiAnnotation(Record):
    """A remark at a day of a KPI's chart: what happened then."""

    prefix = "kpa"
    guard = Guard(read=Permission.KPIS_READ, write=Permission.KPIS_WRITE, whole=("kpi_id", Kpi))

    kpi: fields.ForeignKeyRelation[Kpi] = fields.ForeignKeyField(
        Kpi, related_name="annotations", on_delete=fields.CASCADE, description="The KPI."
    )
    kpi_id: UUID
    day = fields.DateField(description="The day.")
    text = fields.CharField(max_length=300, description="What happened.")
    subject_id = fields.UUIDField(null=True, description="The key of the record that it is about.")
    subject_prefix = fields.CharField(max_length=3, null=True, description="The prefix of that record's public id.")

    class Meta:
        table = "kpi_annotation"
        indexes = (Index(fields=("kpi_id", "day", "id")),)
