"""Proposing what to buy: where the stock will not last, with the reasons, as often as it is run the same."""

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection

from domain.catalog.models import Product
from domain.inventory.models import InventoryLevel
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.orders.models import Order
from domain.pipeline.models import Opportunity
from domain.procurement.models import PurchaseOrder
from domain.replenishment import rules
from domain.replenishment.commands import dismiss_proposal, update_policy
from domain.replenishment.models import ReplenishmentPolicy, ReplenishmentProposal
from domain.replenishment.proposing import Run, propose
from domain.replenishment.rules import Outlook
from tests.domain.replenishment.stocked import NOW, Company, daily, day, open_proposal, proposed

pytestmark = pytest.mark.anyio
NOTHING = {"policies": 1, "proposed": 0, "updated": 0, "superseded": 0}


async def test_a_proposal_has_every_number_and_says_why(company: Company) -> None:
    product = await company.product(lead_days=9, unit="kg")
    policy = await company.policy(product, order_cost=Decimal(50), holding_rate=Decimal("0.25"), review_days=7)
    await company.sold(product, *daily(12, 0, 30, 8, 0, 0, 20))
    await company.deal(product, "0.5", 40)
    await company.shelved(product, 60, 25)
    await company.bought(product, 10)
    assert await proposed() == NOTHING | {"proposed": 1}
    made = await open_proposal(policy)
    assert made is not None
    outlook = Outlook(5, made.demand_sd, 9, 2.25, 7, 20, 400)
    assert made.demand_sd == pytest.approx((1158 / 13) ** 0.5)
    assert (made.demand_mean, made.lead_time_mean, made.lead_time_sd, made.lead_time_receipts) == (5, 9, 2.25, 0)
    assert (made.pipeline_mean, made.pipeline_variance) == (20, 400)
    assert made.safety_stock == pytest.approx(rules.safety_stock(outlook, 0.95))
    assert made.reorder_point == pytest.approx(100 + made.safety_stock)
    assert made.economic_quantity == pytest.approx((2 * 5 * 365 * 50 / 0.5) ** 0.5)
    assert (made.on_hand, made.reserved, made.on_order, made.quantity) == (60, 25, 10, 732)
    assert made.explanation == [
        "Orders took 5 kg a day on average over 14 days (sd 9.44), days without orders included and orders won from "
        "deals left out.",
        "Open deals that are expected to close within 16 days take 20 kg on average (sd 20), each with its "
        "probability.",
        "The supplier quotes 9 days; too few of its orders were received to measure them, so an sd of 2.25 days is "
        "assumed.",
        "The stock is looked at every 7 days, so that what is ordered must last for 16 days.",
        "100 kg are expected to be taken in these days; 72.67 more are kept so that 95 % of order cycles do not run "
        "out: the reorder point is 172.67 kg.",
        "60 kg on hand, less 25 promised, and 10 on order are 45, which is not above the reorder point.",
        "The economic order quantity is 604.15 kg: an order costs 50 EUR, and holding one kg for a year 0.5 EUR.",
        "732 kg reach the reorder point and the economic quantity above it, in lots of 1 and not fewer than 1.",
        "So ordered, 99.87 % of the units asked for are expected to be there.",
    ]
    event = await Event.get(subject_id=made.id)
    assert event.topic == "replenishment.proposal.proposed"


async def point(policy: ReplenishmentPolicy) -> float:
    await proposed()
    found = await open_proposal(policy)
    assert found is not None
    return found.reorder_point


async def test_the_point_grows_with_variance_and_with_the_pipeline(company: Company) -> None:
    """ERPNext: average a day times lead time plus a typed safety stock, whatever varies and whatever is to come."""
    steady, restless, awaited = [await company.product() for _ in range(3)]
    await company.sold(steady, *daily(*[5] * 14))
    await company.sold(restless, *daily(*[0, 10] * 7))
    await company.sold(awaited, *daily(*[5] * 14))
    await company.deal(awaited, "0.4", 30)
    calm, wild, coming = [await company.policy(product) for product in (steady, restless, awaited)]
    assert await point(calm) == pytest.approx(50 + 1.644854 * 5 * 2.5)
    assert await point(wild) > await point(calm)
    assert await point(coming) > await point(calm) + 12


async def test_the_stock_that_lasts_needs_no_proposal(company: Company) -> None:
    product = await company.product()
    policy = await company.policy(product)
    await company.shelved(product, 1000)
    await company.sold(product, *daily(*[5] * 14))
    assert await proposed() == NOTHING
    await company.shelved(product, 1000, 990)
    assert await proposed(hours=1) == NOTHING | {"proposed": 1}
    await company.shelved(product, 1000, 100)
    assert await proposed(hours=2) == NOTHING | {"superseded": 1}
    gone = await ReplenishmentProposal.get(policy_id=policy.id)
    assert (gone.state, gone.decided_at) == ("superseded", NOW + timedelta(hours=2))
    assert await Event.filter(subject_id=gone.id).order_by("id").values_list("topic", flat=True) == [
        "replenishment.proposal.proposed",
        "replenishment.proposal.superseded",
    ]


async def test_nothing_is_proposed_that_nobody_wants_or_sells(company: Company) -> None:
    await company.policy(await company.product())
    old = await company.product(is_active=False)
    await company.policy(old)
    await company.sold(old, *daily(5, 5, 5))
    resting = await company.product()
    await company.policy(resting, is_active=False)
    await company.sold(resting, *daily(5, 5, 5))
    assert await proposed() == NOTHING | {"policies": 2}


async def test_a_product_that_nobody_offers_is_proposed_with_an_assumed_lead_time(company: Company) -> None:
    product = await company.product(lead_days=None)
    policy = await company.policy(product)
    await company.sold(product, *daily(5, 5, 5))
    await proposed()
    made = await open_proposal(policy)
    assert made is not None
    assert (made.supplier_item_id, made.lead_time_mean, made.lead_time_sd) == (None, 30, 7.5)
    assert made.explanation[2].startswith("No supplier offers it: 30 days")


async def test_what_names_no_place_is_counted_at_the_oldest_active_policy(company: Company) -> None:
    product, north = await company.product(), await company.place("NORTH")
    here = await company.policy(product)
    there = await company.policy(product, north)
    await company.sold(product, *daily(*[5] * 14))
    await company.sold(product, *daily(*[1] * 14), location=north)
    await company.deal(product, "1", 7)
    await proposed()
    first, second = await open_proposal(here), await open_proposal(there)
    assert first
    assert second
    assert [(each.demand_mean, each.pipeline_mean) for each in (first, second)] == [(5, 7), (1, 0)]
    await update_policy(here.id, {"is_active": False}, by=SYSTEM, at=NOW)
    await proposed(hours=1)
    assert await open_proposal(here) is None
    moved = await open_proposal(there)
    assert moved
    assert (moved.demand_mean, moved.pipeline_mean) == (6, 7)


async def test_a_run_again_brings_the_open_proposal_up_to_date(company: Company) -> None:
    product = await company.product()
    policy = await company.policy(product)
    await company.sold(product, *daily(*[5] * 14))
    await proposed()
    first = await open_proposal(policy)
    await company.deal(product, "0.5", 10)
    assert await proposed(hours=1) == NOTHING | {"updated": 1}
    second = await open_proposal(policy)
    assert first
    assert second
    assert second.id == first.id
    assert second.version == 2
    assert second.quantity > first.quantity
    assert await ReplenishmentProposal.all().count() == 1
    told = await Event.get(topic="replenishment.proposal.updated")
    assert "pipeline_mean" in told.data
    assert "demand_mean" not in told.data


async def test_a_policy_is_looked_at_when_its_review_is_due_or_by_request(company: Company) -> None:
    watched, weekly = [await company.policy(await company.product(), review_days=days) for days in (0, 7)]
    assert (await proposed(everything=False))["policies"] == 2
    assert (await proposed(everything=False, hours=1))["policies"] == 1
    assert (await proposed(6, everything=False))["policies"] == 1
    assert (await proposed(6, hours=1))["policies"] == 2
    assert (await proposed(12, everything=False))["policies"] == 1
    assert (await proposed(13, everything=False))["policies"] == 2
    looked = await ReplenishmentPolicy.all().values_list("id", "computed_at", "version")
    assert {*looked} == {(each.id, NOW + timedelta(days=13), 1) for each in (watched, weekly)}


async def test_a_lost_run_goes_on_where_it_was(company: Company) -> None:
    for _ in range(5):
        product = await company.product()
        await company.policy(product)
        await company.sold(product, *daily(5, 5))
    run, told = Run(NOW, True, NOW), list[tuple[int, int]]()

    def lost(done: int, total: int) -> None:
        told.append((done, total))
        if done == 4:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        await propose(run, lost, chunk=2, by=SYSTEM)
    assert told == [(0, 5), (2, 5), (4, 5)]
    assert await ReplenishmentProposal.all().count() == 4
    later = Run(NOW, True, NOW + timedelta(minutes=5))
    assert await propose(later, lambda *_: None, chunk=2, by=SYSTEM) == NOTHING | {"proposed": 1}
    assert await ReplenishmentProposal.filter(version=1).count() == 5


async def test_a_dismissal_holds_until_the_next_look(company: Company) -> None:
    for review, again in ((0, 1), (7, 7)):
        product = await company.product()
        policy = await company.policy(product, review_days=review)
        await company.sold(product, *daily(*[5] * 14))
        await proposed()
        made = await open_proposal(policy)
        assert made
        await dismiss_proposal(made.id, {"reason": "no room"}, by=SYSTEM, at=NOW + timedelta(hours=1))
        await proposed(again - 1, hours=2)
        assert await open_proposal(policy) is None
        await proposed(again)
        assert await open_proposal(policy) is not None


async def test_two_runs_at_once_make_one_proposal(company: Company) -> None:
    product = await company.product()
    await company.policy(product)
    await company.sold(product, *daily(*[5] * 14))
    await asyncio.gather(*(proposed() for _ in range(4)))
    assert await ReplenishmentProposal.filter(state="proposed").count() == 1


async def test_a_chunk_is_a_fixed_number_of_statements(company: Company) -> None:
    pool: Any = get_connection("default")._pool  # type: ignore[attr-defined]
    counted = []
    for number in range(4):
        for _ in range(number):
            product = await company.product()
            await company.policy(product)
            await company.sold(product, *daily(5, 5))
        seen: list[str] = []
        with ExitStack() as logged:
            for connection in [holder._con for holder in pool._holders if holder._con is not None]:
                logged.enter_context(connection.query_logger(lambda record, seen=seen: seen.append(record.query)))
            await proposed(number)
            await asyncio.sleep(0)  # asyncpg tells what was sent a moment later
        counted.append(seen)
    kinds = [sql.split()[0].rstrip(";") for sql in counted[3]]
    count_due, begin, commit, look_again = ["SELECT"], ["BEGIN"], ["COMMIT"], ["BEGIN", "SELECT", "COMMIT"]
    locked, read, written = ["SELECT"] * 3, ["SELECT", *["WITH"] * 3, "SELECT", "WITH"], ["WITH", "WITH", "UPDATE"]
    assert kinds == [*count_due, *begin, *locked, *read, *written, *commit, *look_again]
    assert len(counted[2]) == len(counted[3])


@dataclass(frozen=True)
class World:
    """Two products at two places, and what may happen to them."""

    company: Company
    products: list[Product]
    places: list[Any]

    async def happen(self, what: str, which: int, days: int, units: int) -> None:
        product, place = self.products[which % 2], self.places[which // 2 % 2]
        match what:
            case "sale":
                await self.company.sold(product, (days % 14, units), location=place if which % 3 else None)
            case "deal":
                await self.company.deal(product, f"0.{units % 10}", units, closes_in=days)
            case "slip":
                await Opportunity.filter(name="A").limit(1).update(close_date=day(days + 30))
            case "purchase":
                await self.company.bought(product, units, sent=days + 5, came=days % 5, location=place)
            case "await":
                await self.company.bought(product, units, sent=days, location=place)
            case "stock":
                await self.company.shelved(product, units * 10, units, place)


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["sale", "deal", "slip", "purchase", "await", "stock"]),
        st.integers(0, 11), st.integers(0, 20), st.integers(1, 60),
    ), max_size=6,
)  # fmt: skip


async def picture() -> list[Any]:
    """Every open proposal, without when and how often it was computed."""
    left_out = {"id", "created_at", "updated_at", "version", "computed_at"}
    columns = [name for name in ReplenishmentProposal._meta.fields_db_projection if name not in left_out]
    return await ReplenishmentProposal.filter(state="proposed").order_by("policy_id").values_list(*columns)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[([("sale", 1, 1, 1), *[("purchase", 1, 0, 1)] * 3, ("await", 1, 5, 1)], 1)])
@given(steps=st.lists(st.tuples(HAPPENINGS, st.integers(1, 5)), min_size=1, max_size=4))
async def test_many_runs_come_to_what_one_does(company: Company, steps: list[tuple[Any, int]]) -> None:
    for model in (ReplenishmentProposal, ReplenishmentPolicy, Order, Opportunity, PurchaseOrder, InventoryLevel):
        await model.all().delete()
    products = [await company.product(), await company.product()]
    places = [company.main, await company.place(f"L{next(company.numbers)}")]
    world = World(company, products, places)
    for product in products:
        for place in places:
            await company.policy(product, place, order_cost=Decimal(9), holding_rate=Decimal("0.2"))
    for number, (step, chunk) in enumerate(steps):
        for happening in step:
            await world.happen(*happening)
        await proposed(hours=number, chunk=chunk)
    in_steps = await picture()
    await ReplenishmentProposal.all().delete()
    await proposed(hours=9)
    assert await picture() == in_steps
