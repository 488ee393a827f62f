"""Tables of replenishment: how each product is kept in stock, and what is proposed to be bought, with the reasons."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.catalog.models import Product
from domain.inventory.models import Location
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.procurement.models import PurchaseOrder, SupplierItem


class ReplenishmentPolicy(Record):
    """How a product is kept in stock at a location: how sure we want to be, how often we look, what ordering costs."""

    prefix = "rpp"
    guard = Guard(read=Permission.REPLENISHMENT_READ, write=Permission.REPLENISHMENT_WRITE)

    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="policies", on_delete=fields.CASCADE, description="The product."
    )
    product_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        Location, related_name="policies", on_delete=fields.CASCADE, description="Where it is kept."
    )
    location_id: UUID
    service_level = fields.DecimalField(
        max_digits=5, decimal_places=4, description="The share of order cycles that shall not run out, 0.5 to 0.9999."
    )
    review_days = fields.SmallIntField(default=0, description="Days between two looks; 0: the stock is always watched.")
    order_cost = fields.DecimalField(max_digits=18, decimal_places=3, description="What placing one order costs.")
    holding_rate = fields.DecimalField(
        max_digits=5, decimal_places=4, description="What holding a unit for a year costs, as a share of its cost."
    )
    demand_days = fields.SmallIntField(default=180, description="How many past days of orders tell the demand.")
    is_active = fields.BooleanField(default=True, description="Whether proposals are made for it.")
    computed_at = fields.DatetimeField(null=True, description="When its stock was last looked at (UTC).")

    class Meta:
        table = "replenishment_policy"
        indexes = (Index(fields=("location_id", "id")), Index(fields=("created_at", "id")))
        constraints = (
            UniqueConstraint(fields=("product_id", "location_id"), name="replenishment_policy_once"),
            CheckConstraint(
                check="service_level BETWEEN 0.5 AND 0.9999 AND review_days >= 0 AND order_cost >= 0 "
                "AND holding_rate >= 0 AND demand_days BETWEEN 14 AND 730",
                name="replenishment_policy_in_range",
            ),
        )


class ReplenishmentProposal(Record):
    """What should be bought for a location, with every number that led there; ordered by one verb, or dismissed."""

    prefix = "rpl"
    guard = Guard(read=Permission.REPLENISHMENT_READ, write=Permission.REPLENISHMENT_WRITE)

    policy: fields.ForeignKeyRelation[ReplenishmentPolicy] = fields.ForeignKeyField(
        ReplenishmentPolicy,
        related_name="proposals",
        on_delete=fields.CASCADE,
        description="The policy that it follows.",
    )
    policy_id: UUID
    product: fields.ForeignKeyRelation[Product] = fields.ForeignKeyField(
        Product, related_name="proposals", on_delete=fields.CASCADE, description="What to buy."
    )
    product_id: UUID
    location: fields.ForeignKeyRelation[Location] = fields.ForeignKeyField(
        Location, related_name="proposals", on_delete=fields.CASCADE, description="Where it is needed."
    )
    location_id: UUID
    supplier_item: fields.ForeignKeyNullableRelation[SupplierItem] = fields.ForeignKeyField(
        SupplierItem, related_name="proposals", null=True, on_delete=fields.SET_NULL, description="Where to buy it."
    )
    supplier_item_id: UUID | None
    state = fields.CharField(max_length=10, default="proposed", description="Proposed, ordered, dismissed, superseded.")
    computed_at = fields.DatetimeField(description="When it was computed (UTC).")
    demand_mean = fields.FloatField(description="Units a day that orders took, on average.")
    demand_sd = fields.FloatField(description="The standard deviation of that, in units a day.")
    pipeline_mean = fields.FloatField(description="Units that open deals are expected to take in the protected days.")
    pipeline_variance = fields.FloatField(description="The variance of these units.")
    lead_time_mean = fields.FloatField(description="Days from order to receipt, as measured; else as quoted.")
    lead_time_sd = fields.FloatField(description="The standard deviation of these days.")
    lead_time_receipts = fields.IntField(description="How many orders the lead time was measured on; 0: it is quoted.")
    safety_stock = fields.FloatField(description="Units kept against chance.")
    reorder_point = fields.FloatField(description="Units at which to order.")
    economic_quantity = fields.FloatField(null=True, description="The economic order quantity; empty without a cost.")
    on_hand = fields.DecimalField(max_digits=18, decimal_places=3, description="Units on hand.")
    reserved = fields.DecimalField(max_digits=18, decimal_places=3, description="Units promised.")
    on_order = fields.DecimalField(max_digits=18, decimal_places=3, description="Units ordered and not yet received.")
    quantity = fields.DecimalField(max_digits=18, decimal_places=3, description="Units to buy, in whole lots.")
    explanation: Any = fields.JSONField(description="The reasons, one sentence each.")
    purchase_order: fields.ForeignKeyNullableRelation[PurchaseOrder] = fields.ForeignKeyField(
        PurchaseOrder, related_name="proposals", null=True, on_delete=fields.RESTRICT, description="What it became."
    )
    purchase_order_id: UUID | None
    decided_at = fields.DatetimeField(null=True, description="When it was ordered, dismissed or superseded (UTC).")
    dismiss_reason = fields.CharField(max_length=300, null=True, description="Why it was dismissed.")

    class Meta:
        table = "replenishment_proposal"
        indexes = (
            Index(fields=("computed_at", "id")),
            Index(fields=("product_id", "computed_at", "id")),
            Index(fields=("location_id", "id")),
            Index(fields=("policy_id", "computed_at", "id")),
            Index(fields=("state", "computed_at", "id")),
            Index(fields=("quantity", "id")),
        )
