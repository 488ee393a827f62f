"""What proposals are computed from: demand, deals, lead times and stock, as they are stored."""

from datetime import UTC, datetime, time
from decimal import Decimal
from statistics import mean, stdev
from typing import Any

import pytest

from domain.catalog.models import Product
from domain.inventory.positions import on_hand
from domain.orders.demand import Asked, Demand, daily_demand
from domain.pipeline.demand import pipeline_demand
from domain.pipeline.models import Opportunity
from domain.procurement.lead_times import LeadTime, on_order, sources
from domain.procurement.models import PurchaseOrder, PurchaseOrderLine, Supplier
from tests.domain.replenishment.stocked import NOW, STAMPS, TODAY, Company, daily, day

pytestmark = pytest.mark.anyio
MIDNIGHT = datetime.combine(TODAY, time(), UTC)


async def demand(
    company: Company, product: Product, *, days: int = 14, is_home: bool = True, place: Any = None
) -> Demand:
    asked = Asked(product.id, (place or company.main).id, is_home, days)
    (found,) = await daily_demand([asked], until=MIDNIGHT)
    return found


async def test_demand_counts_the_days_without_orders(company: Company) -> None:
    """ERPNext starts from the mean of the periods that are not zero: here 9 a day in place of 27/14."""
    product = await company.product()
    await company.sold(product, (1, 12), (4, 5), (4, 4), (9, 6))
    days = [12, 9, 6] + [0] * 11
    assert await demand(company, product) == pytest.approx((mean(days), stdev(days)))


async def test_demand_is_that_of_whole_days_of_the_window(company: Company) -> None:
    product = await company.product()
    await company.sold(product, (0, 100), (1, 1), (14, 1), (15, 100))
    assert (await demand(company, product)).mean == pytest.approx(2 / 14)
    assert (await demand(company, product, days=15)).mean == pytest.approx(102 / 15)


async def test_demand_leaves_out_what_asks_for_nothing_or_came_from_a_deal(company: Company) -> None:
    product, other = await company.product(), await company.product()
    await company.sold(product, (2, 7))
    await company.sold(product, (2, 100), status="draft")
    await company.sold(product, (2, 100), status="cancelled")
    await company.sold(product, (2, 100), opportunity=await company.deal(product, "0.5", 3))
    await company.sold(other, (2, 100))
    assert (await demand(company, product)).mean == pytest.approx(0.5)


async def test_orders_count_where_they_ship_from_or_else_at_home(company: Company) -> None:
    product, north = await company.product(), await company.place("NORTH")
    await company.sold(product, (1, 14))
    await company.sold(product, (1, 28), location=company.main)
    await company.sold(product, (1, 42), location=north)
    assert (await demand(company, product)).mean == pytest.approx(3)
    assert (await demand(company, product, is_home=False)).mean == pytest.approx(2)
    assert (await demand(company, product, is_home=False, place=north)).mean == pytest.approx(3)
    assert (await demand(company, product, is_home=True, place=north)).mean == pytest.approx(4)


async def test_demand_of_many_is_that_of_each(company: Company) -> None:
    products = [await company.product() for _ in range(3)]
    await company.sold(products[0], *daily(1, 2, 3))
    await company.sold(products[2], *daily(0, 9))
    asked = [Asked(product.id, company.main.id, True, days) for product in products for days in (14, 20)]
    together = await daily_demand(asked, until=MIDNIGHT)
    alone = [(await daily_demand([each], until=MIDNIGHT))[0] for each in asked]
    assert together == alone
    assert together[2] == (0, 0)
    assert await daily_demand([], until=MIDNIGHT) == []


async def test_deals_are_trials_each_with_its_probability(company: Company) -> None:
    """Σ p·q and Σ p(1 - p)·q²; the lines of one deal are won or lost together."""
    product, other = await company.product(), await company.product()
    await company.deal(product, "0.5", 10)
    await company.deal(product, "0.2", 20, 10)
    await company.deal(product, "1", 3)
    await company.deal(other, "0.9", 100)
    found = await pipeline_demand([(product.id, day(10)), (other.id, day(10))], since=TODAY)
    assert found[0] == pytest.approx((0.5 * 10 + 0.2 * 30 + 3, 0.25 * 100 + 0.16 * 900))
    assert found[1] == pytest.approx((90, 0.09 * 100**2))


async def test_deals_drop_out_by_themselves(company: Company) -> None:
    product = await company.product()
    deals = [await company.deal(product, "0.5", 10, closes_in=days) for days in (0, 10, 11, -1)]
    won, lost, slipped = [await company.deal(product, "0.5", 10) for _ in range(3)]
    await company.deal(product, "0.5", 10, forecast_category="omitted")

    async def counted() -> float:
        return (await pipeline_demand([(product.id, day(10))], since=TODAY))[0].mean / 5

    assert len(deals) == 4
    assert await counted() == 5
    await Opportunity.filter(id=won.id).update(status="won", probability=1, closed_at=NOW)
    assert await counted() == 4
    reason = {"probability": Decimal(0), "status": "lost", "closed_at": NOW}
    await Opportunity.filter(id=lost.id).update(**reason, close_reason_id=await company.reason())
    assert await counted() == 3
    await Opportunity.filter(id=slipped.id).update(close_date=day(40))
    assert await counted() == 2


async def measured(company: Company, product: Product) -> LeadTime:
    return (await sources([product.id], at=NOW))[product.id].lead_time


async def test_a_lead_time_is_measured_on_three_orders_or_quoted(company: Company) -> None:
    product = await company.product(lead_days=8)
    await company.bought(product, 5, sent=30, came=20)
    await company.bought(product, 5, sent=30, came=16)
    assert await measured(company, product) == (8, 2, 0)
    await company.bought(product, 5, sent=100, came=94)
    assert await measured(company, product) == pytest.approx((10, 4, 3))


async def test_orders_of_others_long_ago_or_cancelled_measure_nothing(company: Company) -> None:
    product, other = await company.product(lead_days=8), await company.product()
    stranger = await Supplier.create(name="B", status="approved", **STAMPS)
    for _ in range(3):
        await company.bought(other, 5, sent=30, came=10)
        await company.bought(product, 5, sent=800, came=790)
        await company.bought(product, 5, sent=30, came=10, status="cancelled")
        await company.bought(product, 5, sent=30, came=10, supplier=stranger)
        await company.bought(product, 5, sent=30, status="cancelled")
        await company.bought(product, 5)
    assert await measured(company, product) == (8, 2, 0)


async def test_who_never_delivers_does_not_look_quick(company: Company) -> None:
    """Odoo leaves orders without receipts out. Here one that has waited longer than usual counts with its days."""
    product = await company.product()
    for days in (4, 5, 6):
        await company.bought(product, 5, sent=100, came=100 - days)
    await company.bought(product, 5, sent=3)
    assert await measured(company, product) == pytest.approx((5, 1, 3))
    await company.bought(product, 5, sent=45)
    assert await measured(company, product) == pytest.approx((15, stdev([4, 5, 6, 45]), 4))


async def test_an_order_with_two_lines_of_a_product_counts_once(company: Company) -> None:
    product = await company.product()
    for days in (4, 5, 9):
        order = await company.bought(product, 5, sent=100, came=100 - days)
        terms = {"quantity": 1, "unit_cost": 2, "amount": 2, "accepted": 1}
        await PurchaseOrderLine.create(purchase_order=order, position=2, product=product, **terms, **STAMPS)
    assert await measured(company, product) == pytest.approx((6, stdev([4, 5, 9]), 3))


async def test_it_is_bought_where_it_is_preferred_or_comes_soonest(company: Company) -> None:
    product = await company.product(lead_days=10)
    stranger, soon = [await Supplier.create(name=name, status="probation", **STAMPS) for name in "BC"]
    banned = await Supplier.create(name="D", status="suspended", **STAMPS)
    quick = await company.offered(product, 3, soon)
    await company.offered(product, 1, banned)
    assert (await sources([product.id], at=NOW))[product.id].supplier_item_id == quick.id
    preferred = await company.offered(product, 90, stranger, is_preferred=True, lot_size=6, minimum_quantity=24)
    source = (await sources([product.id], at=NOW))[product.id]
    assert (source.supplier_item_id, source.lot, source.minimum) == (preferred.id, 6, 24)
    assert (source.unit_cost, source.currency) == (2, "EUR")
    assert await sources([(await company.product(lead_days=None)).id], at=NOW) == {}


async def test_what_is_on_its_way_is_what_was_not_yet_accepted(company: Company) -> None:
    product, north = await company.product(), await company.place("NORTH")
    await company.bought(product, 10)
    part = await company.bought(product, 20, sent=3, status="partially_received")
    await PurchaseOrderLine.filter(purchase_order_id=part.id).update(accepted=5, rejected=2)
    await company.bought(product, 40, sent=9, came=1)
    await company.bought(product, 80, sent=3, status="cancelled")
    closed = await company.bought(product, 80, sent=3)
    await PurchaseOrder.filter(id=closed.id).update(status="closed")
    await company.bought(product, 160, sent=3, location=north)
    asked = [(product.id, company.main.id), (product.id, north.id), (company.main.id, north.id)]
    assert await on_order(asked) == [25, 160, 0]


async def test_what_lies_there_is_read_in_the_order_asked_for(company: Company) -> None:
    product, other, north = await company.product(), await company.product(), await company.place("NORTH")
    await company.shelved(product, 10, 4)
    await company.shelved(other, 7, place=north)
    asked = [(other.id, north.id), (other.id, company.main.id), (product.id, company.main.id)]
    assert await on_hand(asked) == [(7, 0), (0, 0), (10, 4)]
