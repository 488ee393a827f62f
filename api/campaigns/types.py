"""Campaigns, with all that belongs to them, as the graph shows them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.access.types import User
from api.customers.types import Customer
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, many, one, to_many
from api.graph.entity import column, entity, identity, money, one_back, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from api.leads.types import Lead
from api.pipeline.types import Opportunity
from api.segments.types import Segment
from domain.attribution import models as attribution
from domain.attribution.rules import AttributionModel
from domain.campaigns import models
from domain.campaigns.rules import CampaignArm, CampaignKind, CampaignState, TouchKind

_CURRENCY = "(SELECT c.currency FROM campaign c WHERE c.id = {t}.campaign_id)"

word_enum(
    CampaignKind,
    "CampaignKind",
    "By which means a campaign reaches people.",
    EMAIL="Letters by e-mail.",
    EXHIBITION="A stand at a fair.",
    SOCIAL="Posts in social media.",
    ADVERTISING="Paid advertisements.",
    CONTENT="Articles, guides and films.",
    WEBINAR="A talk that people attend from afar.",
    TELEPHONE="Calls.",
    OTHER="Some other means.",
)
word_enum(
    CampaignState,
    "CampaignState",
    "How far a campaign is.",
    PLANNED="It has not begun.",
    ACTIVE="It runs.",
    PAUSED="It rests, and may go on.",
    COMPLETED="It ran to its end.",
    CANCELLED="It was called off.",
)
word_enum(
    CampaignArm,
    "CampaignArm",
    "Whether a member is reached, or left alone to compare with.",
    TARGETED="The campaign is to reach them.",
    HOLDOUT="They are left alone, so that what the campaign changed can be told.",
)
word_enum(
    TouchKind,
    "TouchKind",
    "How a campaign reached somebody.",
    SENT="Something was sent to them.",
    OPENED="They opened it.",
    CLICKED="They followed a link.",
    VISITED="They came to a page or a stand.",
    ATTENDED="They took part.",
    RESPONDED="They answered.",
)
word_enum(
    AttributionModel,
    "AttributionModel",
    "How the touches on the way to a win share its credit.",
    FIRST="All to the first.",
    LAST="All to the last.",
    LINEAR="To each the same.",
    POSITION="40 % each to the first and the last, 20 % to those between.",
    TIME_DECAY="Half as much for each week that a touch lies further back.",
)


@entity(models.Campaign, order=("-startsOn",), search=("name", "note"))
class Campaign(Node):
    """An effort to be noticed by certain people in a certain time, with a budget, and perhaps a holdout."""

    id: strawberry.ID = identity()
    name: str = column(filter=True)
    kind: CampaignKind = column(filter=True, group=True)
    state: CampaignState = column(filter=True, group=True)
    starts_on: date = column(filter=True, order=True)
    ends_on: date = column(filter=True, order=True)
    currency: str = column(filter=True, group=True)
    budget: Money = money("budget", "currency", measure=True, description="What it may cost.")
    cost: Money = money("cost", "currency", measure=True, description="What it cost so far: the sum of its costs.")
    holdout_share: Decimal = column()
    segment: Segment | None = to_one("segment_id", nullable=True, filter=True, description="Whom it is meant for.")
    owner: User | None = to_one("owner_id", nullable=True, filter=True, description="Who answers for it.")
    note: str | None = column()
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    costs: Connection[Annotated["CampaignCost", strawberry.lazy("api.campaigns.types")]] = to_many(
        "campaign_id", order=("-incurredOn",), description="What was spent, the latest first."
    )
    members: Connection[Annotated["CampaignMember", strawberry.lazy("api.campaigns.types")]] = to_many(
        "campaign_id", order=("createdAt",), filter=True, description="Whom it is meant for, in both arms."
    )
    members_aggregate: Annotated["CampaignMemberAggregate", strawberry.lazy("api.campaigns.types")] = aggregate(
        "members", description="How many members it has, by arm where asked for."
    )
    touchpoints: Connection[Annotated["Touchpoint", strawberry.lazy("api.campaigns.types")]] = to_many(
        "campaign_id", order=("-occurredAt",), filter=True, description="Whom it reached when, the latest first."
    )
    touchpoints_aggregate: Annotated["TouchpointAggregate", strawberry.lazy("api.campaigns.types")] = aggregate(
        "touchpoints", description="How often it reached people, by kind or period where asked for."
    )
    results: Connection[Annotated["CampaignResult", strawberry.lazy("api.campaigns.types")]] = to_many(
        "campaign_id",
        order=("-revenueValue",),
        filter=True,
        description="What it brought in, by each model of attribution.",
    )
    holdout_effect: Annotated["HoldoutEffect", strawberry.lazy("api.campaigns.types")] | None = one_back(
        "campaign_id", description="What it really changed, by comparison with the members held out."
    )


@entity(models.CampaignCost, order=("-incurredOn",))
class CampaignCost(Node):
    """Money that a campaign cost, on a day, for something."""

    id: strawberry.ID = identity()
    campaign: Campaign = to_one("campaign_id", description="The campaign.")
    incurred_on: date = column(filter=True, order=True)
    amount: Money = money("amount", _CURRENCY, description="How much.")
    description: str = column()


@entity(models.CampaignMember, order=("createdAt",))
class CampaignMember(Node):
    """A customer or a lead that a campaign is meant for: in the arm that is targeted, or in the one held out."""

    id: strawberry.ID = identity()
    campaign: Campaign = to_one("campaign_id", filter=True, description="The campaign.")
    customer: Customer | None = to_one(
        "customer_id", nullable=True, filter=True, description="The customer; or a lead."
    )
    lead: Lead | None = to_one("lead_id", nullable=True, filter=True, description="The lead; or a customer.")
    arm: CampaignArm = column(filter=True, group=True)
    created_at: datetime = column(order=True, measure=True)


@entity(models.Touchpoint, order=("-occurredAt",))
class Touchpoint(Node):
    """One time that a campaign reached somebody: append-only, and recorded once, by the key of whoever tells of it."""

    id: strawberry.ID = identity()
    campaign: Campaign = to_one("campaign_id", filter=True, group=True, description="The campaign.")
    customer: Customer | None = to_one("customer_id", nullable=True, filter=True, description="Whom; or a lead.")
    lead: Lead | None = to_one("lead_id", nullable=True, filter=True, description="Whom; or a customer.")
    kind: TouchKind = column(filter=True, group=True)
    occurred_at: datetime = column(filter=True, order=True, measure=True, group=True)
    external_id: str = column(filter=True)


@entity(attribution.CampaignResult, order=("-revenueValue",))
class CampaignResult(Node):
    """What a campaign brought in by a model: credited revenue and margin, its cost, and the return on margin."""

    id: strawberry.ID = identity()
    campaign: Campaign = to_one("campaign_id", filter=True, description="The campaign.")
    model: AttributionModel = column(filter=True)
    deal_count: int = column(name="deals")
    revenue: Money = money("revenue", "currency", description="The revenue credited to it.")
    revenue_value: Decimal = column(
        name="revenue", filter=True, order=True, description="That revenue without the currency, to sort by."
    )
    margin: Money = money("margin", "currency", description="The margin credited to it.")
    cost: Money = money("cost", "currency", description="What it had cost by then.")
    return_on_margin: float | None = column()
    computed_at: datetime = column()


@entity(attribution.AttributionCredit, order=("-wonAt",))
class AttributionCredit(Node):
    """The part of a won deal that a model credits to a campaign, or to none where nothing touched the customer."""

    id: strawberry.ID = identity()
    model: AttributionModel = column(filter=True, group=True)
    opportunity: Opportunity | None = to_one(
        "opportunity_id", nullable=True, filter=True, description="The deal that was won; null if hidden from you."
    )
    campaign: Campaign | None = to_one(
        "campaign_id", nullable=True, filter=True, group=True, description="The campaign; null for none."
    )
    touch_count: int = column(name="touches")
    won_at: datetime = column(filter=True, order=True, group=True)
    currency: str = column(filter=True, group=True)
    revenue: Money = money("revenue", "currency", measure=True, description="The part of the deal's amount.")
    margin: Money = money("margin", "currency", measure=True, description="The same part of the deal's margin.")


@entity(attribution.HoldoutEffect)
class HoldoutEffect(Node):
    """What a campaign really changed: revenue a member, targeted less held out, with its confidence interval."""

    id: strawberry.ID = identity()
    campaign: Campaign = to_one("campaign_id", description="The campaign.")
    currency: str = column()
    period_start: date = column()
    period_end: date = column()
    targeted_count: int = column()
    holdout_count: int = column()
    targeted_mean: float = column()
    holdout_mean: float = column()
    difference: float = column()
    low: float | None = column()
    high: float | None = column()
    p_value: float | None = column()
    computed_at: datetime = column()


CampaignWhere = where_input("CampaignWhere", Campaign)
CampaignOrderBy = order_input("CampaignOrderBy", Campaign)
CampaignCostWhere = where_input("CampaignCostWhere", CampaignCost)
CampaignCostOrderBy = order_input("CampaignCostOrderBy", CampaignCost)
CampaignMemberWhere = where_input("CampaignMemberWhere", CampaignMember)
CampaignMemberOrderBy = order_input("CampaignMemberOrderBy", CampaignMember)
TouchpointWhere = where_input("TouchpointWhere", Touchpoint)
TouchpointOrderBy = order_input("TouchpointOrderBy", Touchpoint)
CampaignResultWhere = where_input("CampaignResultWhere", CampaignResult)
CampaignResultOrderBy = order_input("CampaignResultOrderBy", CampaignResult)
AttributionCreditWhere = where_input("AttributionCreditWhere", AttributionCredit)
AttributionCreditOrderBy = order_input("AttributionCreditOrderBy", AttributionCredit)


@aggregate_of(
    Campaign,
    numbers="CampaignNumbers",
    bounds="CampaignBounds",
    group="CampaignGroup",
    key="CampaignGroupKey",
    by="CampaignGroupBy",
)
class CampaignAggregate:
    """What campaigns come to: how many, what they may cost and what they did, the whole or by groups."""


@aggregate_of(
    CampaignMember,
    bounds="CampaignMemberBounds",
    group="CampaignMemberGroup",
    key="CampaignMemberGroupKey",
    by="CampaignMemberGroupBy",
)
class CampaignMemberAggregate:
    """What members of campaigns come to: how many, the whole or by arm."""


@aggregate_of(
    Touchpoint,
    bounds="TouchpointBounds",
    group="TouchpointGroup",
    key="TouchpointGroupKey",
    by="TouchpointGroupBy",
)
class TouchpointAggregate:
    """What touches come to: how many, the whole or by groups."""


@aggregate_of(
    AttributionCredit,
    numbers="AttributionCreditNumbers",
    bounds="AttributionCreditBounds",
    group="AttributionCreditGroup",
    key="AttributionCreditGroupKey",
    by="AttributionCreditGroupBy",
)
class AttributionCreditAggregate:
    """What credits come to: how many, their revenue and margin, the whole or by groups."""


@strawberry.type
class CampaignQueries:
    campaigns: Connection[Campaign] = many(description="All campaigns, the latest first unless ordered otherwise.")
    campaign: Campaign | None = one(description="One campaign by id.")
    campaigns_aggregate: CampaignAggregate = aggregate(
        description="What all campaigns come to, the whole or by groups."
    )
    campaign_results: Connection[CampaignResult] = many(
        description="What campaigns brought in by models of attribution, the most revenue first; filter by `model`."
    )
    touchpoints: Connection[Touchpoint] = many(description="All touches, the latest first unless ordered otherwise.")
    touchpoints_aggregate: TouchpointAggregate = aggregate(
        description="What all touches come to, the whole or by groups."
    )
    attribution_credits: Connection[AttributionCredit] = many(
        description="All credits, the latest wins first; filter by `model`, or each win counts once a model."
    )
    attribution_credits_aggregate: AttributionCreditAggregate = aggregate(
        description="What credits come to, by campaign or period; filter by `model`, or each win counts once a model."
    )
