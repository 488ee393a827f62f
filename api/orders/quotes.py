"""Quotes as the graph shows them, with their root fields."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.access.types import User
from api.catalog.types import Product
from api.customers.types import Customer
from api.graph.aggregates import aggregate, aggregate_of
from api.graph.connections import Connection, Node, many, one, to_many
from api.graph.entity import column, entity, identity, money, one_back, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from api.orders.types import Order
from api.pipeline.types import Opportunity
from domain.orders import models
from domain.orders.offers import QuoteStatus

_CURRENCY = "(SELECT q.currency FROM quote q WHERE q.id = {t}.quote_id)"

word_enum(
    QuoteStatus,
    "QuoteStatus",
    "How far a quote is.",
    DRAFT="It is being written.",
    IN_REVIEW="Somebody of ours looks it over.",
    APPROVED="It may be sent.",
    SENT="The customer has it.",
    ACCEPTED="The customer took it; an order came of it.",
    REJECTED="The customer did not want it.",
    EXPIRED="The customer did not answer by its last day.",
    SUPERSEDED="Another quote took its place.",
)


@entity(models.Quote, order=("-createdAt",))
class Quote(Node):
    """An offer to a customer: what, at which prices, good until when; accepted at most once."""

    id: strawberry.ID = identity()
    number: str = column(filter=True)
    customer: Customer | None = to_one(
        "customer_id",
        nullable=True,
        filter=True,
        group=True,
        description="Who it is offered to; null if hidden from you.",
    )
    owner: User | None = to_one("owner_id", nullable=True, filter=True, group=True, description="Whose quote it is.")
    opportunity: Opportunity | None = to_one(
        "opportunity_id", nullable=True, filter=True, description="The deal it is for."
    )
    status: QuoteStatus = column(filter=True, group=True)
    currency: str = column(filter=True, group=True)
    total: Money = money("total", "currency", measure=True, description="The sum of its lines.")
    total_value: Decimal = column(
        name="total",
        filter=True,
        order=True,
        description="The sum of its lines without the currency, to sort and to filter by.",
    )
    valid_until: date = column(filter=True, order=True)
    sent_at: datetime | None = column(filter=True)
    decided_at: datetime | None = column(filter=True)
    reason: str | None = column()
    supersedes: Annotated["Quote", strawberry.lazy("api.orders.quotes")] | None = to_one(
        "supersedes_id", nullable=True, description="The quote whose place it takes."
    )
    order: Order | None = one_back("quote_id", description="The order that came of it.")
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    lines: Connection[Annotated["QuoteLine", strawberry.lazy("api.orders.quotes")]] = to_many(
        "quote_id", order=("position",), filter=True, description="What is offered, in its own sequence."
    )


@entity(models.QuoteLine, order=("position",))
class QuoteLine(Node):
    """One product on a quote, with quantity, price and what the line comes to."""

    id: strawberry.ID = identity()
    quote: Quote = to_one("quote_id", filter=True, description="The quote it stands on.")
    position: int = column(order=True)
    product: Product = to_one("product_id", filter=True, description="What is offered.")
    quantity: Decimal = column(filter=True)
    unit_price: Money = money("unit_price", _CURRENCY, description="The price of one unit.")
    discount: Decimal = column()
    amount: Money = money("amount", _CURRENCY, description="Quantity times price less discount.")


QuoteWhere = where_input("QuoteWhere", Quote)
QuoteOrderBy = order_input("QuoteOrderBy", Quote)
QuoteLineWhere = where_input("QuoteLineWhere", QuoteLine)
QuoteLineOrderBy = order_input("QuoteLineOrderBy", QuoteLine)


@aggregate_of(
    Quote, numbers="QuoteNumbers", bounds="QuoteBounds", group="QuoteGroup", key="QuoteGroupKey", by="QuoteGroupBy"
)
class QuoteAggregate:
    """What quotes come to: how many, and what they offer, the whole or by groups."""


@strawberry.type
class QuoteQueries:
    quotes: Connection[Quote] = many(description="All quotes, the newest first unless ordered otherwise.")
    quote: Quote | None = one(description="One quote by id.")
    quotes_aggregate: QuoteAggregate = aggregate(description="What all quotes come to, the whole or by groups.")
