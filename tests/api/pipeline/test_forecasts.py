"""The forecast screen: categories by owner, figures, cohorts and frozen forecasts, a statement each."""

import pytest

from domain.kernel.ids import public_id
from domain.pipeline.forecasts import freeze_forecasts
from tests.domain.pipeline.deals import DO, house
from tests.graph import Graph

pytestmark = pytest.mark.anyio


async def test_each_root_field_of_the_screen_is_one_statement(rob: Graph) -> None:
    made = await house()
    await made.deal(amount="100", stage_id=made.stages["Agreed"].id)
    await freeze_forecasts(**DO)
    pipeline = public_id("pip", made.pipeline.id)
    parts = {
        "forecast": """forecast(start: "2024-06-01", end: "2024-07-01") { ownerName isTotal commit { amount }
            commitView { amount } openPipelineView { amount } weighted { amount } opportunityCount }""",
        "salesPerformance": """salesPerformance(start: "2024-05-01", end: "2024-06-01") { currency wonCount winRate low
            openCount weightedPipeline { amount } velocity averageWonAmount { amount } }""",
        "stageConversion": f"""stageConversion(pipelineId: "{pipeline}", start: "2024-05-01", end: "2024-06-01",
            withinDays: 30) {{ name enteredCount unripeCount rate }}""",
        "forecastSnapshots": """forecastSnapshots(where: {grain: {eq: QUARTER}}) { nodes { periodStart scores
            lines { nodes { owner { name } currency commit { amount } actual { amount } } } } }""",
    }
    answers = {}
    for name, field in parts.items():
        await rob.ask("{" + field + "}")
        with rob.counting() as statements:
            answers[name] = (await rob.ask("{" + field + "}"))[name]
        assert [statement.split()[0] for statement in statements] in (["SELECT"], ["WITH"]), name
    assert answers["forecast"][-1]["commitView"] == {"amount": "100.00"}
    assert answers["salesPerformance"][0]["weightedPipeline"] == {"amount": "80.00"}
    assert answers["stageConversion"][2]["name"] == "Agreed"
    (line,) = answers["forecastSnapshots"]["nodes"][0]["lines"]["nodes"]
    assert (line["commit"], line["actual"]) == ({"amount": "100.00"}, None)


async def test_what_cannot_be_asked_is_told(rob: Graph) -> None:
    assert await rob.code('{ forecast(start: "2024-06-01", end: "2024-06-01") { isTotal } }') == "BAD_USER_INPUT"
    assert await rob.code('{ stageConversion(pipelineId: "x", start: "2024-06-01", end: "2024-07-01") { name } }') == (
        "NOT_FOUND"
    )
