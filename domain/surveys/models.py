"""Tables of surveys: questions that we ask customers, and the scores that they give."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.orders.models import Order


class Survey(Record):
    """A question that is asked of many customers in the same words, with a scale to answer on."""

    prefix = "srv"
    guard = Guard(read=Permission.SURVEYS_READ, write=Permission.SURVEYS_WRITE)

    name = fields.CharField(max_length=200, unique=True, description="What colleagues call it; unique.")
    kind = fields.CharField(max_length=4, description="Net promoter score, customer satisfaction or customer effort.")
    question = fields.CharField(max_length=500, description="The question in the words that customers read.")
    state = fields.CharField(max_length=10, default="draft", description="Draft, fielding or closed.")
    opened_at = fields.DatetimeField(null=True, description="When it began to be asked (UTC).")
    closed_at = fields.DatetimeField(null=True, description="When it was asked for the last time (UTC).")

    class Meta:
        table = "survey"
        indexes = (Index(fields=("created_at", "id")),)


class SurveyResponse(Record):
    """One customer's answer to a survey: a score, perhaps with words, which become a feedback item."""

    prefix = "srs"
    guard = Guard(read=Permission.SURVEYS_READ, write=Permission.SURVEYS_WRITE, whole=("customer_id", Customer))

    survey: fields.ForeignKeyRelation[Survey] = fields.ForeignKeyField(
        Survey, related_name="responses", on_delete=fields.RESTRICT, description="What was asked."
    )
    survey_id: UUID
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="survey_responses", null=True, on_delete=fields.RESTRICT, description="Who answered."
    )
    customer_id: UUID | None
    order: fields.ForeignKeyNullableRelation[Order] = fields.ForeignKeyField(
        Order,
        related_name="survey_responses",
        null=True,
        on_delete=fields.SET_NULL,
        description="The order asked about.",
    )
    order_id: UUID | None
    feedback_item: fields.ForeignKeyNullableRelation[FeedbackItem] = fields.OneToOneField(
        FeedbackItem, related_name="survey_response", null=True, on_delete=fields.SET_NULL, description="The words."
    )
    feedback_item_id: UUID | None
    score = fields.SmallIntField(description="The answer on the survey's scale.")
    responded_at = fields.DatetimeField(description="When it was answered (UTC).")

    class Meta:
        table = "survey_response"
        indexes = (
            Index(fields=("survey_id", "responded_at", "id")),
            Index(fields=("customer_id", "responded_at", "id")),
            Index(fields=("responded_at", "id")),
            Index(fields=("order_id", "id")),
        )
        constraints = (CheckConstraint(check="score BETWEEN 0 AND 10", name="survey_response_score_in_range"),)
