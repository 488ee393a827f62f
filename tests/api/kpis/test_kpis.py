"""KPIs through the graph: taken in, given targets, computed by a job, and drawn in one statement."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.customers.models import Customer
from domain.kernel.actor import SYSTEM
from domain.kpis.computing import compute_all
from domain.kpis.registry import install_built_in
from domain.orders.models import Order
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
CHART = """query ($id: ID!, $asOf: DateTime) { kpiChart(kpiId: $id, start: "2023-06-01", end: "2024-06-01", currency: "EUR",
    asOf: $asOf) { name unit direction grain centre lower upper remarks { day text }
  points { periodStart periodEnd value target isOver rules } } }"""
TARGET = """mutation ($id: ID!, $input: KpiTargetCreateInput!) { kpiTargetCreate(kpiId: $id, input: $input) {
  kpiTarget { value periodEnd kpi { key } } userErrors { field message code } } }"""
REMARK = """mutation ($id: ID!) { kpiAnnotationCreate(kpiId: $id, input: {day: "2024-03-01", text: "New prices."}) {
  kpiAnnotation { day text } userErrors { message } } }"""


async def revenue(graph: Graph) -> str:
    """A year of monthly revenue around 100, and then a month of 500; gives the KPI's id."""
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    totals = [100, 104, 98, 101, 99, 103, 97, 102, 100, 101, 500]
    for place, total in enumerate(totals):
        moment = datetime(2023 + (place + 5) // 12, (place + 5) % 12 + 1, 9, tzinfo=UTC)
        await Order.create(customer=customer, ordered_at=moment, currency="EUR", total=total, **STAMPS)
    await install_built_in(by=SYSTEM, at=NOW)
    found = await graph.ask('{ kpis(where: {key: {eq: "revenue"}}) { nodes { id name unit grain dimensions } } }')
    (kpi,) = found["kpis"]["nodes"]
    assert kpi | {"id": ""} == {
        "id": "",
        "name": "Revenue",
        "unit": "MONEY",
        "grain": "MONTH",
        "dimensions": ["location"],
    }
    key: str = kpi["id"]
    return key


async def test_a_chart_has_all_that_is_drawn_in_one_statement(rob: Graph) -> None:
    kpi = await revenue(rob)
    given = {"periodStart": "2024-03-01", "value": 600, "currency": "EUR"}
    target = (await rob.ask(TARGET, id=kpi, input=given))["kpiTargetCreate"]
    assert target["kpiTarget"] == {"value": 600, "periodEnd": "2024-04-01", "kpi": {"key": "revenue"}}
    assert (await rob.ask(REMARK, id=kpi))["kpiAnnotationCreate"]["userErrors"] == []
    await compute_all(lambda *_: None, by=SYSTEM, at=NOW)
    await rob.ask(CHART, id=kpi)
    with rob.counting() as statements:
        chart = (await rob.ask(CHART, id=kpi))["kpiChart"]
    assert len(statements) == 1
    assert (chart["unit"], chart["direction"], chart["grain"]) == ("MONEY", "UP", "MONTH")
    assert chart["remarks"] == [{"day": "2024-03-01", "text": "New prices."}]
    assert chart["lower"] < chart["centre"] < chart["upper"]
    by_month = {point["periodStart"]: point for point in chart["points"]}
    march = by_month["2024-03-01"]
    assert march["target"] == 600
    assert "MISSED_TARGET" in march["rules"]
    loud = [month for month, point in by_month.items() if "BEYOND_LIMITS" in point["rules"]]
    assert loud == ["2024-04-01"]
    before: Any = await rob.ask(CHART, id=kpi, asOf=(NOW - timedelta(days=1)).isoformat())
    assert before["kpiChart"]["points"] == []


async def test_signals_and_values_are_read_with_their_kpi(rob: Graph) -> None:
    await revenue(rob)
    await compute_all(lambda *_: None, by=SYSTEM, at=NOW)
    query = """{ kpiSignals(where: {rule: {eq: BEYOND_LIMITS}, dimension: {eq: ""}}) { nodes { rule isGood value periodStart kpi { name
      values(first: 2, where: {supersededAt: {isNull: true}, dimension: {eq: ""}}) { nodes { periodStart value } } } } } }"""
    await rob.ask(query)
    with rob.counting() as statements:
        found = (await rob.ask(query))["kpiSignals"]["nodes"]
    assert len(statements) == 1
    (signal,) = [each for each in found if each["kpi"]["name"] == "Revenue"]
    assert (signal["isGood"], signal["value"], signal["periodStart"]) == (True, 500, str(date(2024, 4, 1)))
    assert [value["periodStart"] for value in signal["kpi"]["values"]["nodes"]] == ["2024-05-01", "2024-04-01"]


async def test_a_new_definition_is_a_new_version(rob: Graph) -> None:
    kpi = await revenue(rob)
    update = """mutation ($id: ID!, $input: KpiUpdateInput!) { kpiUpdate(id: $id, input: $input) {
      kpi { definitionVersion grain computedAt } userErrors { field message } } }"""
    await compute_all(lambda *_: None, by=SYSTEM, at=NOW)
    changed = (await rob.ask(update, id=kpi, input={"grain": "QUARTER"}))["kpiUpdate"]["kpi"]
    assert changed == {"definitionVersion": 2, "grain": "QUARTER", "computedAt": None}
    await compute_all(lambda *_: None, by=SYSTEM, at=NOW + timedelta(minutes=1))
    starts = [point["periodStart"] for point in (await rob.ask(CHART, id=kpi))["kpiChart"]["points"]]
    assert starts == ["2023-07-01", "2023-10-01", "2024-01-01", "2024-04-01"]
    monthly = await rob.ask(CHART, id=kpi, asOf=NOW.isoformat())
    assert len(monthly["kpiChart"]["points"]) == 12


async def test_measures_say_what_they_are_and_strangers_are_told_nothing(graph: Graph, rob: Graph) -> None:
    found = (await rob.ask("{ kpiMeasures { name unit direction dimensions description } }"))["kpiMeasures"]
    assert {"revenue", "win_rate", "on_time_in_full", "nps", "stock_turns"} <= {each["name"] for each in found}
    assert await graph.code("{ kpiMeasures { name } }") == "UNAUTHENTICATED"
