"""Tables of attribution: which campaigns the won revenue is credited to, and what they brought in by that reckoning."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from domain.campaigns.models import Campaign
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.pipeline.models import Opportunity


class AttributionCredit(Record):
    """The part of a won deal that a model credits to a campaign, or to none where nothing touched the customer.

    The credits of a deal in a model add up to its amount, to the minor unit.
    """

    prefix = "crd"
    guard = Guard(read=Permission.ATTRIBUTION_READ, write=Permission.ATTRIBUTION_WRITE)

    model = fields.CharField(max_length=12, description="First, last, linear, position or time decay.")
    opportunity: fields.ForeignKeyRelation[Opportunity] = fields.ForeignKeyField(
        Opportunity, related_name="credits", on_delete=fields.CASCADE, description="The deal that was won."
    )
    opportunity_id: UUID
    campaign: fields.ForeignKeyNullableRelation[Campaign] = fields.ForeignKeyField(
        Campaign, related_name="credits", null=True, on_delete=fields.CASCADE, description="The campaign; or none."
    )
    campaign_id: UUID | None
    touches = fields.IntField(description="How many of its touchpoints lie on the way to the deal.")
    won_at = fields.DatetimeField(description="When the deal was won (UTC).")
    currency = fields.CharField(max_length=3, description="ISO 4217 code of the amounts.")
    revenue = fields.DecimalField(max_digits=18, decimal_places=3, description="The part of the deal's amount.")
    margin = fields.DecimalField(max_digits=18, decimal_places=3, description="The same part of the deal's margin.")

    class Meta:
        table = "attribution_credit"
        indexes = (
            Index(fields=("opportunity_id", "id")),
            Index(fields=("campaign_id", "model", "won_at", "id")),
            Index(fields=("won_at", "id")),
        )


class CampaignResult(Record):
    """What a campaign brought in by a model: credited revenue and margin, its cost, and the return on margin."""

    prefix = "cre"
    guard = Guard(read=Permission.ATTRIBUTION_READ, write=Permission.ATTRIBUTION_WRITE)

    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        Campaign, related_name="results", on_delete=fields.CASCADE, description="The campaign."
    )
    campaign_id: UUID
    model = fields.CharField(max_length=12, description="First, last, linear, position or time decay.")
    currency = fields.CharField(max_length=3, description="ISO 4217 code of the amounts: the campaign's.")
    deals = fields.IntField(description="How many won deals it has a part in.")
    revenue = fields.DecimalField(max_digits=18, decimal_places=3, description="The revenue credited to it.")
    margin = fields.DecimalField(max_digits=18, decimal_places=3, description="The margin credited to it.")
    cost = fields.DecimalField(max_digits=18, decimal_places=3, description="What it had cost by then.")
    return_on_margin = fields.FloatField(null=True, description="(Margin - cost) / cost; empty without a cost.")
    computed_at = fields.DatetimeField(description="When it was computed (UTC).")

    class Meta:
        table = "campaign_result"
        indexes = (
            Index(fields=("model", "revenue", "id")),
            Index(fields=("revenue", "id")),
        )


class HoldoutEffect(Record):
    """What a campaign really changed: revenue a member, targeted less held out, with its confidence interval."""

    prefix = "hol"
    guard = Guard(read=Permission.ATTRIBUTION_READ, write=Permission.ATTRIBUTION_WRITE)

    campaign: fields.ForeignKeyRelation[Campaign] = fields.ForeignKeyField(
        Campaign, related_name="holdout_effects", on_delete=fields.CASCADE, description="The campaign."
    )
    campaign_id: UUID
    currency = fields.CharField(max_length=3, description="ISO 4217 code of the amounts: the campaign's.")
    period_start = fields.DateField(description="The first day whose orders count.")
    period_end = fields.DateField(description="The day after the last.")
    targeted_count = fields.IntField(description="Members who were targeted.")
    holdout_count = fields.IntField(description="Members who were held out.")
    targeted_mean = fields.FloatField(description="Revenue a targeted member.")
    holdout_mean = fields.FloatField(description="Revenue a held-out member.")
    difference = fields.FloatField(description="The first less the second.")
    low = fields.FloatField(null=True, description="The lower end of its 95 % interval (Welch).")
    high = fields.FloatField(null=True, description="The upper end of its 95 % interval (Welch).")
    p_value = fields.FloatField(null=True, description="How likely such a difference is by chance (two-sided Welch t).")
    computed_at = fields.DatetimeField(description="When it was computed (UTC).")

    class Meta:
        table = "holdout_effect"
        constraints = (CheckConstraint(check="period_end > period_start", name="holdout_effect_period_runs"),)
