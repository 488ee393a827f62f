"""A small company with stock, made of rows: what is sold, where it lies, who delivers it, who ordered, what may come."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.inventory.models import InventoryLevel, Location
from domain.kernel.actor import SYSTEM
from domain.orders.models import Order, OrderLine
from domain.pipeline.models import CloseReason, Opportunity, OpportunityLine, Pipeline, Stage
from domain.procurement.models import PurchaseOrder, PurchaseOrderLine, Supplier, SupplierItem
from domain.replenishment.models import ReplenishmentPolicy, ReplenishmentProposal
from domain.replenishment.proposing import Run, propose
from tests.graph import NOW

STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
TODAY = NOW.date()
POLICY = {"service_level": Decimal("0.95"), "order_cost": Decimal(0), "holding_rate": Decimal(0), "demand_days": 14}


@dataclass
class Company:
    """What the rows hang on; `numbers` makes names that nobody else has."""

    customer: Customer
    stage: Stage
    supplier: Supplier
    main: Location
    numbers: Any = field(default_factory=count)

    async def product(self, *, lead_days: int | None = 10, **more: Any) -> Product:
        """A product that the supplier offers with this lead time; nobody does for None."""
        product = await Product.create(sku=f"S{next(self.numbers)}", name="A", **more, **STAMPS)
        if lead_days is not None:
            await self.offered(product, lead_days)
        return product

    async def offered(self, product: Product, lead_days: int, supplier: Supplier | None = None, **more: Any) -> Any:
        terms = {"unit_cost": 2, "currency": "EUR", "lead_time_days": lead_days, **more}
        return await SupplierItem.create(supplier=supplier or self.supplier, product=product, **terms, **STAMPS)

    async def policy(self, product: Product, location: Location | None = None, **more: Any) -> ReplenishmentPolicy:
        given: Any = {**POLICY, **STAMPS, **more}
        return await ReplenishmentPolicy.create(product=product, location=location or self.main, **given)

    async def place(self, code: str) -> Location:
        return await Location.create(code=code, name=code, kind="internal", **STAMPS)

    async def sold(self, product: Product, *sales: tuple[int, int], **more: Any) -> list[Order]:
        """Orders, each so many days ago and of so many units."""
        orders = []
        for days, units in sales:
            moment = NOW - timedelta(days=days)
            money = {"currency": "EUR", "total": 0}
            order = await Order.create(customer=self.customer, ordered_at=moment, **money, **more, **STAMPS)
            await OrderLine.create(order=order, position=1, product=product, quantity=units, amount=0, **STAMPS)
            orders.append(order)
        return orders

    async def deal(self, product: Product, chance: str, *units: int, closes_in: int = 5, **more: Any) -> Opportunity:
        """An open deal with a line for each number of units."""
        deal = await Opportunity.create(
            name="A", customer=self.customer, pipeline_id=self.stage.pipeline_id, stage=self.stage, currency="EUR",
            probability=Decimal(chance), close_date=TODAY + timedelta(days=closes_in), opened_at=NOW,
            stage_entered_at=NOW,
            **{"status": "open", "forecast_category": "pipeline", **more}, **STAMPS,
        )  # fmt: skip
        for position, quantity in enumerate(units, 1):
            money = {"unit_price": 0, "amount": 0}
            await OpportunityLine.create(
                opportunity=deal, position=position, product=product, quantity=quantity, **money, **STAMPS
            )
        return deal

    async def reason(self) -> Any:
        """The key of a reason to lose for."""
        return (await CloseReason.create(outcome="lost", name=f"R{next(self.numbers)}", **STAMPS)).id

    async def bought(
        self, product: Product, units: int, *, sent: int | None = None, came: int | None = None, **more: Any
    ) -> PurchaseOrder:
        """A purchase order that was sent so many days ago, and received in full so many days ago."""
        status = "received" if came is not None else "draft" if sent is None else "sent"
        order = await PurchaseOrder.create(
            number=f"P{next(self.numbers)}",
            sent_at=None if sent is None else NOW - timedelta(days=sent),
            received_at=None if came is None else NOW - timedelta(days=came),
            **{"supplier": self.supplier, "location": self.main, "status": status, "currency": "EUR", **more}, **STAMPS,
        )  # fmt: skip
        accepted = units if came is not None else 0
        await PurchaseOrderLine.create(
            purchase_order=order, position=1, product=product, quantity=units, accepted=accepted, unit_cost=2,
            amount=0, **STAMPS,
        )  # fmt: skip
        return order

    async def shelved(self, product: Product, on_hand: int, reserved: int = 0, place: Location | None = None) -> None:
        """What lies at a place from now on."""
        await InventoryLevel.update_or_create(
            product=product, location=place or self.main,
            defaults={"is_internal": True, "on_hand": on_hand, "reserved": reserved, **STAMPS},
        )  # fmt: skip


async def founded() -> Company:
    customer = await Customer.create(kind="company", name="A", **STAMPS)
    pipeline = await Pipeline.create(name="A", is_default=True, **STAMPS)
    stage = await Stage.create(
        pipeline=pipeline, position=1, name="Open", kind="open", default_probability=Decimal("0.5"),
        forecast_category="pipeline", **STAMPS,
    )  # fmt: skip
    supplier = await Supplier.create(name="A", status="approved", **STAMPS)
    main = await Location.create(code="MAIN", name="A", kind="internal", **STAMPS)
    return Company(customer, stage, supplier, main)


async def proposed(day: int = 0, *, everything: bool = True, chunk: int = 500, hours: int = 0) -> dict[str, int]:
    """What a run came to that was asked for and done so many days from now."""
    at = NOW + timedelta(days=day, hours=hours)
    return await propose(Run(at, everything, at), lambda done, total: None, chunk=chunk, by=SYSTEM)


async def open_proposal(policy: ReplenishmentPolicy) -> ReplenishmentProposal | None:
    return await ReplenishmentProposal.get_or_none(policy_id=policy.id, state="proposed")


def daily(*units: int) -> Sequence[tuple[int, int]]:
    """Sales of so many units on each of the days before today, the latest first."""
    return [(day, quantity) for day, quantity in enumerate(units, 1) if quantity]


def day(days: int) -> date:
    return TODAY + timedelta(days=days)
