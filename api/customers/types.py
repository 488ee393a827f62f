"""Customers and contacts as the graph shows them."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from domain.customers import models
from domain.customers.queries import visible
from domain.customers.rules import CustomerKind

if TYPE_CHECKING:
    from api.feedback.types import FeedbackItem
    from api.orders.types import Order

word_enum(
    CustomerKind,
    "CustomerKind",
    "Whether a customer is an organisation or one person.",
    COMPANY="An organisation: a firm, a school, an office.",
    PERSON="One person who buys for themselves.",
)


@entity(models.Customer, visible=visible, order=("createdAt",))
class Customer(Node):
    """A company or a person who buys, or may one day buy."""

    id: strawberry.ID = identity()
    external_id: str | None = column(filter=True, order=True)
    kind: CustomerKind = column(filter=True)
    name: str = column(filter=True, order=True)
    email: str | None = column(filter=True)
    phone: str | None = column()
    industry: str | None = column(filter=True, order=True)
    city: str | None = column(filter=True, order=True)
    country: str | None = column(filter=True, order=True)
    note: str | None = column()
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column(filter=True)
    version: int = column()
    contacts: Connection[Annotated["Contact", strawberry.lazy("api.customers.types")]] = to_many(
        "customer_id", order=("name",), filter=True, description="The people to reach this customer by."
    )
    orders: Connection[Annotated["Order", strawberry.lazy("api.orders.types")]] = to_many(
        "customer_id", order=("-placedAt",), filter=True, description="What this customer bought, the newest first."
    )
    feedback: Connection[Annotated["FeedbackItem", strawberry.lazy("api.feedback.types")]] = to_many(
        "customer_id", order=("-receivedAt",), filter=True, description="What this customer said, the newest first."
    )


@entity(models.Contact, visible=visible, order=("name",))
class Contact(Node):
    """A person at a customer whom one can write to, call or visit."""

    id: strawberry.ID = identity()
    customer: Customer = to_one("customer_id", filter=True, description="Whose contact it is.")
    name: str = column(filter=True, order=True)
    title: str | None = column(filter=True)
    email: str | None = column(filter=True)
    phone: str | None = column()
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()


CustomerWhere = where_input("CustomerWhere", Customer)
CustomerOrderBy = order_input("CustomerOrderBy", Customer)
ContactWhere = where_input("ContactWhere", Contact)
ContactOrderBy = order_input("ContactOrderBy", Contact)
