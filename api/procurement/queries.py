"""Root fields over procurement."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.procurement.types import PurchaseOrder, PurchaseOrderAggregate, Receipt, Supplier, SupplierItem
from domain.kernel.ids import read_id
from domain.kernel.period import Period
from domain.procurement import models
from domain.procurement.performance import Performance, supplier_performance


@strawberry.type(description="How well a supplier delivered in a period: on time, in good order, and how soon.")
class SupplierPerformance:
    due_line_count: int = strawberry.field(description="Lines promised for a day of the period that is over.")
    on_time_line_count: int = strawberry.field(description="Those of which all was accepted by the first promised day.")
    missing_line_count: int = strawberry.field(
        description="Those that never came in full, given up and called off ones too: counted like late ones."
    )
    overdue_line_count: int = strawberry.field(description="Those of the missing that are still awaited.")
    unpromised_line_count: int = strawberry.field(description="Lines sent in the period that no day was promised for.")
    filled_line_count: int = strawberry.field(description="Lines that came in full within the period.")
    accepted: Decimal = strawberry.field(description="Units that came in good order within the period.")
    rejected: Decimal = strawberry.field(description="Units that came and were sent back within the period.")
    on_time_rate: float | None = strawberry.field(description="Lines on time of lines due; null where none was due.")
    on_time_low: float | None = strawberry.field(description="The lower end of its 95 % interval (Wilson).")
    on_time_high: float | None = strawberry.field(description="The upper end of its 95 % interval.")
    reject_rate: float | None = strawberry.field(description="Units rejected of units that came; null where none came.")
    mean_lead_days: float | None = strawberry.field(
        description="Days from sending to the receipt that made a line whole, on average; null where none was."
    )
    lead_days_deviation: float | None = strawberry.field(
        description="The standard deviation of these days; null for fewer than two."
    )


def _shown(found: Performance) -> SupplierPerformance:
    interval = found.on_time_interval
    return SupplierPerformance(
        due_line_count=found.due_line_count,
        on_time_line_count=found.on_time_line_count,
        missing_line_count=found.missing_line_count,
        overdue_line_count=found.overdue_line_count,
        unpromised_line_count=found.unpromised_line_count,
        filled_line_count=found.filled_line_count,
        accepted=found.accepted,
        rejected=found.rejected,
        on_time_rate=found.on_time_rate,
        on_time_low=interval.low if interval else None,
        on_time_high=interval.high if interval else None,
        reject_rate=found.reject_rate,
        mean_lead_days=found.mean_lead_days,
        lead_days_deviation=found.lead_days_deviation,
    )


@strawberry.type
class ProcurementQueries:
    suppliers: Connection[Supplier] = many(description="All suppliers, by name unless ordered otherwise.")
    supplier: Supplier | None = one(description="One supplier by id.")
    supplier_items: Connection[SupplierItem] = many(description="What all suppliers offer, the soonest first.")
    supplier_item: SupplierItem | None = one(description="One offer of a supplier by id.")
    purchase_orders: Connection[PurchaseOrder] = many(
        description="All purchase orders, the newest first unless ordered otherwise."
    )
    purchase_order: PurchaseOrder | None = one(description="One purchase order by id.")
    purchase_orders_aggregate: PurchaseOrderAggregate = aggregate(
        description="What purchase orders come to, the whole or by supplier, status and period."
    )
    receipts: Connection[Receipt] = many(description="What came from suppliers, the newest first.")
    receipt: Receipt | None = one(description="What came for one line at one time, by id.")

    @strawberry.field(
        description="How well a supplier delivered in a period, as known at the end of a day; what never came counts "
        "like what came late."
    )
    async def supplier_performance(
        self,
        info: Info,
        supplier_id: Annotated[strawberry.ID, strawberry.argument(description="Which supplier.")],
        start: Annotated[date, strawberry.argument(description="The first day (UTC).")],
        end: Annotated[date, strawberry.argument(description="The day after the last; not itself counted.")],
        as_of: Annotated[
            date | None, strawberry.argument(description="What was known by the end of this day; today if left out.")
        ] = None,
    ) -> SupplierPerformance:
        key = read_id(models.Supplier.prefix, supplier_id)
        known, by = as_of or info.context.at.date(), info.context.actor
        return _shown(await supplier_performance(key, Period(start, end), as_of=known, by=by))
