"""Segments and their members as the graph shows them, with their root fields."""

from datetime import datetime
from typing import Annotated

import strawberry

from api.customers.types import Customer
from api.graph.connections import Connection, Node, many, one, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.scalars import JSON
from domain.segments import models
from domain.segments.rules import SegmentField, SegmentOperator

word_enum(
    SegmentField,
    "SegmentField",
    "What of a customer a condition looks at.",
    KIND="Company or person: company, person.",
    COUNTRY="The country of the main address, as ISO 3166-1 alpha-2.",
    CITY="The town of the main address.",
    INDUSTRY="What trade a company is in.",
    DAYS_KNOWN="How many days ago the customer was taken in.",
    ORDER_COUNT="How many orders were placed; drafts and cancelled ones do not count.",
    REVENUE="What those orders come to in one currency.",
    DAYS_SINCE_ORDER="How many days ago the latest order was placed; unknown where there is none.",
    OPEN_DEAL_COUNT="How many deals are still to be decided.",
    WON_DEAL_COUNT="How many deals were won.",
    FEEDBACK_COUNT="How many items of feedback came.",
    SENTIMENT="The mean mood of that feedback, -1 to 1; unknown where none was read.",
    PROMOTER_SCORE="The latest answer to a promoter survey, 0 to 10; unknown where there is none.",
)
word_enum(
    SegmentOperator,
    "SegmentOperator",
    "How a condition compares.",
    IN="It is one of the values.",
    NOT_IN="It is none of the values, or unknown.",
    LESS_THAN="It is below the value.",
    AT_MOST="It is the value or below.",
    AT_LEAST="It is the value or above.",
    MORE_THAN="It is above the value.",
    IS_KNOWN="There is something to compare; without values.",
    IS_UNKNOWN="There is nothing to compare; without values.",
)


@entity(models.Segment, order=("name",))
class Segment(Node):
    """Customers who have something in common, said as a predicate that is saved, and evaluated anew by a job."""

    id: strawberry.ID = identity()
    name: str = column(filter=True, order=True)
    description: str | None = column()
    predicate: JSON = column(
        description="What its customers have in common, in the form of `SegmentPredicateInput`, words in lower case."
    )
    predicate_version: int = column()
    member_count: int = column(order=True)
    refreshed_at: datetime | None = column()
    created_at: datetime = column(order=True)
    updated_at: datetime = column()
    version: int = column()
    members: Connection[Annotated["SegmentMember", strawberry.lazy("api.segments.types")]] = to_many(
        "segment_id", order=("-joinedAt",), filter=True, description="Who belongs, or belonged, the latest first."
    )


@entity(models.SegmentMember, order=("-joinedAt",))
class SegmentMember(Node):
    """That a customer belongs, or belonged, to a segment: since when, and until when."""

    id: strawberry.ID = identity()
    segment: Segment = to_one("segment_id", filter=True, description="The segment.")
    customer: Customer | None = to_one(
        "customer_id", nullable=True, filter=True, description="The customer; null if hidden from you."
    )
    joined_at: datetime = column(filter=True, order=True)
    left_at: datetime | None = column(filter=True)


SegmentWhere = where_input("SegmentWhere", Segment)
SegmentOrderBy = order_input("SegmentOrderBy", Segment)
SegmentMemberWhere = where_input("SegmentMemberWhere", SegmentMember)
SegmentMemberOrderBy = order_input("SegmentMemberOrderBy", SegmentMember)


@strawberry.type
class SegmentQueries:
    segments: Connection[Segment] = many(description="All segments, by name unless ordered otherwise.")
    segment: Segment | None = one(description="One segment by id.")
