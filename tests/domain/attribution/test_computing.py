"""Attribution: what is computed bit by bit, whatever is edited and comes late, is what computing everything gives."""

from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from tortoise.connection import get_connection

from domain.attribution.computing import credit_next, mark_everybody
from domain.attribution.models import AttributionCredit, CampaignResult, HoldoutEffect
from domain.attribution.results import Arm, compare_arms, sum_up, welch
from domain.campaigns.commands import create_campaign
from domain.campaigns.models import Campaign, CampaignMember
from domain.campaigns.touches import record_touches
from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.kernel.ids import new_id
from domain.leads.models import Lead
from domain.orders.models import Order
from domain.pipeline.commands import set_lines, update_opportunity
from domain.pipeline.models import Opportunity
from domain.pipeline.moves import move_opportunity
from domain.pipeline.rules import DealIsClosed
from tests.domain.campaigns.test_campaigns import GIVEN
from tests.domain.pipeline.deals import DO, STAMPS, House, house
from tests.graph import NOW

pytestmark = pytest.mark.anyio


async def credit_all() -> int:
    changed = 0
    while found := await credit_next(NOW):
        changed += found[1]
    return changed


async def credits() -> list[tuple[Any, ...]]:
    names = ("opportunity_id", "model", "campaign_id", "touches", "won_at", "revenue", "margin")
    return sorted(await AttributionCredit.all().values_list(*names), key=str)


async def touch(campaign: Campaign, days: int, **whom: UUID) -> None:
    row = {"external_id": str(new_id()), "kind": "sent", "occurred_at": NOW - timedelta(days=days), **whom}
    await record_touches(campaign.id, [row], **DO)


async def close(made: House, deal: Opportunity, name: str) -> None:
    reason = made.lost.id if name == "Lost" else None
    await move_opportunity(deal.id, made.stages[name].id, {"note": "N"}, close_reason_id=reason, **DO)


@pytest.mark.usefixtures("database")
class TestCredits:
    async def test_a_win_is_credited_to_the_touches_of_the_customer_and_of_the_lead_it_was(self) -> None:
        made = await house()
        first, second = [await create_campaign({**GIVEN, "name": name}, **DO) for name in "AB"]
        goods = await Product.create(sku="G", name="G", list_price="50", unit_cost="30", currency="EUR", **STAMPS)
        deal = await made.deal(lines=[{"product_id": goods.id, "quantity": Decimal(2)}])
        lead = await Lead.create(name="L", source="campaign", status_changed_at=NOW, **STAMPS)
        await touch(first, 30, lead_id=lead.id)
        await touch(second, 3, customer_id=made.customer.id)
        await close(made, deal, "Won")
        assert await credit_all() == 5
        assert {credit.campaign_id for credit in await AttributionCredit.all()} == {second.id}
        await Lead.filter(id=lead.id).update(status="converted", converted_at=NOW, customer=made.customer)
        await credit_all()
        linear = await AttributionCredit.filter(model="linear")
        assert {(credit.campaign_id, credit.revenue) for credit in linear} == {(first.id, 50), (second.id, 50)}
        assert sum([credit.margin for credit in linear], Decimal(0)) == 40
        await Product.filter(id=goods.id).update(unit_cost=10)
        await credit_all()
        assert sum([credit.margin for credit in await AttributionCredit.filter(model="first")], Decimal(0)) == 80
        assert await credit_next(NOW) is None
        await mark_everybody()
        assert await credit_all() == 0, "what is alike stays"
        await close(made, deal, "Agreed")
        await credit_all()
        assert await AttributionCredit.all().count() == 0

    async def test_results_are_set_beside_the_cost(self) -> None:
        made = await house()
        campaign = await create_campaign(GIVEN, **DO)
        await Campaign.filter(id=campaign.id).update(cost=20)
        goods = await Product.create(sku="G", name="G", list_price="50", unit_cost="30", currency="EUR", **STAMPS)
        deal = await made.deal(lines=[{"product_id": goods.id, "quantity": Decimal(2)}])
        await touch(campaign, 3, customer_id=made.customer.id)
        await close(made, deal, "Won")
        await credit_all()
        await sum_up(NOW)
        result = await CampaignResult.get(model="linear")
        assert (result.deals, result.revenue, result.margin, result.cost) == (1, 100, 40, 20)
        assert result.return_on_margin == pytest.approx(1.0)
        await sum_up(NOW)
        assert {each.version for each in await CampaignResult.all()} == {1}


async def nothing() -> None:
    """Takes away what the example before has left."""
    tables = (
        "attribution_credit", "attribution_due", "touchpoint", "campaign", "lead", "opportunity_stage_history",
        "opportunity_line", "opportunity", "pipeline_stage", "pipeline", "close_reason", "product", "customer",
    )  # fmt: skip
    removed = "; ".join(f"DELETE FROM {table}" for table in tables)
    await get_connection("default").execute_script(
        f"SET session_replication_role = replica; {removed}; SET session_replication_role = origin"
    )


STEP = st.one_of(
    st.tuples(st.just("touch"), st.integers(0, 2), st.integers(0, 1), st.integers(0, 400)),
    st.tuples(st.just("lead touch"), st.integers(0, 1), st.integers(0, 1), st.integers(0, 90)),
    st.tuples(st.just("convert"), st.integers(0, 1), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 2), st.just(0)),
    st.tuples(st.just("worth"), st.integers(0, 3), st.integers(0, 10_000), st.just(0)),
    st.tuples(st.just("lines"), st.integers(0, 3), st.integers(1, 9), st.just(0)),
    st.tuples(st.just("cost"), st.integers(1, 99), st.just(0), st.just(0)),
    st.tuples(st.just("compute"), st.just(0), st.just(0), st.just(0)),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEP, min_size=4, max_size=25))
@pytest.mark.usefixtures("database")
async def test_bit_by_bit_is_as_all_at_once(steps: list[tuple[str, int, int, int]]) -> None:
    await nothing()
    made = await house()
    campaigns = [await create_campaign({**GIVEN, "name": name}, **DO) for name in "AB"]
    people = [made.customer, *[await Customer.create(kind="person", name=name, **STAMPS) for name in "XY"]]
    leads = [await Lead.create(name=name, source="campaign", status_changed_at=NOW, **STAMPS) for name in "LM"]
    goods = await Product.create(sku="G", name="G", list_price="5", unit_cost="3", currency="EUR", **STAMPS)
    deals = [await made.deal(customer_id=people[n % 3].id, amount=Decimal(100 + n)) for n in range(4)]
    for verb, one, other, days in steps:
        match verb:
            case "touch":
                await touch(campaigns[other], days, customer_id=people[one].id)
            case "lead touch":
                await touch(campaigns[other], days, lead_id=leads[one].id)
            case "convert":
                gone = {"status": "converted", "converted_at": NOW, "customer_id": people[other].id}
                await Lead.filter(id=leads[one].id, status="new").update(**gone)
            case "move":
                now = await Opportunity.get(id=deals[one].id)
                way = ("Won", "Lost", "Agreed")[other] if now.status == "open" else "Agreed"
                if now.stage_id != made.stages[way].id:
                    await close(made, deals[one], way)
            case "worth":
                with suppress(DealIsClosed):
                    await update_opportunity(deals[one].id, {"amount": Decimal(other) / 100}, **DO)
            case "lines":
                with suppress(DealIsClosed):
                    await set_lines(deals[one].id, [{"product_id": goods.id, "quantity": Decimal(other)}], **DO)
            case "cost":
                await Product.filter(id=goods.id).update(unit_cost=Decimal(one) / 10)
            case "compute":
                await credit_all()
    await credit_all()
    bit_by_bit = await credits()
    won = sum([deal.amount for deal in await Opportunity.filter(status="won")], Decimal(0))
    for model in ("first", "last", "linear", "position", "time_decay"):
        assert sum([row[5] for row in bit_by_bit if row[1] == model], Decimal(0)) == won
    await AttributionCredit.all().delete()
    await mark_everybody()
    await credit_all()
    assert await credits() == bit_by_bit


class TestHoldouts:
    def test_the_difference_is_welchs(self) -> None:
        chance = np.random.default_rng(7)
        one, other = chance.normal(105, 30, 400), chance.normal(100, 15, 90)
        found = welch(*(Arm(len(x), float(x.mean()), float(x.std(ddof=1))) for x in (one, other)))
        expected = stats.ttest_ind(one, other, equal_var=False)
        interval = expected.confidence_interval(0.95)
        assert found.difference == pytest.approx(one.mean() - other.mean(), abs=1e-9)
        assert (found.low, found.high) == (
            pytest.approx(interval.low, abs=1e-9),
            pytest.approx(interval.high, abs=1e-9),
        )
        assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)

    def test_too_little_is_said_to_be_too_little(self) -> None:
        assert welch(Arm(1, 5, 0), Arm(9, 4, 1)).low is None
        assert welch(Arm(9, 5, 0), Arm(9, 4, 0)).p_value is None

    @pytest.mark.usefixtures("database")
    async def test_what_members_bought_in_the_time_of_the_campaign(self) -> None:
        given = {**GIVEN, "holdout_share": Decimal("0.5"), "starts_on": date(2024, 4, 1), "ends_on": date(2024, 4, 10)}
        campaign = await create_campaign(given, **DO)
        for number in range(8):
            person = await Customer.create(kind="person", name="P", **STAMPS)
            arm = "holdout" if number < 4 else "targeted"
            await CampaignMember.create(campaign=campaign, customer=person, arm=arm, **STAMPS)
            for day, total in ((date(2024, 4, 2), number), (date(2024, 3, 31), 900), (date(2024, 5, 1), 900)):
                moment = NOW.replace(year=day.year, month=day.month, day=day.day)
                await Order.create(customer=person, ordered_at=moment, currency="EUR", total=total, **STAMPS)
        assert await compare_arms(NOW) == 1
        effect = await HoldoutEffect.get()
        expected = stats.ttest_ind([4, 5, 6, 7], [0, 1, 2, 3], equal_var=False)
        assert (effect.targeted_mean, effect.holdout_mean, effect.difference) == (5.5, 1.5, 4.0)
        assert effect.p_value == pytest.approx(expected.pvalue)
        assert (effect.period_start, effect.period_end) == (date(2024, 4, 1), NOW.date())
        assert await compare_arms(NOW) == 1
