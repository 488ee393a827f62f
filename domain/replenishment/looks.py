"""Looks at stock: all that is known of a policy's stock at one time, and what is to be proposed because of it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalog.models import Product
from domain.catalog.queries import products_by_id
from domain.inventory.positions import OnHand, on_hand
from domain.orders.demand import Asked, Demand, daily_demand
from domain.pipeline.demand import NO_DEALS, PipelineDemand, pipeline_demand
from domain.procurement.lead_times import LeadTime, Source, on_order, quoted, sources
from domain.replenishment.models import ReplenishmentPolicy
from domain.replenishment.reasons import Reasons
from domain.replenishment.rules import (
    ASSUMED_LEAD_DAYS,
    DAYS_A_YEAR,
    Outlook,
    economic_quantity,
    is_due,
    order_quantity,
    reorder_point,
    safety_stock,
)

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Look:
    """A policy, and what is known of its stock: where it is bought, what is asked for, what is there and on its way."""

    policy: ReplenishmentPolicy
    product: Product
    source: Source | None
    demand: Demand
    pipeline: PipelineDemand
    there: OnHand
    on_order: Decimal

    @property
    def outlook(self) -> Outlook:
        """What is known of the days that an order must last for."""
        lead = lead_time(self.source)
        return Outlook(*self.demand, lead.mean, lead.sd, self.policy.review_days, *self.pipeline)

    @property
    def holding_cost(self) -> Decimal:
        """What holding a unit for a year costs: a share of what it costs where it is bought, or else by the catalog."""
        cost = self.source.unit_cost if self.source else self.product.unit_cost
        return self.policy.holding_rate * (cost or 0)

    def proposal(self, at: datetime) -> dict[str, Any] | None:
        """This will give the values of a proposal by field, or None where the stock lasts or is sold no more."""
        source, outlook, level = self.source, self.outlook, float(self.policy.service_level)
        point = reorder_point(outlook, level)
        position = self.there.on_hand - self.there.reserved + self.on_order
        if not self.product.is_active or not is_due(position, point):
            return None
        annual, order_cost = outlook.demand_mean * DAYS_A_YEAR, self.policy.order_cost
        economic = economic_quantity(annual, float(order_cost), float(self.holding_cost))
        minimum, lot = (source.minimum, source.lot) if source else (_ONE, _ONE)
        shown: dict[str, Any] = {
            "safety_stock": safety_stock(outlook, level),
            "reorder_point": point,
            "on_hand": self.there.on_hand,
            "reserved": self.there.reserved,
            "on_order": self.on_order,
            "quantity": order_quantity(position, point, economic, minimum=minimum, lot=lot),
        }
        reasons = Reasons(
            unit=self.product.unit, outlook=outlook, service_level=self.policy.service_level,
            demand_days=self.policy.demand_days, measured_on=source.lead_time.orders if source else None,
            economic=economic, order_cost=order_cost, holding_cost=self.holding_cost,
            currency=source.currency if source else self.product.currency, minimum=minimum, lot=lot, **shown,
        )  # fmt: skip
        return {
            "product_id": self.policy.product_id, "location_id": self.policy.location_id,
            "supplier_item_id": source.supplier_item_id if source else None, "computed_at": at,
            "demand_mean": outlook.demand_mean, "demand_sd": outlook.demand_sd,
            "pipeline_mean": outlook.pipeline_mean, "pipeline_variance": outlook.pipeline_variance,
            "lead_time_mean": outlook.lead_time_mean, "lead_time_sd": outlook.lead_time_sd,
            "lead_time_receipts": source.lead_time.orders if source else 0,
            "economic_quantity": economic, "explanation": reasons.sentences(), **shown,
        }  # fmt: skip


def lead_time(source: Source | None) -> LeadTime:
    """This will give the lead time to reckon with: an assumed one where nobody offers the product."""
    return source.lead_time if source else quoted(ASSUMED_LEAD_DAYS)


async def look(policies: Sequence[ReplenishmentPolicy], homes: Collection[UUID], *, at: datetime) -> list[Look]:
    """This will look at the stock of many policies, in a number of statements that does not depend on how many.

    `homes` are those policies where what names no place is counted: orders without a location, and all deals.
    """
    today = at.astimezone(UTC).date()
    products = await products_by_id({policy.product_id for policy in policies})
    found = await sources(products, at=at)
    asked = [Asked(each.product_id, each.location_id, each.id in homes, each.demand_days) for each in policies]
    demand = await daily_demand(asked, until=datetime.combine(today, time(), UTC))
    at_home = [policy for policy in policies if policy.id in homes]
    lasting = [lead_time(found.get(each.product_id)).mean + each.review_days for each in at_home]
    until = [(each.product_id, today + timedelta(days=days)) for each, days in zip(at_home, lasting, strict=True)]
    deals = await pipeline_demand(until, since=today)
    pipeline = {policy.id: dealt for policy, dealt in zip(at_home, deals, strict=True)}
    places = [(policy.product_id, policy.location_id) for policy in policies]
    there, awaited = await on_hand(places), await on_order(places)
    return [
        Look(
            policy, products[policy.product_id], found.get(policy.product_id), demand[n],
            pipeline.get(policy.id, NO_DEALS), there[n], awaited[n],
        )
        for n, policy in enumerate(policies)
    ]  # fmt: skip
