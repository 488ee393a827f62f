"""Defects that were found in the source of well-known systems, each with what ours does instead."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type

from api.schema import build_schema, core_schema
from domain.attribution.models import AttributionCredit
from domain.campaigns.models import Campaign, CampaignCost
from domain.kernel.actor import SYSTEM
from domain.kernel.period import Period
from domain.kpis.computing import compute_all
from domain.kpis.models import Kpi
from domain.kpis.queries import series
from domain.kpis.registry import install_built_in
from domain.pipeline.models import StageHistory
from domain.pipeline.moves import move_opportunity
from domain.procurement.performance import supplier_performance
from domain.replenishment.rules import Outlook, reorder_point
from tests.domain.inventory.house import location, product
from tests.domain.pipeline.deals import DO, STAMPS, house
from tests.domain.procurement import purchases
from tests.domain.replenishment import stocked
from tests.graph import NOW

pytestmark = pytest.mark.anyio
AT = datetime(2024, 5, 15, tzinfo=UTC)
MAY, JUNE = date(2024, 5, 1), date(2024, 6, 1)


async def value(key: str, currency: str = "") -> float | None:
    """The value of a built-in KPI for May."""
    await install_built_in(by=SYSTEM, at=AT)
    await compute_all(lambda *_: None, by=SYSTEM, at=AT)
    kpi = await Kpi.get(key=key)
    (point,) = await series(kpi.id, currency=currency, start=MAY, end=JUNE)
    return point.value


@pytest.mark.usefixtures("database")
class TestStored:
    async def test_a_campaigns_cost_counts_once_and_margin_not_revenue(self) -> None:
        """SuiteCRM's RoiDetailView joins costs to won deals, so that each deal counts them again, and takes revenue."""
        made = await house()
        given = {"kind": "email", "state": "active", "starts_on": MAY, "ends_on": JUNE, "currency": "EUR"}
        campaign = await Campaign.create(name="C", **given, **STAMPS)
        await CampaignCost.create(campaign=campaign, incurred_on=MAY, amount=100, description="D", **STAMPS)
        for _ in range(2):
            deal = await made.deal(amount="500")
            await AttributionCredit.create(
                model="position", opportunity=deal, campaign=campaign, touches=1, won_at=AT, currency="EUR",
                revenue=500, margin=150, **STAMPS,
            )  # fmt: skip
        assert await value("campaign_return", "EUR") == pytest.approx((300 - 100) / 100)

    async def test_lost_deals_are_forecast_at_nothing(self) -> None:
        """Frappe CRM's get_forecasted_revenue lets lost deals in at their whole amount."""
        made = await house()
        for name in ("Lost", "Offered"):
            deal = await made.deal(amount="1000")
            reason = made.lost.id if name == "Lost" else None
            await move_opportunity(deal.id, made.stages[name].id, {}, close_reason_id=reason, **DO)
        assert await value("weighted_pipeline", "EUR") == 400

    async def test_probabilities_are_numbers_and_history_is_kept(self) -> None:
        """Twenty keeps the probability as a text, and no history of stages."""
        made = await house()
        deal = await made.deal(probability="0.25")
        await move_opportunity(deal.id, made.stages["Offered"].id, {}, **DO)
        stays = await StageHistory.filter(opportunity_id=deal.id).order_by("sequence")
        assert [stay.probability for stay in stays] == [Decimal("0.25"), Decimal("0.4")]

    async def test_what_never_came_is_not_on_time(self) -> None:
        """Odoo's on_time_rate leaves lines out of which nothing was received."""
        goods, place, supplier = await product(), await location(), await purchases.supplier()
        promised = NOW.date() + timedelta(days=5)
        line = purchases.line(goods, cost="2")
        came = await purchases.sent(supplier, place, line, promised=promised)
        for _ in range(3):
            await purchases.sent(supplier, place, line, promised=promised)
        await purchases.came(came, NOW + timedelta(days=4), 10)
        found = await supplier_performance(supplier.id, Period(MAY, JUNE), as_of=JUNE, by=SYSTEM)
        assert found.on_time_rate == 0.25

    async def test_days_without_orders_count(self) -> None:
        """ERPNext's exponential smoothing starts from the mean of the periods in which something was sold."""
        company = await stocked.founded()
        goods = await company.product()
        policy = await company.policy(goods)
        await company.sold(goods, (1, 14))
        await stocked.proposed()
        proposal: Any = await stocked.open_proposal(policy)
        assert proposal.demand_mean == pytest.approx(1.0)  # 14 units in one of 14 days


def test_the_safety_stock_follows_how_much_demand_and_lead_time_vary() -> None:
    """ERPNext's recommended reorder level is the daily average times the lead time and a typed safety stock."""
    steady, restless = Outlook(10, 1, 9, 0), Outlook(10, 8, 9, 3)
    assert reorder_point(steady, 0.95) < reorder_point(restless, 0.95)


def test_nobody_types_a_verdict() -> None:
    """ERPNext's quality review takes its status from typed results."""
    schema = core_schema(build_schema())
    assert schema.mutation_type
    inputs = [
        get_named_type(argument.type)
        for mutation in schema.mutation_type.fields.values()
        for argument in mutation.args.values()
    ]
    named = {
        get_named_type(field.type).name
        for given in inputs
        if isinstance(given, GraphQLInputObjectType)
        for field in given.fields.values()
    }
    assert "EffectVerdict" not in named
