"""Feedback and its themes as the graph shows them."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.catalog.types import Product
from api.customers.types import Customer
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, expression, identity, money, one_back, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from api.orders.types import Order
from domain.feedback import models
from domain.feedback.rules import FeedbackSource, SentimentLabel

if TYPE_CHECKING:
    from api.improvement.types import ImprovementCycle
    from api.surveys.types import SurveyResponse

word_enum(
    FeedbackSource,
    "FeedbackSource",
    "The way by which a customer's word reached us.",
    SURVEY="An answer to a question that we asked.",
    CASE="A call for help, a complaint, a ticket.",
    REVIEW="An opinion published for others to read.",
    REPRESENTATIVE="Told to one of our people, who wrote it down.",
    SUGGESTION="An idea of how we could do better.",
)
word_enum(
    SentimentLabel,
    "SentimentLabel",
    "Whether the words are those of a content customer.",
    POSITIVE="The customer is pleased.",
    NEUTRAL="Neither pleased nor displeased, or both.",
    NEGATIVE="The customer is displeased.",
)


@entity(models.FeedbackItem, order=("-receivedAt",), search=("text", "externalId"))
class FeedbackItem(Node):
    """One thing that one customer said at one time, in their own words, and how it was read."""

    id: strawberry.ID = identity()
    external_id: str | None = column(filter=True, order=True)
    source: FeedbackSource = column(filter=True, group=True)
    text: str = column(filter=True)
    rating: int | None = column(filter=True, order=True, measure=True, group=True)
    customer: Customer | None = to_one(
        "customer_id", nullable=True, filter=True, group=True, description="Who said it, if known."
    )
    product: Product | None = to_one(
        "product_id", nullable=True, filter=True, group=True, description="What it is about, if known."
    )
    order: Order | None = to_one("order_id", nullable=True, filter=True, description="The order it is about, if known.")
    received_at: datetime = column(filter=True, order=True, measure=True, group=True)
    language: str | None = column(filter=True, group=True)
    sentiment: float | None = expression(
        "({t}.sentiment / 1000.0)::float8",
        "FloatField",
        nullable=True,
        filter=True,
        order=True,
        measure=True,
        description="-1 (bitter) to 1 (delighted); null until it is read, and where its language is not one we judge.",
    )
    sentiment_label: SentimentLabel | None = column(filter=True, group=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    themes: Connection[Annotated["FeedbackTheme", strawberry.lazy("api.feedback.types")]] = to_many(
        "id", through=("feedback_theme_item", "item_id", "theme_id"), filter=True, description="What it speaks of."
    )
    survey_response: Annotated["SurveyResponse", strawberry.lazy("api.surveys.types")] | None = one_back(
        "feedback_item_id", filter=True, description="The answer to a survey that it came with; null for the others."
    )


@entity(models.FeedbackTheme, order=("-itemCount",), search=("label", "phrases"))
class FeedbackTheme(Node):
    """What many customers keep talking about: a cluster of keyphrases that occur together, under one label."""

    id: strawberry.ID = identity()
    label: str = column(filter=True, order=True)
    language: str = column(filter=True, group=True)
    phrases: list[str] = column()
    item_count: int = column(filter=True, order=True, measure=True)
    mean_sentiment: float | None = expression(
        "({t}.sentiment_sum / 1000.0 / nullif({t}.scored_count, 0))::float8",
        "FloatField",
        nullable=True,
        filter=True,
        order=True,
        measure=True,
        description="The mean sentiment of its items, -1 to 1; null where none has one.",
    )
    retired_at: datetime | None = column(filter=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    quotes: Connection[FeedbackItem] = to_many(
        "id",
        through=("feedback_theme_item", "theme_id", "item_id", "quote_rank IS NOT NULL"),
        order=("-receivedAt",),
        description="A few items that speak for it best.",
    )
    items: Connection[FeedbackItem] = to_many(
        "id",
        through=("feedback_theme_item", "theme_id", "item_id"),
        order=("-receivedAt",),
        filter=True,
        description="All items that speak of it, the newest first.",
    )
    stakes: Connection[Annotated["FeedbackThemeStake", strawberry.lazy("api.feedback.types")]] = to_many(
        "theme_id",
        order=("currency",),
        filter=True,
        description="The revenue at stake, one record a currency, as of the last aggregation.",
    )
    improvement_cycles: Connection[Annotated["ImprovementCycle", strawberry.lazy("api.improvement.types")]] = to_many(
        "theme_id", order=("-proposedAt",), filter=True, description="What was done about it, the newest first."
    )
    items_aggregate: Annotated["FeedbackItemAggregate", strawberry.lazy("api.feedback.types")] = aggregate(
        "items", description="How much was said of it, and in what mood."
    )


@entity(models.FeedbackThemeStake, order=("currency",))
class FeedbackThemeStake(Node):
    """The revenue at stake in a theme, in one currency: what those who complain of it buy, and might still buy."""

    id: strawberry.ID = identity()
    theme: FeedbackTheme = to_one("theme_id", description="What they complain of.")
    currency: str = column(filter=True, order=True)
    customer_count: int = column(filter=True)
    ordered: Money = money("ordered", "currency", description="What these ordered in the last 365 days.")
    ordered_amount: Decimal = column(
        name="ordered", filter=True, description="What these ordered, without the currency, to filter by."
    )
    pipeline: Money = money("pipeline", "currency", description="Their open deals, each times its probability.")
    updated_at: datetime = column()


FeedbackItemWhere = where_input("FeedbackItemWhere", FeedbackItem)
FeedbackItemOrderBy = order_input("FeedbackItemOrderBy", FeedbackItem)
FeedbackThemeWhere = where_input("FeedbackThemeWhere", FeedbackTheme)
FeedbackThemeOrderBy = order_input("FeedbackThemeOrderBy", FeedbackTheme)

FeedbackThemeStakeWhere = where_input("FeedbackThemeStakeWhere", FeedbackThemeStake)
FeedbackThemeStakeOrderBy = order_input("FeedbackThemeStakeOrderBy", FeedbackThemeStake)


@aggregate_of(
    FeedbackItem,
    numbers="FeedbackItemNumbers",
    bounds="FeedbackItemBounds",
    group="FeedbackItemGroup",
    key="FeedbackItemGroupKey",
    by="FeedbackItemGroupBy",
)
class FeedbackItemAggregate:
    """What feedback comes to: how much was said, ratings and moods, the whole or by groups."""


@aggregate_of(
    FeedbackTheme,
    numbers="FeedbackThemeNumbers",
    bounds="FeedbackThemeBounds",
    group="FeedbackThemeGroup",
    key="FeedbackThemeGroupKey",
    by="FeedbackThemeGroupBy",
)
class FeedbackThemeAggregate:
    """What themes come to: how many, and how much is said of them, the whole or by groups."""
