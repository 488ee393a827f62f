"""Pipelines, stages and opportunities as the graph shows them."""

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.access.types import User
from api.catalog.types import Product
from api.customers.types import Contact, Customer
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, expression, identity, money, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from domain.pipeline import models
from domain.pipeline.rules import CloseOutcome, ForecastCategory, LeadSource, OpportunityStatus

if TYPE_CHECKING:
    from api.activities.types import Activity
    from api.orders.quotes import Quote
    from api.orders.types import Order

_CURRENCY = "(SELECT o.currency FROM opportunity o WHERE o.id = {t}.opportunity_id)"

word_enum(
    OpportunityStatus,
    "OpportunityStatus",
    "Whether a deal is still to be decided, or how it was.",
    OPEN="It may still be won.",
    WON="The customer bought; the probability is 1.",
    LOST="The customer did not buy; the probability is 0, and there is a reason.",
)
word_enum(
    CloseOutcome,
    "CloseOutcome",
    "What a close reason explains.",
    WON="Why deals are won.",
    LOST="Why deals are lost.",
)
word_enum(
    ForecastCategory,
    "ForecastCategory",
    "Where a forecast counts a deal, as Salesforce has them.",
    PIPELINE="It is open, and nobody counts on it yet.",
    BEST_CASE="It may come in this period, if all goes well.",
    COMMIT="Its owner stands by it.",
    CLOSED="It is won.",
    OMITTED="It is lost, or left out of the forecast on purpose.",
)
word_enum(
    LeadSource,
    "LeadSource",
    "The way by which a lead, and so a deal, came to us.",
    WEBSITE="They came by our website.",
    REFERRAL="Somebody recommended us.",
    EXHIBITION="We met at an industry exhibition.",
    SOCIAL_MEDIA="They came by social media.",
    CAMPAIGN="A campaign of ours reached them.",
    PARTNER="A partner brought them.",
    OUTBOUND="We called or wrote to them first.",
    OTHER="Some other way.",
)


@entity(models.Pipeline, order=("createdAt",))
class Pipeline(Node):
    """A way of selling: an ordered row of stages that an opportunity passes from first talk to won or lost."""

    id: strawberry.ID = identity()
    name: str = column(filter=True)
    is_default: bool = column(filter=True)
    is_active: bool = column(filter=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    stages: Connection[Annotated["Stage", strawberry.lazy("api.pipeline.types")]] = to_many(
        "pipeline_id", order=("position",), filter=True, description="Its stages in their order."
    )


@entity(models.Stage, order=("position",))
class Stage(Node):
    """A step of a pipeline: what has been reached, how likely a win is from here, and what must be done to leave it."""

    id: strawberry.ID = identity()
    pipeline: Pipeline = to_one("pipeline_id", filter=True, description="The pipeline it belongs to.")
    position: int = column(filter=True, order=True)
    name: str = column(filter=True)
    kind: OpportunityStatus = column(filter=True)
    default_probability: Decimal = column(filter=True)
    forecast_category: ForecastCategory = column(filter=True)
    exit_criteria: str | None = column()
    updated_at: datetime = column()
    version: int = column()
    opportunities: Connection[Annotated["Opportunity", strawberry.lazy("api.pipeline.types")]] = to_many(
        "stage_id", order=("closeDate",), filter=True, description="The deals that are in it, the next to close first."
    )
    opportunities_aggregate: Annotated["OpportunityAggregate", strawberry.lazy("api.pipeline.types")] = aggregate(
        "opportunities", description="What the deals in it come to: a column of the pipeline board."
    )


@entity(models.CloseReason, order=("name",))
class CloseReason(Node):
    """Why opportunities are won or lost, in words that can be counted."""

    id: strawberry.ID = identity()
    outcome: CloseOutcome = column(filter=True, group=True)
    name: str = column(filter=True, order=True)
    is_active: bool = column(filter=True)
    updated_at: datetime = column()
    version: int = column()


@entity(models.Competitor, order=("createdAt",))
class Competitor(Node):
    """A company that sells to the same customers."""

    id: strawberry.ID = identity()
    name: str = column(filter=True)
    website: str | None = column()
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    opportunities: Connection[Annotated["OpportunityCompetitor", strawberry.lazy("api.pipeline.types")]] = to_many(
        "competitor_id", description="The deals that it is, or was, after."
    )


@entity(models.Opportunity, order=("-createdAt",), search=("name", "externalId", "nextStep"))
class Opportunity(Node):
    """A deal that may be won: with whom, about what, how much, how likely, and by when."""

    id: strawberry.ID = identity()
    external_id: str | None = column(filter=True)
    name: str = column(filter=True, order=True)
    customer: Customer | None = to_one(
        "customer_id", nullable=True, filter=True, group=True, description="Who may buy; null if hidden from you."
    )
    contact: Contact | None = to_one("contact_id", nullable=True, description="Whom we deal with there.")
    pipeline: Pipeline = to_one("pipeline_id", filter=True, group=True, description="The pipeline it runs through.")
    stage: Stage = to_one("stage_id", filter=True, group=True, description="Where it stands.")
    status: OpportunityStatus = column(filter=True, group=True)
    owner: User | None = to_one("owner_id", nullable=True, filter=True, group=True, description="Whose deal it is.")
    currency: str = column(filter=True, group=True)
    amount: Money = money("amount", "currency", measure=True, description="What it is worth.")
    amount_value: Decimal = column(
        name="amount", filter=True, order=True, description="What it is worth without the currency, to sort and filter."
    )
    amount_is_set: bool = column(filter=True)
    expected_revenue: Money = money(
        "{t}.amount * {t}.probability",
        "currency",
        measure=True,
        description="Amount times probability, Salesforce's ExpectedRevenue; summed up, the weighted pipeline.",
    )
    probability: Decimal = column(filter=True, measure=True)
    probability_is_set: bool = column(filter=True)
    forecast_category: ForecastCategory = column(filter=True, group=True)
    source: LeadSource | None = column(filter=True, group=True)
    close_date: date = column(filter=True, order=True)
    close_date_pushes: int = column(filter=True, measure=True)
    opened_at: datetime = column(filter=True, order=True, group=True)
    stage_entered_at: datetime = column(filter=True, order=True)
    closed_at: datetime | None = column(filter=True, order=True, group=True)
    close_reason: CloseReason | None = to_one(
        "close_reason_id", nullable=True, filter=True, group=True, description="Why it was won or lost."
    )
    close_note: str | None = column()
    next_step: str | None = column()
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    activities: Connection[Annotated["Activity", strawberry.lazy("api.activities.types")]] = to_many(
        "opportunity_id",
        order=("-dueAt",),
        filter=True,
        description="What was, or is to be, done for it, the latest first.",
    )
    lines: Connection[Annotated["OpportunityLine", strawberry.lazy("api.pipeline.types")]] = to_many(
        "opportunity_id", order=("position",), filter=True, description="What it is about, in its own sequence."
    )
    quotes: Connection[Annotated["Quote", strawberry.lazy("api.orders.quotes")]] = to_many(
        "opportunity_id", order=("-createdAt",), filter=True, description="What was offered for it, the newest first."
    )
    orders: Connection[Annotated["Order", strawberry.lazy("api.orders.types")]] = to_many(
        "opportunity_id", order=("-placedAt",), filter=True, description="What was bought of it, the newest first."
    )
    competitors: Connection[Annotated["OpportunityCompetitor", strawberry.lazy("api.pipeline.types")]] = to_many(
        "opportunity_id", filter=True, description="Who else is after it."
    )
    history: Connection[Annotated["StageHistory", strawberry.lazy("api.pipeline.types")]] = to_many(
        "opportunity_id", order=("sequence",), filter=True, description="Its stays in stages, the first first."
    )


@entity(models.OpportunityLine, order=("position",))
class OpportunityLine(Node):
    """One product that a deal is about, with quantity, price and what the line comes to."""

    id: strawberry.ID = identity()
    opportunity: Opportunity = to_one("opportunity_id", filter=True, description="The deal it is part of.")
    position: int = column(filter=True, order=True)
    product: Product = to_one("product_id", filter=True, description="What would be bought.")
    quantity: Decimal = column(filter=True)
    unit_price: Money = money("unit_price", _CURRENCY, description="The price asked for one unit.")
    discount: Decimal = column()
    amount: Money = money("amount", _CURRENCY, description="Quantity times price less discount, half-even.")


@entity(models.OpportunityCompetitor, order=("createdAt",))
class OpportunityCompetitor(Node):
    """That a competitor is after the same deal."""

    id: strawberry.ID = identity()
    opportunity: Opportunity = to_one("opportunity_id", filter=True, description="The deal.")
    competitor: Competitor = to_one("competitor_id", filter=True, description="Who else is after it.")
    note: str | None = column()
    created_at: datetime = column(order=True)


@entity(models.StageHistory, order=("sequence",))
class StageHistory(Node):
    """A stay of a deal in a stage. The stays follow one another without gap or overlap; just one is open."""

    id: strawberry.ID = identity()
    opportunity: Opportunity = to_one("opportunity_id", filter=True, description="The deal.")
    sequence: int = column(filter=True, order=True)
    from_stage: Stage | None = to_one("from_stage_id", nullable=True, description="Whence it came; null at first.")
    stage: Stage = to_one("stage_id", filter=True, description="The stage it was in.")
    entered_at: datetime = column(filter=True)
    left_at: datetime | None = column(filter=True)
    days: float = expression(
        "(extract(epoch FROM coalesce({t}.left_at, now()) - {t}.entered_at) / 86400)::float8",
        "FloatField",
        description="How long the stay was in days, until now while it lasts.",
    )
    amount: Money = money("amount", _CURRENCY, description="What the deal was worth on entering.")
    probability: Decimal = column()
    close_date: date = column()
    forecast_category: ForecastCategory = column()
    moved_by: User | None = to_one("moved_by_id", nullable=True, description="Who moved it; null: the system.")
    note: str | None = column()


PipelineWhere = where_input("PipelineWhere", Pipeline)
PipelineOrderBy = order_input("PipelineOrderBy", Pipeline)
StageWhere = where_input("StageWhere", Stage)
StageOrderBy = order_input("StageOrderBy", Stage)
CloseReasonWhere = where_input("CloseReasonWhere", CloseReason)
CloseReasonOrderBy = order_input("CloseReasonOrderBy", CloseReason)
CompetitorWhere = where_input("CompetitorWhere", Competitor)
CompetitorOrderBy = order_input("CompetitorOrderBy", Competitor)
OpportunityWhere = where_input("OpportunityWhere", Opportunity)
OpportunityOrderBy = order_input("OpportunityOrderBy", Opportunity)
OpportunityLineWhere = where_input("OpportunityLineWhere", OpportunityLine)
OpportunityLineOrderBy = order_input("OpportunityLineOrderBy", OpportunityLine)
OpportunityCompetitorWhere = where_input("OpportunityCompetitorWhere", OpportunityCompetitor)
OpportunityCompetitorOrderBy = order_input("OpportunityCompetitorOrderBy", OpportunityCompetitor)
StageHistoryWhere = where_input("StageHistoryWhere", StageHistory)
StageHistoryOrderBy = order_input("StageHistoryOrderBy", StageHistory)


@aggregate_of(
    Opportunity,
    numbers="OpportunityNumbers",
    bounds="OpportunityBounds",
    group="OpportunityGroup",
    key="OpportunityGroupKey",
    by="OpportunityGroupBy",
)
class OpportunityAggregate:
    """What deals come to: how many, their amounts, expected and in all, the whole or by groups."""
