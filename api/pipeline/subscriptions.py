"""What can be heard of the pipeline."""

import strawberry

from api.events.types import Event, EventTopic
from api.graph.events import happenings, subject
from api.pipeline.types import Opportunity


@strawberry.type(description="Something that happened to a deal.")
class OpportunityEvent(Event):
    opportunity: Opportunity | None = subject("The deal as it now stands; null where it is no longer to be seen.")


@strawberry.type
class PipelineSubscriptions:
    opportunity_changed: OpportunityEvent = happenings(
        EventTopic.OPPORTUNITY_CREATED,
        EventTopic.OPPORTUNITY_MOVED,
        EventTopic.OPPORTUNITY_UPDATED,
        description="Deals begun, changed and moved: one of them, or all that you may see.",
    )
