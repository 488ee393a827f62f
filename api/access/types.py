"""Users as the graph shows them, and what they may spend."""

from datetime import datetime

import strawberry

from api.graph.aggregates import aggregate_of
from api.graph.connections import Node
from api.graph.entity import column, entity, identity
from api.graph.inputs import order_input, where_input
from domain.access import models
from domain.access.queries import visible
from domain.kernel.actor import Right


@entity(models.User, visible=visible, order=("name",), prefix="usr")
class User(Node):
    """A person who signs in: colleagues who sell, deliver and listen, and those who run the house."""

    id: strawberry.ID = identity()
    email: str = column(filter=True, order=True)
    name: str = column(filter=True, order=True)
    is_administrator: bool = column(filter=True, order=True, group=True, needs=Right.READ_ROLES)
    created_at: datetime = column(order=True, measure=True, group=True)


UserWhere = where_input("UserWhere", User)
UserOrderBy = order_input("UserOrderBy", User)


@aggregate_of(
    User,
    bounds="UserBounds",
    group="UserGroup",
    key="UserGroupKey",
    by="UserGroupBy",
)
class UserAggregate:
    """What users come to: how many, the whole or by groups."""


@strawberry.type(description="The allowance that a viewer's operations are charged to: a bucket that fills up again.")
class RateLimit:
    cost: int = strawberry.field(
        description="What this operation is charged at most: its values, each selected field once in every row that it "
        "may stand in. What its pages did not fill is given back."
    )
    available: int = strawberry.field(description="What is left now, with this operation paid; an estimate.")
    capacity: int = strawberry.field(description="What there is when the bucket is full.")
    restore_rate: int = strawberry.field(description="How much comes back in a second.")
    full_in_seconds: int = strawberry.field(description="After how many seconds the bucket is full again.")
