"""Leads as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.access.types import User
from api.customers.types import Contact, Customer
from api.graph.aggregates import aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.pipeline.types import Opportunity
from domain.kernel.permissions import Permission
from domain.leads import models
from domain.leads.rules import LeadStatus
from domain.pipeline.rules import LeadSource

if TYPE_CHECKING:
    from api.activities.types import Activity

word_enum(
    LeadStatus,
    "LeadStatus",
    "How far a lead is.",
    NEW="Nobody has looked at it yet.",
    WORKING="Somebody is finding out whether it is worth it.",
    QUALIFIED="It is worth it, and can be converted.",
    DISQUALIFIED="It was given up, for a reason; it can be taken up again.",
    CONVERTED="It has become a customer, for good.",
)


@entity(
    models.Lead,
    order=("-createdAt",),
    search=("name", "company", "externalId", "email", "title", "industry", "city", "note"),
)
class Lead(Node):
    """Somebody who may become a customer."""

    id: strawberry.ID = identity()
    external_id: str | None = column(filter=True)
    name: str = column(filter=True, order=True)
    company: str | None = column(filter=True, order=True)
    title: str | None = column()
    email: str | None = column(filter=True, needs=Permission.CUSTOMERS_PERSONAL)
    phone: str | None = column(needs=Permission.CUSTOMERS_PERSONAL)
    industry: str | None = column(filter=True, group=True)
    city: str | None = column(filter=True)
    country: str | None = column(filter=True, group=True)
    source: LeadSource = column(filter=True, group=True)
    status: LeadStatus = column(filter=True, group=True)
    owner: User | None = to_one("owner_id", nullable=True, filter=True, group=True, description="Who works on it.")
    status_changed_at: datetime = column(filter=True, order=True)
    disqualify_reason: str | None = column()
    note: str | None = column()
    converted_at: datetime | None = column(filter=True)
    customer: Customer | None = to_one("customer_id", nullable=True, filter=True, description="The customer it became.")
    contact: Contact | None = to_one("contact_id", nullable=True, description="The contact it became.")
    opportunity: Opportunity | None = to_one(
        "opportunity_id", nullable=True, filter=True, description="The deal that it began, if it did."
    )
    erased_at: datetime | None = column(filter=True)
    created_at: datetime = column(filter=True, order=True, measure=True, group=True)
    updated_at: datetime = column()
    version: int = column()
    activities: Connection[Annotated["Activity", strawberry.lazy("api.activities.types")]] = to_many(
        "lead_id", order=("-dueAt",), filter=True, description="What was, or is to be, done with it, the latest first."
    )


LeadWhere = where_input("LeadWhere", Lead)
LeadOrderBy = order_input("LeadOrderBy", Lead)


@aggregate_of(Lead, bounds="LeadBounds", group="LeadGroup", key="LeadGroupKey", by="LeadGroupBy")
class LeadAggregate:
    """How many leads there are, the whole or by status, source, owner and period."""
