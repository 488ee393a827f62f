"""Root fields over the event log."""

import strawberry
from strawberry.types import Info

from domain.kernel.events import horizon, position_id


@strawberry.type
class EventQueries:
    @strawberry.field(
        description="Where the event log stands now. Ask for it before you read what you show, and subscribe with it "
        "as `after`: then nothing that happens in between is missed."
    )
    async def last_event_id(self, info: Info) -> strawberry.ID:
        info.context.actor.must_be_known()
        return strawberry.ID(position_id(await horizon()))
