"""KPIs are computed for what has changed, and come to what computing everything would, whatever is edited when."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection

from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem
from domain.kernel.actor import SYSTEM
from domain.kpis.computing import compute_all
from domain.kpis.measures import MEASURES
from domain.kpis.models import Kpi, KpiSignal, KpiTarget, KpiValue
from domain.kpis.queries import series
from domain.kpis.registry import install_built_in
from domain.orders.models import Order
from domain.pipeline.models import Opportunity
from domain.surveys.models import Survey, SurveyResponse
from tests.domain.pipeline.deals import house

pytestmark = pytest.mark.anyio
START = datetime(2024, 1, 10, 12, tzinfo=UTC)
NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
STAMPS: dict[str, Any] = {"created_at": START, "updated_at": START}
FIGURES = (
    "kpi_id",
    "dimension",
    "member",
    "currency",
    "period_start",
    "value",
    "numerator",
    "denominator",
    "low",
    "high",
)


async def compute(at: datetime = NOW, *, everything: bool = False) -> dict[str, int]:
    return await compute_all(lambda *_: None, everything=everything, by=SYSTEM, at=at)


async def current() -> list[Any]:
    """What is held of every KPI now, its signals included."""
    rules = ("kpi__key", "dimension", "member", "currency", "period_start", "rule", "value", "centre", "is_good")
    return [
        sorted(await KpiValue.filter(superseded_at=None).values_list(*FIGURES), key=repr),
        sorted(await KpiSignal.all().values_list(*rules), key=repr),
    ]


async def kpi(name: str) -> Kpi:
    return await Kpi.get(key=name)


async def values(name: str, **cut: str) -> dict[date, float | None]:
    found = await series((await kpi(name)).id, start=date(2023, 1, 1), end=date(2025, 1, 1), **cut)
    return {point.period_start: point.value for point in found}


async def closed(made: Any, day: datetime, status: str, amount: int = 100) -> Opportunity:
    """A deal that was opened ten days before it closed."""
    stage = made.stages["Won" if status == "won" else "Lost"]
    return await Opportunity.create(
        name="D", customer=made.customer, pipeline=made.pipeline, stage=stage, status=status, currency="EUR",
        amount=amount, probability=1 if status == "won" else 0, forecast_category="closed", close_date=day.date(),
        opened_at=day - timedelta(days=10), stage_entered_at=day, closed_at=day,
        close_reason=made.lost if status == "lost" else None, **STAMPS,
    )  # fmt: skip


@pytest.mark.usefixtures("database")
class TestFigures:
    async def test_every_measure_can_be_computed_and_cut(self) -> None:
        made = await house()
        await closed(made, START, "won")
        await Order.create(customer=made.customer, ordered_at=START, currency="EUR", total=5, **STAMPS)
        assert await install_built_in(by=SYSTEM, at=NOW) == len(MEASURES)
        assert await install_built_in(by=SYSTEM, at=NOW) == 0
        counts = await compute()
        assert counts["kpis"] == len(MEASURES)
        assert counts["values"] > 0
        assert (await compute(NOW))["values"] == 0

    async def test_win_rate_bookings_and_velocity(self) -> None:
        made = await house()
        for status, amount in (("won", 100), ("won", 300), ("lost", 50), ("lost", 50), ("lost", 50)):
            await closed(made, START, status, amount)
        await closed(made, NOW, "won", 10)
        await install_built_in(by=SYSTEM, at=NOW)
        await compute()
        january, may = date(2024, 1, 1), date(2024, 5, 1)
        rates = await values("win_rate")
        assert (rates[january], rates[date(2024, 2, 1)], rates[may]) == (0.4, None, 1)
        value = await KpiValue.get(kpi=await kpi("win_rate"), period_start=january, dimension="")
        assert (value.low, value.high) == (pytest.approx(0.1176, abs=1e-4), pytest.approx(0.7693, abs=1e-4))
        booked = await values("bookings", currency="EUR")
        assert list(booked.values()) == [400, 0, 0, 0, 10]
        # five deals at work, 0.4 of them won at 200 each, in ten days
        assert (await values("velocity", currency="EUR"))[january] == pytest.approx(5 * 0.4 * 200 / 10)

    async def test_promoters_and_quotas(self) -> None:
        made = await house()
        survey = await Survey.create(name="S", kind="nps", question="?", **STAMPS)
        for score in [9] * 100 + [7] * 60 + [3] * 40:
            await SurveyResponse.create(survey=survey, score=score, responded_at=START, **STAMPS)
        await closed(made, START, "won", 150)
        await install_built_in(by=SYSTEM, at=NOW)
        await KpiTarget.create(
            kpi=await kpi("bookings"), period_start=date(2024, 1, 1), period_end=date(2024, 2, 1), currency="EUR",
            value=200, **STAMPS,
        )  # fmt: skip
        await compute()
        found = await KpiValue.get(kpi=await kpi("nps"), period_start=date(2024, 1, 1), dimension="")
        assert found.value == 30
        assert found.high - found.value == pytest.approx(1.959964 * 5.52, abs=0.01)  # type: ignore[operator]
        assert (await values("quota_attainment", currency="EUR"))[date(2024, 1, 1)] == 0.75
        (missed,) = await KpiSignal.filter(rule="missed_target")
        assert (missed.value, missed.is_good) == (150, False)

    async def test_a_late_fact_supersedes_and_the_past_can_be_read(self) -> None:
        made = await house()
        await closed(made, START, "won", 100)
        await install_built_in(by=SYSTEM, at=NOW)
        await compute()
        later = NOW + timedelta(hours=1)
        await closed(made, START, "won", 11)
        await compute(later)
        key = (await kpi("bookings")).id
        month: dict[str, Any] = {"start": date(2024, 1, 1), "end": date(2024, 2, 1), "currency": "EUR"}
        assert [point.value for point in await series(key, **month)] == [111]
        assert [point.value for point in await series(key, as_of=NOW + timedelta(minutes=1), **month)] == [100]

    async def test_only_what_was_touched_is_computed(self) -> None:
        made = await house()
        for days in (0, 31, 62):
            await closed(made, START + timedelta(days=days), "won", 100)
        await install_built_in(by=SYSTEM, at=NOW)
        await compute()
        rows = await get_connection("default").execute_query_dict("SELECT count(*) AS n FROM kpi_touch")
        assert rows[0]["n"] == 0
        await Order.create(customer=made.customer, ordered_at=START, currency="EUR", total=5, **STAMPS)
        rows = await get_connection("default").execute_query_dict("SELECT source, day FROM kpi_touch")
        assert [(row["source"], row["day"]) for row in rows] == [("sales_order", START.date())]


class Editor:
    """Somebody who writes, changes and removes what KPIs are computed from, late and early."""

    def __init__(self, seed: int, made: Any) -> None:
        self.chance, self.made = random.Random(seed), made

    def day(self) -> datetime:
        return START + timedelta(days=self.chance.randrange(-40, 126))

    async def act(self) -> None:
        await getattr(
            self, self.chance.choice(["deal", "redate", "reopen", "order", "move_order", "drop_order", "say"])
        )()

    async def deal(self) -> None:
        await closed(self.made, self.day(), self.chance.choice(["won", "lost"]), self.chance.randrange(1, 500))

    async def redate(self) -> None:
        deal = await Opportunity.filter(closed_at__isnull=False).order_by("id").first()
        if deal:
            day = self.day()
            await Opportunity.filter(id=deal.id).update(closed_at=day, opened_at=day - timedelta(days=3))

    async def reopen(self) -> None:
        deal = await Opportunity.filter(status="won").order_by("-id").first()
        if deal:
            stage = self.made.stages["Offered"]
            await Opportunity.filter(id=deal.id).update(
                status="open", stage_id=stage.id, closed_at=None, probability=Decimal("0.4")
            )

    async def order(self) -> None:
        customer = self.chance.choice(await Customer.all().order_by("id"))
        total, day = self.chance.randrange(1, 99), self.day()
        promised = self.chance.choice([None, day.date()])
        await Order.create(
            customer=customer, ordered_at=day, currency=self.chance.choice(["EUR", "USD"]), total=total,
            promised_on=promised, delivered_at=self.chance.choice([None, day]), **STAMPS,
        )  # fmt: skip

    async def move_order(self) -> None:
        order = await Order.all().order_by("id").first()
        if order:
            await Order.filter(id=order.id).update(ordered_at=self.day(), total=7)

    async def drop_order(self) -> None:
        order = await Order.all().order_by("-id").first()
        if order:
            await order.delete()

    async def say(self) -> None:
        await FeedbackItem.create(
            source="case", text="x", received_at=self.day(), sentiment=self.chance.choice([None, -500, 300]), **STAMPS
        )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), steps=st.integers(3, 25))
async def test_incremental_is_full(database: str, seed: int, steps: int) -> None:
    await _nothing()
    made = await house()
    for name in ("B", "C"):
        await Customer.create(kind="person", name=name, **STAMPS)
    await install_built_in(by=SYSTEM, at=NOW)
    editor, moment = Editor(seed, made), NOW
    for _ in range(steps):
        await editor.act()
        if editor.chance.random() < 0.4:
            moment += timedelta(days=editor.chance.choice([0, 0, 1, 20]), minutes=1)
            await compute(moment)
    await compute(moment + timedelta(minutes=1))
    step_by_step = await current()
    await KpiValue.all().delete()
    await KpiSignal.all().delete()
    await compute(moment + timedelta(minutes=2), everything=True)
    for incremental, full in zip(step_by_step, await current(), strict=True):
        assert [row for row in incremental if row not in full] == []
        assert [row for row in full if row not in incremental] == []


async def _nothing() -> None:
    """Takes away what the example before has left."""
    tables = (
        "kpi_signal", "kpi_value", "kpi", "opportunity_stage_history", "opportunity", "sales_order", "feedback_item",
        "customer", "pipeline_stage", "pipeline", "close_reason", "kpi_touch",
    )  # fmt: skip
    removed = "; ".join(f"DELETE FROM {table}" for table in tables)
    await get_connection("default").execute_script(
        f"SET session_replication_role = replica; {removed}; SET session_replication_role = origin"
    )
