"""The timeline: every event that the graph shows, of any record."""

import strawberry

from api.events.types import Event, EventTopic
from api.graph.events import timeline


@strawberry.type
class EventSubscriptions:
    events: Event = timeline(EventTopic, description="Everything that happens to records that you may see.")
