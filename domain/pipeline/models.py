"""Tables of the pipeline: stages, opportunities with lines and history, and forecasts frozen for later scoring."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.access.models import User
from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class Pipeline(Record):
    """A way of selling: an ordered row of stages that an opportunity passes from first talk to won or lost."""

    prefix = "pip"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_ADMINISTER)

    name = fields.CharField(max_length=100, unique=True, description="What people call it; unique.")
    is_default = fields.BooleanField(
        default=False, description="Whether new opportunities go here unless told otherwise."
    )
    is_active = fields.BooleanField(default=True, description="Whether new opportunities may still enter it.")

    class Meta:
        table = "pipeline"
        indexes = (Index(fields=("created_at", "id")),)


class Stage(Record):
    """A step of a pipeline: what has been reached, how likely a win is from here, and what must be done to leave it."""

    prefix = "stg"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_ADMINISTER)

    pipeline: fields.ForeignKeyRelation[Pipeline] = fields.ForeignKeyField(
        Pipeline, related_name="stages", on_delete=fields.RESTRICT, description="The pipeline it belongs to."
    )
    pipeline_id: UUID
    position = fields.SmallIntField(description="Its place in the pipeline, from 1.")
    name = fields.CharField(max_length=100, description="What people call it; unique in its pipeline.")
    kind = fields.CharField(max_length=4, description="Open, won or lost.")
    default_probability = fields.DecimalField(
        max_digits=5, decimal_places=4, description="How likely a win is from here, 0 to 1; 1 if won, 0 if lost."
    )
    forecast_category = fields.CharField(
        max_length=10, description="Where the forecast counts it unless told otherwise."
    )
    exit_criteria = fields.TextField(null=True, description="What must be true before an opportunity moves on.")

    class Meta:
        table = "pipeline_stage"
        constraints = (
            UniqueConstraint(fields=("pipeline_id", "position"), name="pipeline_stage_position_once"),
            UniqueConstraint(fields=("pipeline_id", "name"), name="pipeline_stage_name_once"),
            CheckConstraint(
                check="(kind = 'open' AND default_probability BETWEEN 0 AND 1) "
                "OR (kind = 'won' AND default_probability = 1) OR (kind = 'lost' AND default_probability = 0)",
                name="pipeline_stage_probability_fits",
            ),
        )


class CloseReason(Record):
    """Why opportunities are won or lost, in words that can be counted."""

    prefix = "rsn"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_ADMINISTER)

    outcome = fields.CharField(max_length=4, description="Whether it explains a win or a loss.")
    name = fields.CharField(max_length=100, description="The reason in a few words; unique for its outcome.")
    is_active = fields.BooleanField(default=True, description="Whether it may still be chosen.")

    class Meta:
        table = "close_reason"
        constraints = (UniqueConstraint(fields=("outcome", "name"), name="close_reason_once"),)


class Competitor(Record):
    """A company that sells to the same customers."""

    prefix = "cmp"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_WRITE)

    name = fields.CharField(max_length=200, unique=True, description="The name it goes by; unique.")
    website = fields.CharField(max_length=300, null=True, description="Where it shows itself.")

    class Meta:
        table = "competitor"
        indexes = (Index(fields=("created_at", "id")),)


class Opportunity(Record):
    """A deal that may be won: with whom, about what, how much, how likely, and by when."""

    prefix = "opp"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_WRITE, owner="owner_id")

    external_id = fields.CharField(
        max_length=120, null=True, unique=True, description="What another system calls it; unique."
    )
    name = fields.CharField(max_length=300, description="What people call the deal.")
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="opportunities", on_delete=fields.RESTRICT, description="Who may buy."
    )
    customer_id: UUID
    contact: fields.ForeignKeyNullableRelation[Contact] = fields.ForeignKeyField(
        Contact, related_name="opportunities", null=True, on_delete=fields.SET_NULL, description="Whom we deal with."
    )
    contact_id: UUID | None
    pipeline: fields.ForeignKeyRelation[Pipeline] = fields.ForeignKeyField(
        Pipeline, related_name="opportunities", on_delete=fields.RESTRICT, description="The pipeline it runs through."
    )
    pipeline_id: UUID
    stage: fields.ForeignKeyRelation[Stage] = fields.ForeignKeyField(
        Stage, related_name="opportunities", on_delete=fields.RESTRICT, description="Where it stands."
    )
    stage_id: UUID
    status = fields.CharField(max_length=4, description="Open, won or lost: the kind of its stage.")
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="opportunities", null=True, on_delete=fields.SET_NULL, description="Whose deal it is."
    )
    owner_id: UUID | None
    currency = fields.CharField(max_length=3, description="ISO 4217 code of every amount of the deal.")
    amount = fields.DecimalField(
        max_digits=18, decimal_places=3, default=0, description="What it is worth: the sum of its lines, unless set."
    )
    amount_is_set = fields.BooleanField(default=False, description="Whether the amount was set by hand.")
    probability = fields.DecimalField(max_digits=5, decimal_places=4, description="How likely a win is, 0 to 1.")
    probability_is_set = fields.BooleanField(default=False, description="Whether it was set by hand for this stage.")
    forecast_category = fields.CharField(max_length=10, description="Where the forecast counts it.")
    source = fields.CharField(max_length=20, null=True, description="The way by which it came to us.")
    close_date = fields.DateField(description="When it is expected to close, or did.")
    close_date_pushes = fields.SmallIntField(default=0, description="How often the close date was put off.")
    opened_at = fields.DatetimeField(description="When the deal began (UTC).")
    stage_entered_at = fields.DatetimeField(description="When it came to its stage (UTC).")
    closed_at = fields.DatetimeField(null=True, description="When it was won or lost (UTC).")
    close_reason: fields.ForeignKeyNullableRelation[CloseReason] = fields.ForeignKeyField(
        CloseReason, related_name="opportunities", null=True, on_delete=fields.RESTRICT, description="Why it closed so."
    )
    close_reason_id: UUID | None
    close_note = fields.TextField(null=True, description="What is to be learned from how it closed.")
    next_step = fields.CharField(max_length=300, null=True, description="What is to be done next.")

    class Meta:
        table = "opportunity"
        indexes = (
            Index(fields=("customer_id", "created_at", "id")),
            Index(fields=("stage_id", "close_date", "id")),
            Index(fields=("owner_id", "close_date", "id")),
            Index(fields=("owner_id", "created_at", "id")),
            Index(fields=("close_date", "id")),
            Index(fields=("amount", "id")),
            Index(fields=("name", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("opened_at", "id")),
            Index(fields=("closed_at", "id")),
            Index(fields=("stage_entered_at", "id")),
        )
        constraints = (
            CheckConstraint(check="amount >= 0", name="opportunity_amount_not_negative"),
            CheckConstraint(
                check="(status = 'open' AND closed_at IS NULL AND probability BETWEEN 0 AND 1) "
                "OR (status = 'won' AND closed_at IS NOT NULL AND probability = 1) "
                "OR (status = 'lost' AND closed_at IS NOT NULL AND probability = 0 AND close_reason_id IS NOT NULL)",
                name="opportunity_outcome_fits",
            ),
        )


class OpportunityLine(Record):
    """One product that a deal is about, with quantity, price and what the line comes to."""

    prefix = "oln"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_WRITE, whole=("opportunity_id", Opportunity))

    opportunity: fields.ForeignKeyRelation[Opportunity] = fields.ForeignKeyField(
        Opportunity, related_name="lines", on_delete=fields.CASCADE, description="The deal it is part of."
    )
    opportunity_id: UUID
    position = fields.IntField(description="Its place in the deal, from 1.")
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="opportunity_lines", on_delete=fields.RESTRICT, description="What would be bought."
    )
    product_id: UUID
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="How many units; above zero.")
    unit_price = fields.DecimalField(max_digits=18, decimal_places=3, description="The price asked for one unit.")
    discount = fields.DecimalField(
        max_digits=5, decimal_places=4, default=0, description="The share that is taken off, 0 to 1."
    )
    amount = fields.DecimalField(max_digits=18, decimal_places=3, description="Quantity times price less discount.")

    class Meta:
        table = "opportunity_line"
        indexes = (Index(fields=("product_id", "id")),)
        constraints = (
            UniqueConstraint(fields=("opportunity_id", "position"), name="opportunity_line_position_once"),
            CheckConstraint(
                check="quantity > 0 AND unit_price >= 0 AND discount BETWEEN 0 AND 1 AND amount >= 0",
                name="opportunity_line_in_range",
            ),
        )


class OpportunityCompetitor(Record):
    """That a competitor is after the same deal."""

    prefix = "oco"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_WRITE, whole=("opportunity_id", Opportunity))

    opportunity: fields.ForeignKeyRelation[Opportunity] = fields.ForeignKeyField(
        Opportunity, related_name="competitors", on_delete=fields.CASCADE, description="The deal."
    )
    opportunity_id: UUID
    competitor: fields.ForeignKeyRelation[Competitor] = fields.ForeignKeyField(
        Competitor, related_name="opportunities", on_delete=fields.RESTRICT, description="Who else is after it."
    )
    competitor_id: UUID
    note = fields.CharField(max_length=300, null=True, description="What they offer, as far as we know.")

    class Meta:
        table = "opportunity_competitor"
        indexes = (Index(fields=("competitor_id", "created_at", "id")),)
        constraints = (
            UniqueConstraint(fields=("opportunity_id", "competitor_id"), name="opportunity_competitor_once"),
        )


class StageHistory(Record):
    """A stay of an opportunity in a stage: since when, until when, and what was thought of it on entering.

    The stays of an opportunity follow one another without gap or overlap; just one is open, that of its stage.
    """

    prefix = "sth"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_WRITE, whole=("opportunity_id", Opportunity))

    opportunity: fields.ForeignKeyRelation[Opportunity] = fields.ForeignKeyField(
        Opportunity, related_name="history", on_delete=fields.CASCADE, description="The deal."
    )
    opportunity_id: UUID
    sequence = fields.IntField(description="1 for its first stay, 2 for the next, …")
    from_stage: fields.ForeignKeyNullableRelation[Stage] = fields.ForeignKeyField(
        Stage, related_name="left", null=True, on_delete=fields.RESTRICT, description="Whence it came."
    )
    from_stage_id: UUID | None
    stage: fields.ForeignKeyRelation[Stage] = fields.ForeignKeyField(
        Stage, related_name="history", on_delete=fields.RESTRICT, description="The stage it was in."
    )
    stage_id: UUID
    entered_at = fields.DatetimeField(description="When it came (UTC).")
    left_at = fields.DatetimeField(null=True, description="When it left (UTC); empty while it is there.")
    visit = fields.SmallIntField(default=1, description="1 for its first stay in this stage, 2 for the next, …")
    advanced_at = fields.DatetimeField(
        null=True, description="When it first came to a later stage, or was won, after this (UTC); empty: not yet."
    )
    amount = fields.DecimalField(max_digits=18, decimal_places=3, description="Its amount on entering.")
    probability = fields.DecimalField(max_digits=5, decimal_places=4, description="Its probability on entering.")
    close_date = fields.DateField(description="Its close date on entering.")
    forecast_category = fields.CharField(max_length=10, description="Its forecast category on entering.")
    moved_by: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="moves", null=True, on_delete=fields.SET_NULL, description="Who moved it; empty: the system."
    )
    moved_by_id: UUID | None
    note = fields.TextField(null=True, description="How the exit criteria were met, or why stages were skipped.")

    class Meta:
        table = "opportunity_stage_history"
        indexes = (Index(fields=("stage_id", "entered_at", "id")), Index(fields=("entered_at", "id")))
        constraints = (
            UniqueConstraint(fields=("opportunity_id", "sequence"), name="opportunity_stage_history_sequence_once"),
            CheckConstraint(check="left_at >= entered_at", name="opportunity_stage_history_runs_forward"),
        )


class ForecastSnapshot(Record):
    """What the pipeline promised for a period, frozen on a day, and scored once the period is over."""

    prefix = "fcs"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_WRITE)

    grain = fields.CharField(max_length=10, description="Month or quarter.")
    period_start = fields.DateField(description="The first day of the period that is forecast.")
    period_end = fields.DateField(description="The day after its last.")
    taken_at = fields.DatetimeField(description="When it was frozen (UTC).")
    taken_on = fields.DateField(description="The day it was frozen (UTC); one snapshot a day and period.")
    scored_at = fields.DatetimeField(null=True, description="When it was compared with what came (UTC).")
    scores: Any = fields.JSONField(
        null=True, description="By currency: WAPE and bias of commit, best case and weighted; empty until scored."
    )

    class Meta:
        table = "forecast_snapshot"
        indexes = (Index(fields=("taken_at", "id")), Index(fields=("period_start", "id")))
        constraints = (
            UniqueConstraint(fields=("grain", "period_start", "taken_on"), name="forecast_snapshot_once_a_day"),
        )


class ForecastLine(Record):
    """One owner's part of a forecast snapshot in one currency: what was won, committed, hoped for, and what came."""

    prefix = "fcl"
    guard = Guard(read=Permission.PIPELINE_READ, write=Permission.PIPELINE_WRITE, owner="owner_id")

    snapshot: fields.ForeignKeyRelation[ForecastSnapshot] = fields.ForeignKeyField(
        ForecastSnapshot, related_name="lines", on_delete=fields.CASCADE, description="The snapshot it is part of."
    )
    snapshot_id: UUID
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User,
        related_name="forecast_lines",
        null=True,
        on_delete=fields.SET_NULL,
        description="Whose deals; or nobody's.",
    )
    owner_id: UUID | None
    currency = fields.CharField(max_length=3, description="ISO 4217 code of its amounts.")
    opportunity_count = fields.IntField(description="How many open deals were expected to close in the period.")
    closed = fields.DecimalField(max_digits=18, decimal_places=3, description="What was won in the period by then.")
    commit = fields.DecimalField(max_digits=18, decimal_places=3, description="Open deals in the category commit.")
    best_case = fields.DecimalField(
        max_digits=18, decimal_places=3, description="Open deals in the category best case."
    )
    pipeline = fields.DecimalField(max_digits=18, decimal_places=3, description="Open deals in the category pipeline.")
    weighted = fields.DecimalField(
        max_digits=18, decimal_places=3, description="Open deals of these categories, each times its probability."
    )
    actual = fields.DecimalField(
        max_digits=18, decimal_places=3, null=True, description="What was won in the whole period; empty until scored."
    )

    class Meta:
        table = "forecast_line"
        indexes = (Index(fields=("snapshot_id", "id")), Index(fields=("owner_id", "id")))
