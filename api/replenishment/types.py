"""Replenishment policies and proposals as the graph shows them."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.catalog.types import Product
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.inventory.types import Location
from api.procurement.types import PurchaseOrder, SupplierItem
from domain.replenishment import models
from domain.replenishment.rules import ProposalState

word_enum(
    ProposalState,
    "ReplenishmentProposalState",
    "Where a proposal stands.",
    PROPOSED="It waits for somebody to order or dismiss it; brought up to date by each computation.",
    ORDERED="It became a purchase order.",
    DISMISSED="Somebody turned it down.",
    SUPERSEDED="The stock lasts again, or the policy rests.",
)


@entity(models.ReplenishmentPolicy, order=("-createdAt",))
class ReplenishmentPolicy(Node):
    """How a product is kept in stock at a location: how sure we want to be, how often we look, what ordering costs."""

    id: strawberry.ID = identity()
    product: Product = to_one("product_id", filter=True, description="The product.")
    location: Location = to_one("location_id", filter=True, description="Where it is kept.")
    service_level: Decimal = column(filter=True)
    review_days: int = column(filter=True)
    order_cost: Decimal = column()
    holding_rate: Decimal = column()
    demand_days: int = column()
    is_active: bool = column(filter=True)
    computed_at: datetime | None = column(filter=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    proposals: Connection[Annotated["ReplenishmentProposal", strawberry.lazy("api.replenishment.types")]] = to_many(
        "policy_id", filter=True, description="What was proposed because of it, the newest first."
    )


@entity(models.ReplenishmentProposal, order=("-computedAt",))
class ReplenishmentProposal(Node):
    """What should be bought for a location, with every number that led there; ordered by one verb, or dismissed."""

    id: strawberry.ID = identity()
    policy: ReplenishmentPolicy = to_one("policy_id", filter=True, description="The policy that it follows.")
    product: Product = to_one("product_id", filter=True, description="What to buy.")
    location: Location = to_one("location_id", filter=True, description="Where it is needed.")
    supplier_item: SupplierItem | None = to_one(
        "supplier_item_id", nullable=True, filter=True, description="Where to buy it; null where nobody offers it."
    )
    state: ProposalState = column(filter=True)
    computed_at: datetime = column(filter=True, order=True)
    demand_mean: float = column()
    demand_sd: float = column()
    pipeline_mean: float = column()
    pipeline_variance: float = column()
    lead_time_mean: float = column()
    lead_time_sd: float = column()
    lead_time_receipts: int = column()
    safety_stock: float = column()
    reorder_point: float = column()
    economic_quantity: float | None = column()
    on_hand: Decimal = column()
    reserved: Decimal = column()
    on_order: Decimal = column()
    quantity: Decimal = column(filter=True, order=True)
    explanation: list[str] = column()
    purchase_order: PurchaseOrder | None = to_one(
        "purchase_order_id", nullable=True, filter=True, description="What it became."
    )
    decided_at: datetime | None = column(filter=True)
    dismiss_reason: str | None = column()
    updated_at: datetime = column()
    version: int = column()


ReplenishmentPolicyWhere = where_input("ReplenishmentPolicyWhere", ReplenishmentPolicy)
ReplenishmentPolicyOrderBy = order_input("ReplenishmentPolicyOrderBy", ReplenishmentPolicy)
ReplenishmentProposalWhere = where_input("ReplenishmentProposalWhere", ReplenishmentProposal)
ReplenishmentProposalOrderBy = order_input("ReplenishmentProposalOrderBy", ReplenishmentProposal)
