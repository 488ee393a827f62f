"""Root fields over orders."""

import strawberry

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.orders.types import Order, OrderAggregate, OrderLineAggregate


@strawberry.type
class OrderQueries:
    orders: Connection[Order] = many(description="All orders, the newest first unless ordered otherwise.")
    order: Order | None = one(description="One order by id.")
    orders_aggregate: OrderAggregate = aggregate(description="What all orders come to, the whole or by groups.")
    order_lines_aggregate: OrderLineAggregate = aggregate(
        description="What all order lines come to, the whole or by groups: what sells."
    )
