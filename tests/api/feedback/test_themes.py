"""Themes through the graph: what is at stake, and whether they are spoken of more than by chance."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.feedback.models import FeedbackDay, FeedbackTheme, FeedbackThemeStake
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
QUIET = [3, 4, 2, 3, 5, 3, 4, 3, 2, 4]
CHART = """query ($id: ID!, $today: Date) { feedbackThemeChart(themeId: $id, today: $today) {
  weeks { startsOn itemCount meanSentiment } centre lower upper isAboveLimit } }"""


async def late() -> str:
    theme = await FeedbackTheme.create(language="en", label="late", phrases=["late"], **STAMPS)
    for currency, ordered in (("JPY", 900), ("EUR", 120)):
        await FeedbackThemeStake.create(
            theme=theme, currency=currency, customer_count=2, ordered=ordered, pipeline=50, **STAMPS
        )
    for back, count in enumerate(reversed([*QUIET, 14]), 1):
        day = date(2024, 4, 29) - timedelta(weeks=back)
        await FeedbackDay.create(
            day=day, source="case", theme=theme, item_count=count, scored_count=count, sentiment_sum=-500 * count
        )
    return f"thm_{theme.id.hex}"


async def test_a_theme_tells_what_is_at_stake(rob: Graph) -> None:
    await late()
    query = """{ feedbackThemes(where: {stakes: {some: {currency: {eq: "EUR"}, orderedAmount: {gt: "100"}}}}) {
      nodes { label stakes { nodes { currency customerCount ordered { amount } pipeline { amount currency } } } } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        data = await rob.ask(query)
    assert len(statements) == 1
    (theme,) = data["feedbackThemes"]["nodes"]
    assert theme["stakes"]["nodes"] == [
        {
            "currency": "EUR",
            "customerCount": 2,
            "ordered": {"amount": "120.00"},
            "pipeline": {"amount": "50.00", "currency": "EUR"},
        },
        {
            "currency": "JPY",
            "customerCount": 2,
            "ordered": {"amount": "900"},
            "pipeline": {"amount": "50", "currency": "JPY"},
        },
    ]


async def test_a_chart_takes_one_statement(rob: Graph) -> None:
    key = await late()
    await rob.ask(CHART, id=key, today="2024-05-01")
    with rob.counting() as statements:
        chart = (await rob.ask(CHART, id=key, today="2024-05-01"))["feedbackThemeChart"]
    assert len(statements) == 1
    assert [week["itemCount"] for week in chart["weeks"]] == [*QUIET, 14]
    assert chart["weeks"][-1] == {"startsOn": "2024-04-22", "itemCount": 14, "meanSentiment": -0.5}
    assert chart["centre"] == pytest.approx(3.3)
    assert chart["lower"] == 0
    assert chart["upper"] == pytest.approx(3.3 + 3 * (13 / 9) / 1.128)
    assert chart["isAboveLimit"] is True
    early = (await rob.ask(CHART, id=key, today="2024-03-01"))["feedbackThemeChart"]
    assert (early["centre"], early["upper"], early["isAboveLimit"]) == (None, None, False)
    assert (await rob.ask(CHART, id="thm_" + "0" * 32))["feedbackThemeChart"] is None
    assert (await rob.ask(CHART, id="rubbish"))["feedbackThemeChart"] is None
    assert (await rob.ask(CHART, id=key))["feedbackThemeChart"]["weeks"]


async def test_strangers_see_no_chart(graph: Graph) -> None:
    assert await graph.code(CHART, id=await late()) == "UNAUTHENTICATED"
