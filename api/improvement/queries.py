"""Root fields over improvement."""

import strawberry

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.improvement.types import ImprovementCycle, ImprovementCycleAggregate, Practice


@strawberry.type
class ImprovementQueries:
    improvement_cycles: Connection[ImprovementCycle] = many(
        description="All improvement cycles, the newest first unless ordered otherwise."
    )
    improvement_cycle: ImprovementCycle | None = one(description="One improvement cycle by id.")
    improvement_cycles_aggregate: ImprovementCycleAggregate = aggregate(
        description="How many cycles there are, by state, origin and owner: the heads of the cycle board."
    )
    practices: Connection[Practice] = many(description="All practices, the newest first unless ordered otherwise.")
    practice: Practice | None = one(description="One practice by id.")
