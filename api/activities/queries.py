"""Root fields over activities."""

import strawberry

from api.activities.types import Activity, ActivityAggregate
from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one


@strawberry.type
class ActivityQueries:
    activities: Connection[Activity] = many(description="All activities, the latest first unless ordered otherwise.")
    activity: Activity | None = one(description="One activity by id.")
    activities_aggregate: ActivityAggregate = aggregate(
        description="How many activities there are, by kind, state, owner and period."
    )
