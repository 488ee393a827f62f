"""Root fields over orders."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.orders.types import Order, OrderAggregate, OrderLineAggregate, Shipment
from domain.kernel.period import Period
from domain.orders import queries


@strawberry.type(description="What became of the orders that were first promised for days of a period.")
class DeliveryPerformance:
    due_order_count: int = strawberry.field(description="Orders first promised for a day of the period that is over.")
    on_time_order_count: int = strawberry.field(description="Those that arrived by that day, whole or not.")
    on_time_in_full_order_count: int = strawberry.field(description="Those of which all arrived by that day.")
    on_time_in_full_rate: float | None = strawberry.field(
        description="On time and in full of due (SCOR RL.1.1); what never came counts like what came late. Null where "
        "none was due."
    )
    low: float | None = strawberry.field(description="The lower end of its 95 % interval (Wilson).")
    high: float | None = strawberry.field(description="The upper end of its 95 % interval.")
    fill_rate: float | None = strawberry.field(description="Units shipped by the promised day of units ordered.")


@strawberry.type
class OrderQueries:
    orders: Connection[Order] = many(description="All orders, the newest first unless ordered otherwise.")
    order: Order | None = one(description="One order by id.")
    orders_aggregate: OrderAggregate = aggregate(description="What all orders come to, the whole or by groups.")
    order_lines_aggregate: OrderLineAggregate = aggregate(
        description="What all order lines come to, the whole or by groups: what sells."
    )
    shipments: Connection[Shipment] = many(description="All shipments, the latest first unless ordered otherwise.")
    shipment: Shipment | None = one(description="One shipment by id.")

    @strawberry.field(
        description="How well we delivered what was first promised for a period, as known on a day; a promise that was "
        "moved later still counts as the first one was."
    )
    async def delivery_performance(
        self,
        info: Info,
        start: Annotated[date, strawberry.argument(description="The first promised day (UTC).")],
        end: Annotated[date, strawberry.argument(description="The day after the last; not itself counted.")],
        as_of: Annotated[
            date | None,
            strawberry.argument(description="Promises for this day or later are not due; today if left out."),
        ] = None,
    ) -> DeliveryPerformance:
        known = as_of or info.context.at.date()
        found = await queries.delivery_performance(Period(start, end), as_of=known, by=info.context.actor)
        interval = found.interval
        return DeliveryPerformance(
            due_order_count=found.due,
            on_time_order_count=found.on_time,
            on_time_in_full_order_count=found.on_time_in_full,
            on_time_in_full_rate=found.rate,
            low=interval.low if interval else None,
            high=interval.high if interval else None,
            fill_rate=found.fill_rate,
        )
