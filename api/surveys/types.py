"""Surveys and their answers as the graph shows them."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.customers.types import Customer
from api.feedback.types import FeedbackItem
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.orders.types import Order
from domain.surveys import models
from domain.surveys.rules import SurveyKind, SurveyState

word_enum(
    SurveyKind,
    "SurveyKind",
    "What a survey measures, and so on which scale it is answered.",
    NPS="Net promoter score: would you recommend us, 0 to 10.",
    CSAT="Customer satisfaction: how satisfied are you, 1 to 5.",
    CES="Customer effort: it was easy for me, 1 (not at all) to 7 (entirely).",
)
word_enum(
    SurveyState,
    "SurveyState",
    "Where a survey stands.",
    DRAFT="It is being written; everything of it may change.",
    FIELDING="It is being asked; its kind and question are frozen.",
    CLOSED="It takes no more answers, and stays so.",
)


@entity(models.Survey, order=("-createdAt",))
class Survey(Node):
    """A question that is asked of many customers in the same words, with a scale to answer on."""

    id: strawberry.ID = identity()
    name: str = column(filter=True, order=True)
    kind: SurveyKind = column(filter=True)
    question: str = column(filter=True)
    state: SurveyState = column(filter=True)
    opened_at: datetime | None = column(filter=True)
    closed_at: datetime | None = column(filter=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    responses: Connection[Annotated["SurveyResponse", strawberry.lazy("api.surveys.types")]] = to_many(
        "survey_id", order=("-respondedAt",), filter=True, description="What was answered, the newest first."
    )
    responses_aggregate: Annotated["SurveyResponseAggregate", strawberry.lazy("api.surveys.types")] = aggregate(
        "responses", description="How many answered, and with which scores."
    )


@entity(models.SurveyResponse, order=("-respondedAt",))
class SurveyResponse(Node):
    """One customer's answer to a survey: a score, perhaps with words, which become a feedback item."""

    id: strawberry.ID = identity()
    survey: Survey = to_one("survey_id", filter=True, group=True, description="What was asked.")
    score: int = column(filter=True, measure=True, group=True)
    customer: Customer | None = to_one(
        "customer_id", nullable=True, filter=True, group=True, description="Who answered; null where nobody knows."
    )
    order: Order | None = to_one(
        "order_id", nullable=True, filter=True, description="The order that was asked about, if it was one."
    )
    feedback_item: FeedbackItem | None = to_one(
        "feedback_item_id", nullable=True, filter=True, description="The words that came with it, if there were any."
    )
    responded_at: datetime = column(filter=True, order=True, measure=True, group=True)
    created_at: datetime = column()


SurveyWhere = where_input("SurveyWhere", Survey)
SurveyOrderBy = order_input("SurveyOrderBy", Survey)
SurveyResponseWhere = where_input("SurveyResponseWhere", SurveyResponse)
SurveyResponseOrderBy = order_input("SurveyResponseOrderBy", SurveyResponse)


@aggregate_of(
    SurveyResponse,
    numbers="SurveyResponseNumbers",
    bounds="SurveyResponseBounds",
    group="SurveyResponseGroup",
    key="SurveyResponseGroupKey",
    by="SurveyResponseGroupBy",
)
class SurveyResponseAggregate:
    """What answers come to: how many, and their scores, the whole or by groups."""
