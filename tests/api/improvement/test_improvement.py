"""A cycle goes its whole way through the graph, from the evidence to a practice that a team adopts."""

from typing import Any

import pytest

from domain.improvement.checking import check_cycle
from domain.improvement.models import ImprovementCycle
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import public_id, read_id
from tests.api.refused.improvement import PLAN
from tests.domain.improvement import story
from tests.graph import Graph

pytestmark = pytest.mark.anyio
PROPOSE = """mutation ($input: ImprovementCycleProposeInput!) { improvementCyclePropose(input: $input) {
  improvementCycle { id state origin theme { label } evidence { nodes { text subjectId } } }
  userErrors { field message code } } }"""
BOARD = """{ improvementCyclesAggregate { groups(by: [{field: STATE}]) { key { state } count } }
  improvementCycles(first: 50) { nodes { title state owner { name } primaryKpi { name } theme { label stakes { nodes {
    ordered { amount currency } } } } guardrails { nodes { name } } evidence { nodes { text } }
    effects(first: 1) { nodes { verdict words estimate low high method } } practice { title adoptionCount } } } }"""


def words(statements: list[str]) -> list[str]:
    return [statement.split()[0].rstrip(";") for statement in statements]


async def do(graph: Graph, verb: str, key: str, selected: str = "improvementCycle { state }", **given: Any) -> Any:
    name = f"improvementCycle{verb}"
    declared = f", $input: ImprovementCycle{verb}Input!" if given else ""
    handed = ", input: $input" if given else ""
    query = (
        f"mutation ($id: ID!{declared}) {{ {name}(id: $id{handed}) {{ {selected} userErrors {{ field message }} }} }}"
    )
    variables: dict[str, Any] = {"id": key} | ({"input": given} if given else {})
    answer = (await graph.ask(query, **variables))[name]
    assert answer["userErrors"] == [], answer
    return answer


async def test_from_evidence_to_a_practice(rob: Graph) -> None:
    kpi, spared = await story.kpi(), await story.kpi("returns", direction="down")
    await story.values(kpi, story.stepped(0.2))
    await story.values(spared, story.stepped(0, level=0.1))
    theme = await story.rising([1] * 8 + [9])
    given = {
        "title": "Fewer late parcels",
        "problem": "Parcels are late.",
        "themeId": public_id("thm", theme.id),
        "evidence": [{"text": "9 complaints in a week", "subject": public_id("thm", theme.id)}],
    }
    proposed = (await rob.ask(PROPOSE, input=given))["improvementCyclePropose"]
    assert proposed["userErrors"] == []
    cycle = proposed["improvementCycle"]
    assert (cycle["state"], cycle["origin"], cycle["theme"]) == ("PROPOSED", "PERSON", {"label": "late"})
    assert cycle["evidence"]["nodes"] == [{"text": "9 complaints in a week", "subjectId": public_id("thm", theme.id)}]
    key: str = cycle["id"]
    ids = {"primaryKpiId": public_id("kpi", kpi.id), "guardrailKpiIds": [public_id("kpi", spared.id)]}
    planned = await do(rob, "Plan", key, **{**PLAN, **ids})
    assert planned["improvementCycle"] == {"state": "PLAN"}
    assert (await do(rob, "Start", key))["improvementCycle"] == {"state": "DO"}
    job = (await do(rob, "Check", key, "job { kind state }"))["job"]
    assert job == {"kind": "improvement.check", "state": "QUEUED"}
    found = read_id(ImprovementCycle.prefix, key)
    assert found
    await check_cycle(found, by=SYSTEM, at=story.NOW)  # as the job does
    assert (await do(rob, "Act", key))["improvementCycle"] == {"state": "ACT"}
    made = await do(
        rob,
        "Standardize",
        key,
        "improvementCycle { state } practice { id title }",
        title="Pack early",
        description="By noon.",
    )
    assert made["improvementCycle"] == {"state": "STANDARDIZED"}
    adopt = """mutation ($id: ID!) { practiceAdopt(practiceId: $id, input: {team: "South"}) {
      practiceAdoption { team practice { adoptionCount } } userErrors { message } } }"""
    adopted = (await rob.ask(adopt, id=made["practice"]["id"]))["practiceAdopt"]["practiceAdoption"]
    assert adopted == {"team": "South", "practice": {"adoptionCount": 1}}
    await rob.ask(BOARD)
    with rob.counting() as statements:
        board = await rob.ask(BOARD)
    assert words(statements) == ["SELECT"]
    assert board["improvementCyclesAggregate"]["groups"] == [{"key": {"state": "STANDARDIZED"}, "count": 1}]
    (shown,) = board["improvementCycles"]["nodes"]
    (effect,) = shown["effects"]["nodes"]
    assert shown["practice"] == {"title": "Pack early", "adoptionCount": 1}
    assert shown["guardrails"]["nodes"] == [{"name": "Returns"}]
    assert effect["method"] == "INTERRUPTED_SERIES"
    explored = """{ feedbackThemes { nodes { label improvementCycles { nodes { title state } } } } }"""
    (theme_shown,) = (await rob.ask(explored))["feedbackThemes"]["nodes"]
    assert theme_shown["improvementCycles"]["nodes"] == [{"title": "Fewer late parcels", "state": "STANDARDIZED"}]


async def test_what_has_not_improved_becomes_no_practice(rob: Graph) -> None:
    kpi = await story.kpi()
    await story.values(kpi, story.stepped(0))
    cycle = await story.checked(kpi)
    await story.commands.act_on_cycle(cycle.id, by=SYSTEM, at=story.NOW)
    query = """mutation ($id: ID!) { improvementCycleStandardize(id: $id, input: {title: "A", description: "B"}) {
      practice { id } userErrors { field code message } } }"""
    answer = (await rob.ask(query, id=public_id("cyc", cycle.id)))["improvementCycleStandardize"]
    assert answer["practice"] is None
    assert answer["userErrors"][0]["code"] == "CONFLICT"


async def test_a_review_can_be_asked_for(rob: Graph) -> None:
    query = "mutation { improvementReview { job { kind state } userErrors { message } } }"
    first = (await rob.ask(query))["improvementReview"]
    assert first["job"] == {"kind": "improvement.review", "state": "QUEUED"}
    assert await rob.ask(query) == {"improvementReview": first}
