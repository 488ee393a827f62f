"""Activities as the graph shows them."""

from datetime import datetime

import strawberry

from api.access.types import User
from api.customers.types import Contact, Customer
from api.graph.aggregates import aggregate_of
from api.graph.connections import Node
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.leads.types import Lead
from api.pipeline.types import Opportunity
from domain.activities import models
from domain.activities.rules import ActivityKind, ActivityState

word_enum(
    ActivityKind,
    "ActivityKind",
    "In what way something is done with a customer.",
    VISIT="We meet in person.",
    CALL="We talk on the telephone.",
    ONLINE="We meet online.",
    EMAIL="We write.",
    TASK="There is something to do for them.",
)
word_enum(
    ActivityState,
    "ActivityState",
    "Whether it is still to be done, and what became of it.",
    PLANNED="It is to be done.",
    DONE="It was done.",
    CANCELLED="It was called off.",
    NO_SHOW="The other side did not come.",
)


@entity(models.Activity, order=("-dueAt",), search=("subject", "note", "outcome"))
class Activity(Node):
    """A visit, call, online meeting, e-mail or task: planned, then done, called off, or missed."""

    id: strawberry.ID = identity()
    kind: ActivityKind = column(filter=True, group=True)
    state: ActivityState = column(filter=True, group=True)
    subject: str = column(filter=True)
    note: str | None = column()
    outcome: str | None = column()
    due_at: datetime = column(filter=True, order=True, group=True)
    duration_minutes: int | None = column(filter=True, measure=True)
    done_at: datetime | None = column(filter=True, order=True)
    owner: User | None = to_one("owner_id", nullable=True, filter=True, group=True, description="Who does it.")
    customer: Customer | None = to_one("customer_id", nullable=True, filter=True, description="With which customer.")
    contact: Contact | None = to_one("contact_id", nullable=True, description="With whom there.")
    lead: Lead | None = to_one("lead_id", nullable=True, filter=True, description="With which lead.")
    opportunity: Opportunity | None = to_one(
        "opportunity_id", nullable=True, filter=True, description="About which deal."
    )
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()


ActivityWhere = where_input("ActivityWhere", Activity)
ActivityOrderBy = order_input("ActivityOrderBy", Activity)


@aggregate_of(
    Activity,
    numbers="ActivityNumbers",
    bounds="ActivityBounds",
    group="ActivityGroup",
    key="ActivityGroupKey",
    by="ActivityGroupBy",
)
class ActivityAggregate:
    """What activities come to: how many, and how long they took, the whole or by groups."""
