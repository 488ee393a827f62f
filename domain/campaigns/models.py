"""Tables of campaigns: what was done to be noticed, for whom, at what cost, and whom it touched when."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from domain.access.models import User
from domain.customers.models import Customer
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.leads.models import Lead
from domain.segments.models import Segment


class Campaign(Record):
    """An effort to be noticed by certain people in a certain time, with a budget, and perhaps a holdout."""

    prefix = "cam"
    guard = Guard(read=Permission.CAMPAIGNS_READ, write=Permission.CAMPAIGNS_WRITE, owner="owner_id")

    name = fields.CharField(max_length=200, unique=True, description="What people call it; unique.")
    kind = fields.CharField(max_length=16, description="By which means.")
    state = fields.CharField(
        max_length=10, default="planned", description="Planned, active, paused, completed or cancelled."
    )
    starts_on = fields.DateField(description="The first day.")
    ends_on = fields.DateField(description="The last day.")
    currency = fields.CharField(max_length=3, description="ISO 4217 code of its budget and costs.")
    budget = fields.DecimalField(max_digits=18, decimal_places=3, default=0, description="What it may cost.")
    cost = fields.DecimalField(
        max_digits=18, decimal_places=3, default=0, description="What it cost: the sum of costs."
    )
    holdout_share = fields.DecimalField(
        max_digits=5, decimal_places=4, default=0, description="The share of members left alone to compare with."
    )
    segment: fields.ForeignKeyNullableRelation[Segment] = fields.ForeignKeyField(
        Segment, related_name="campaigns", null=True, on_delete=fields.RESTRICT, description="Whom it is meant for."
    )
    segment_id: UUID | None
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="campaigns", null=True, on_delete=fields.SET_NULL, description="Who answers for it."
    )
    owner_id: UUID | None
    note = fields.TextField(null=True, description="Whatever colleagues should know.")

    class Meta:
        table = "campaign"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("starts_on", "id")),
            Index(fields=("ends_on", "id")),
            Index(fields=("cost", "id")),
            Index(fields=("budget", "id")),
        )
        constraints = (
            CheckConstraint(
                check="ends_on >= starts_on AND budget >= 0 AND cost >= 0 AND holdout_share BETWEEN 0 AND 0.5",
                name="campaign_in_range",
            ),
        )


class CampaignCost(Record):
    """Money that a campaign cost, on a day, for something."""

    prefix = "cco"
    guard = Guard(read=Permission.CAMPAIGNS_READ, write=Permission.CAMPAIGNS_WRITE, whole=("campaign_id", Campaign))

    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        Campaign, related_name="costs", on_delete=fields.RESTRICT, description="The campaign."
    )
    campaign_id: UUID
    incurred_on = fields.DateField(description="The day it was spent.")
    amount = fields.DecimalField(max_digits=18, decimal_places=3, description="How much, in the campaign's currency.")
    description = fields.CharField(max_length=300, description="What for.")

    class Meta:
        table = "campaign_cost"
        indexes = (Index(fields=("campaign_id", "incurred_on", "id")),)
        constraints = (CheckConstraint(check="amount > 0", name="campaign_cost_positive"),)


class CampaignMember(Record):
    """A customer or a lead that a campaign is meant for: in the arm that is targeted, or in the one held out."""

    prefix = "cmb"
    guard = Guard(read=Permission.CAMPAIGNS_READ, write=Permission.CAMPAIGNS_WRITE, whole=("campaign_id", Campaign))

    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        Campaign, related_name="members", on_delete=fields.RESTRICT, description="The campaign."
    )
    campaign_id: UUID
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="campaign_members", null=True, on_delete=fields.RESTRICT, description="The customer."
    )
    customer_id: UUID | None
    lead: fields.ForeignKeyNullableRelation[Lead] = fields.ForeignKeyField(
        Lead, related_name="campaign_members", null=True, on_delete=fields.RESTRICT, description="The lead."
    )
    lead_id: UUID | None
    arm = fields.CharField(max_length=8, description="Targeted or holdout; drawn once, and kept.")

    class Meta:
        table = "campaign_member"
        indexes = (
            Index(fields=("campaign_id", "created_at", "id")),
            Index(fields=("customer_id", "id")),
            Index(fields=("lead_id", "id")),
        )
        constraints = (
            CheckConstraint(check="num_nonnulls(customer_id, lead_id) = 1", name="campaign_member_is_somebody"),
        )


class Touchpoint(Record):
    """One time that a campaign reached somebody: append-only, and recorded once, by the key of whoever tells of it."""

    prefix = "tch"
    guard = Guard(read=Permission.CAMPAIGNS_READ, write=Permission.CAMPAIGNS_WRITE, whole=("campaign_id", Campaign))

    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        Campaign, related_name="touchpoints", on_delete=fields.RESTRICT, description="The campaign."
    )
    campaign_id: UUID
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="touchpoints", null=True, on_delete=fields.RESTRICT, description="The customer."
    )
    customer_id: UUID | None
    lead: fields.ForeignKeyNullableRelation[Lead] = fields.ForeignKeyField(
        Lead, related_name="touchpoints", null=True, on_delete=fields.RESTRICT, description="The lead."
    )
    lead_id: UUID | None
    kind = fields.CharField(max_length=12, description="Sent, opened, clicked, visited, attended or responded.")
    occurred_at = fields.DatetimeField(description="When it happened (UTC).")
    external_id = fields.CharField(
        max_length=120, unique=True, description="What the system that tells of it calls it; unique."
    )

    class Meta:
        table = "touchpoint"
        indexes = (
            Index(fields=("campaign_id", "occurred_at", "id")),
            Index(fields=("customer_id", "occurred_at", "id")),
            Index(fields=("lead_id", "occurred_at", "id")),
            Index(fields=("occurred_at", "id")),
        )
        constraints = (CheckConstraint(check="num_nonnulls(customer_id, lead_id) = 1", name="touchpoint_is_somebodys"),)
