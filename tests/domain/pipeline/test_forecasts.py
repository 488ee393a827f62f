"""Forecasts are rolled up by category, frozen, and scored when it is over; cohorts are judged when they are ripe."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from domain.access.models import User
from domain.kernel.actor import SYSTEM
from domain.kernel.period import Period
from domain.kernel.refusals import Invalid, NotFound
from domain.pipeline import figures, forecasts
from domain.pipeline.commands import create_opportunity, update_opportunity
from domain.pipeline.models import ForecastLine, ForecastSnapshot, Opportunity
from domain.pipeline.moves import move_opportunity
from tests.domain.pipeline.deals import STAMPS, House, house

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
MAY = Period(date(2024, 5, 1), date(2024, 6, 1))


def on(day: int, month: int = 5) -> dict[str, Any]:
    return {"by": SYSTEM, "at": datetime(2024, month, day, 12, tzinfo=UTC)}


async def owner(name: str) -> User:
    return await User.create(email=f"{name}@example.org", name=name, password_hash="x", role="member", **STAMPS)


async def deal(
    made: House, amount: int, close: date = date(2024, 5, 20), stage: str = "Qualified", **more: Any
) -> Opportunity:
    given = {"name": "D", "customer_id": made.customer.id, "currency": "EUR", "close_date": close, **more}
    values = {**given, "amount": Decimal(amount), "stage_id": made.stages[stage].id}
    return await create_opportunity(values, **on(1))


async def close(made: House, what: Opportunity, name: str, day: int, month: int = 5) -> None:
    reason = made.lost.id if name == "Lost" else None
    await move_opportunity(what.id, made.stages[name].id, {"note": "N"}, close_reason_id=reason, **on(day, month))


async def test_the_categories_roll_up_by_owner_and_what_is_lost_or_omitted_counts_nowhere() -> None:
    made, ann, bo = await house(), await owner("Ann"), await owner("Bo")
    for amount, stage, whose in ((100, "Qualified", ann), (200, "Offered", ann), (400, "Agreed", bo)):
        await deal(made, amount, stage=stage, owner_id=whose.id)
    await close(made, await deal(made, 1_000, owner_id=ann.id), "Won", 3)
    await close(made, await deal(made, 10_000, owner_id=ann.id), "Lost", 3)
    await deal(made, 20_000, owner_id=ann.id, forecast_category="omitted")
    await deal(made, 40_000, owner_id=ann.id, close=date(2024, 6, 1))
    rows = await forecasts.forecast(MAY, **{"by": SYSTEM})
    assert [(row.owner_name, row.is_total) for row in rows] == [("Ann", False), ("Bo", False), (None, True)]
    first, second, whole = rows
    assert (first.closed, first.commit, first.best_case, first.pipeline) == (1_000, 0, 200, 100)
    assert (first.weighted, first.opportunity_count) == (Decimal(90), 2)
    assert (second.commit, second.weighted) == (400, 320)
    assert (whole.closed, whole.commit, whole.best_case, whole.pipeline, whole.weighted) == (1_000, 400, 200, 100, 410)


async def test_what_is_frozen_stays_and_is_scored_when_it_is_over() -> None:
    made, ann, bo = await house(), await owner("Ann"), await owner("Bo")
    sure = await deal(made, 100, stage="Agreed", owner_id=ann.id)
    maybe = await deal(made, 300, stage="Offered", owner_id=ann.id)
    assert await forecasts.freeze_forecasts(**on(6)) == 2
    assert await forecasts.freeze_forecasts(**on(6)) == 0, "once a day"
    await update_opportunity(maybe.id, {"amount": Decimal(999)}, **on(7))
    month = await ForecastSnapshot.get(grain="month")
    (line,) = await ForecastLine.filter(snapshot_id=month.id)
    assert (line.commit, line.best_case, line.weighted, line.actual) == (100, 300, 200, None)
    await close(made, sure, "Won", 20)
    await close(made, maybe, "Lost", 21)
    await close(made, await deal(made, 60, owner_id=bo.id), "Won", 30)
    assert await forecasts.score_forecasts(**on(31)) == 0, "the month is not over"
    assert await forecasts.score_forecasts(**on(1, 6)) == 1
    assert await forecasts.score_forecasts(**on(2, 6)) == 0, "once"
    lines = {each.owner_id: each for each in await ForecastLine.filter(snapshot_id=month.id)}
    assert (lines[ann.id].actual, lines[bo.id].actual, lines[bo.id].commit) == (100, 60, 0)
    scores = (await ForecastSnapshot.get(id=month.id)).scores["EUR"]
    for view, foreseen in (("commit", [100, 0]), ("best_case", [400, 0]), ("weighted", [200, 0])):
        errors, came = np.array(foreseen) - np.array([100, 60]), 160
        assert scores[view]["wape"] == pytest.approx(np.abs(errors).sum() / came)
        assert scores[view]["bias"] == pytest.approx(errors.sum() / came)


async def test_performance_is_that_of_the_textbook() -> None:
    made = await house()
    for number in range(8):
        sold = await deal(made, 100 * (number + 1))
        await close(made, sold, "Won" if number < 5 else "Lost", 11)
    await deal(made, 500, stage="Offered")
    await deal(made, 300, stage="Agreed")
    (found,) = await figures.performance(MAY, by=SYSTEM)
    assert (found.won, found.lost, found.won_amount, found.open) == (5, 3, 1_500, 2)
    low, high = proportion_confint(5, 8, method="wilson")
    assert found.interval == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))
    assert found.win_rate_by_value == pytest.approx(1_500 / 3_600)
    assert (found.average_won, found.average_cycle_days, found.weighted) == (300, pytest.approx(10), 440)
    assert found.velocity == pytest.approx(2 * 5 / 8 * 300 / 10)
    assert await figures.performance(MAY, owner_id=made.customer.id, by=SYSTEM) == []
    (before,) = await figures.performance(Period(date(2024, 4, 1), date(2024, 5, 1)), by=SYSTEM)
    assert (before.win_rate, before.interval, before.velocity, before.average_won) == (None, None, None, None)


async def test_a_cohort_is_judged_by_the_same_time_for_all() -> None:
    made = await house()
    moves = [  # when a deal comes further, and where; all came to Qualified on May 1
        (("Offered", 5),),
        (("Offered", 5), ("Won", 9)),
        (("Agreed", 6),),  # skips Offered, of which it is no cohort
        (("Lost", 4),),
        (("Offered", 28),),  # later than the window
        (),
    ]
    for steps in moves:
        one = await deal(made, 100)
        for name, day in steps:
            await close(made, one, name, day)
    late = {"name": "D", "customer_id": made.customer.id, "currency": "EUR", "close_date": date(2024, 6, 1)}
    await create_opportunity({**late, "amount": Decimal(1)}, **on(25))
    found = await figures.stage_conversion(made.pipeline.id, MAY, within_days=14, as_of=date(2024, 6, 1), by=SYSTEM)
    by_name = {each.name: each for each in found}
    assert [each.name for each in found] == ["Qualified", "Offered", "Agreed"]
    first = by_name["Qualified"]
    assert (first.entered, first.advanced, first.unripe, first.median_days) == (6, 3, 1, 4)
    low, high = proportion_confint(3, 6, method="wilson")
    assert first.interval == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))
    second = by_name["Offered"]
    assert (second.entered, second.advanced, second.unripe) == (2, 1, 1)
    assert by_name["Agreed"].rate == 0
    with pytest.raises(Invalid):
        await figures.stage_conversion(made.pipeline.id, MAY, within_days=0, as_of=MAY.end, by=SYSTEM)
    with pytest.raises(NotFound):
        await figures.stage_conversion(made.customer.id, MAY, within_days=9, as_of=MAY.end, by=SYSTEM)
