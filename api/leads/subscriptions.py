"""What can be heard of leads."""

import strawberry

from api.events.types import Event, EventTopic
from api.graph.events import happenings, subject
from api.leads.types import Lead


@strawberry.type(description="Something that happened to a lead.")
class LeadEvent(Event):
    lead: Lead | None = subject("The lead as it now stands; null where it is no longer to be seen.")


@strawberry.type
class LeadSubscriptions:
    lead_changed: LeadEvent = happenings(
        EventTopic.LEAD_CREATED,
        EventTopic.LEAD_UPDATED,
        EventTopic.LEAD_CONVERTED,
        description="Leads taken in, changed and converted: one of them, or all that you may see.",
    )
