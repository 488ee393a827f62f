"""Root fields over replenishment."""

import strawberry

from api.graph.connections import Connection, many, one
from api.replenishment.types import ReplenishmentPolicy, ReplenishmentProposal


@strawberry.type
class ReplenishmentQueries:
    replenishment_policies: Connection[ReplenishmentPolicy] = many(
        description="How products are kept in stock, the newest policy first."
    )
    replenishment_policy: ReplenishmentPolicy | None = one(description="One policy by id.")
    replenishment_proposals: Connection[ReplenishmentProposal] = many(
        description="What should be, or was, bought, the newest first: filter by state for what is to be decided."
    )
    replenishment_proposal: ReplenishmentProposal | None = one(description="One proposal by id, with its reasons.")
