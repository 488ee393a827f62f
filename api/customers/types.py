"""Customers and contacts as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.access.types import User
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from domain.customers import models
from domain.customers.rules import CustomerKind
from domain.kernel.permissions import Permission

if TYPE_CHECKING:
    from api.activities.types import Activity
    from api.feedback.types import FeedbackItem, FeedbackItemAggregate
    from api.orders.quotes import Quote
    from api.orders.types import Order, OrderAggregate
    from api.pipeline.types import Opportunity, OpportunityAggregate
    from api.surveys.types import SurveyResponse

word_enum(
    CustomerKind,
    "CustomerKind",
    "Whether a customer is an organisation or one person.",
    COMPANY="An organisation: a firm, a school, an office.",
    PERSON="One person who buys for themselves.",
)


@entity(
    models.Customer,
    order=("createdAt",),
    search=("name", "externalId", "email", "industry", "city", "note"),
)
class Customer(Node):
    """A company or a person who buys, or may one day buy."""

    id: strawberry.ID = identity()
    external_id: str | None = column(filter=True, order=True)
    kind: CustomerKind = column(filter=True, group=True)
    name: str = column(filter=True, order=True)
    email: str | None = column(filter=True, needs=Permission.CUSTOMERS_PERSONAL)
    phone: str | None = column(needs=Permission.CUSTOMERS_PERSONAL)
    industry: str | None = column(filter=True, order=True, group=True)
    city: str | None = column(filter=True, order=True, group=True)
    country: str | None = column(filter=True, order=True, group=True)
    note: str | None = column()
    owner: User | None = to_one("owner_id", nullable=True, filter=True, group=True, description="Who looks after them.")
    erased_at: datetime | None = column(filter=True)
    created_at: datetime = column(filter=True, order=True, measure=True, group=True)
    updated_at: datetime = column(filter=True)
    version: int = column()
    contacts: Connection[Annotated["Contact", strawberry.lazy("api.customers.types")]] = to_many(
        "customer_id", order=("name",), filter=True, description="The people to reach this customer by."
    )
    activities: Connection[Annotated["Activity", strawberry.lazy("api.activities.types")]] = to_many(
        "customer_id",
        order=("-dueAt",),
        filter=True,
        description="What was, or is to be, done with it, the latest first.",
    )
    opportunities: Connection[Annotated["Opportunity", strawberry.lazy("api.pipeline.types")]] = to_many(
        "customer_id", order=("-createdAt",), filter=True, description="The deals with this customer, the newest first."
    )
    opportunities_aggregate: Annotated["OpportunityAggregate", strawberry.lazy("api.pipeline.types")] = aggregate(
        "opportunities", description="What the deals with this customer come to."
    )
    quotes: Connection[Annotated["Quote", strawberry.lazy("api.orders.quotes")]] = to_many(
        "customer_id", order=("-createdAt",), filter=True, description="What was offered to them, the newest first."
    )
    orders: Connection[Annotated["Order", strawberry.lazy("api.orders.types")]] = to_many(
        "customer_id", order=("-placedAt",), filter=True, description="What this customer bought, the newest first."
    )
    orders_aggregate: Annotated["OrderAggregate", strawberry.lazy("api.orders.types")] = aggregate(
        "orders", description="What this customer's orders come to."
    )
    feedback: Connection[Annotated["FeedbackItem", strawberry.lazy("api.feedback.types")]] = to_many(
        "customer_id", order=("-receivedAt",), filter=True, description="What this customer said, the newest first."
    )
    feedback_aggregate: Annotated["FeedbackItemAggregate", strawberry.lazy("api.feedback.types")] = aggregate(
        "feedback", description="How much this customer said, and in what mood."
    )
    survey_responses: Connection[Annotated["SurveyResponse", strawberry.lazy("api.surveys.types")]] = to_many(
        "customer_id",
        order=("-respondedAt",),
        filter=True,
        description="How this customer answered our surveys, the newest first.",
    )


@entity(models.Contact, order=("name",), search=("name", "email", "title"))
class Contact(Node):
    """A person at a customer whom one can write to, call or visit."""

    id: strawberry.ID = identity()
    customer: Customer = to_one("customer_id", filter=True, description="Whose contact it is.")
    name: str = column(filter=True, order=True)
    title: str | None = column(filter=True)
    email: str | None = column(filter=True, needs=Permission.CUSTOMERS_PERSONAL)
    phone: str | None = column(needs=Permission.CUSTOMERS_PERSONAL)
    erased_at: datetime | None = column(filter=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()


CustomerWhere = where_input("CustomerWhere", Customer)
CustomerOrderBy = order_input("CustomerOrderBy", Customer)
ContactWhere = where_input("ContactWhere", Contact)
ContactOrderBy = order_input("ContactOrderBy", Contact)


@aggregate_of(
    Customer,
    bounds="CustomerBounds",
    group="CustomerGroup",
    key="CustomerGroupKey",
    by="CustomerGroupBy",
)
class CustomerAggregate:
    """What customers come to: how many, the whole or by groups."""
