"""Root fields over orders."""

import strawberry

from api.graph.connections import Connection, many, one
from api.orders.types import Order


@strawberry.type
class OrderQueries:
    orders: Connection[Order] = many(description="All orders, the newest first unless ordered otherwise.")
    order: Order | None = one(description="One order by id.")
