"""Root fields over customers."""

import strawberry

from api.customers.types import Customer, CustomerAggregate
from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one


@strawberry.type
class CustomerQueries:
    customers: Connection[Customer] = many(description="All customers, the oldest first unless ordered otherwise.")
    customer: Customer | None = one(description="One customer by id.")
    customers_aggregate: CustomerAggregate = aggregate(
        description="What all customers come to, the whole or by groups."
    )
