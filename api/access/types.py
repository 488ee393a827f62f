"""Users as the graph shows them."""

from datetime import datetime

import strawberry

from api.graph.connections import Node
from api.graph.entity import column, entity, identity
from domain.access import models
from domain.access.queries import visible


@entity(models.User, visible=visible, order=("name",), prefix="usr")
class User(Node):
    """A person who signs in: colleagues who sell, deliver and listen, and those who run the house."""

    id: strawberry.ID = identity()
    email: str = column(filter=True, order=True)
    name: str = column(filter=True, order=True)
    is_administrator: bool = column(filter=True)
    created_at: datetime = column(order=True)
