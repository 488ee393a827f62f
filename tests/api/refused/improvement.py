"""What mutations of improvement refuse."""

from typing import Any

from domain.improvement.models import ImprovementCycle, Practice
from domain.improvement.practices import adopt_practice
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import public_id
from tests.api.refused import ONCE, RECORD
from tests.domain.improvement import story

PLAN = {
    "hypothesis": "If we pack earlier, fewer parcels are late.",
    "countermeasure": "Pack until noon.",
    "primaryKpiId": "KPI",
    "guardrailKpiIds": ["SPARED"],
    "design": "ITS",
    "minimumEffect": 0.05,
    "baselineStart": "2024-01-01",
    "startsOn": "2024-06-03",
    "endsOn": "2024-08-25",
}
PRACTICE = {"title": "Pack early", "description": "Pack until noon."}
GOOD: dict[str, dict[str, Any]] = {
    "improvementCyclePropose": {
        "input": {"title": "A", "problem": "B", "evidence": [{"text": "14 complaints", "subject": "KPI"}]}
    },
    "improvementCyclePlan": {"id": "PROPOSED CYCLE", "input": PLAN},
    "improvementCycleStart": {"id": "PLANNED"},
    "improvementCycleCheck": {"id": "CHECKED"},
    "improvementCycleAct": {"id": "CHECKED"},
    "improvementCycleStandardize": {"id": "ACTED", "input": PRACTICE},
    "improvementCycleAbandon": {"id": "PLANNED", "input": {"reason": "No time."}},
    "improvementCycleRestart": {"id": "OVER"},
    "improvementReview": {},
    "practiceAdopt": {"practiceId": "PRACTICE", "input": {"team": "South"}},
    "practiceRetire": {"id": "PRACTICE"},
}
BAD: dict[str, dict[str, Any]] = {
    "improvementCyclePropose": {
        "input.title": "",
        "input.problem": " ",
        "input.ownerId": "rubbish",
        "input.themeId": "thm_" + "0" * 32,
        "input.signalId": "rubbish",
        "input.evidence.0.text": "x" * 501,
        "input.evidence.0.subject": "rubbish",
        **ONCE,
    },
    "improvementCyclePlan": {
        "input.hypothesis": "",
        "input.countermeasure": "",
        "input.primaryKpiId": "rubbish",
        "input.guardrailKpiIds": ["KPI"],
        "input.dimension": "weather",
        "input.member": "South",
        "input.currency": "EUR",
        "input.minimumEffect": -1,
        "input.baselineStart": "2024-07-01",
        "input.endsOn": "2024-06-01",
        "input.ownerId": "rubbish",
        **RECORD,
    },
    "improvementCycleStart": {**RECORD, **ONCE},
    "improvementCycleCheck": {"id": "PLANNED", **ONCE},
    "improvementCycleAct": RECORD,
    "improvementCycleStandardize": {"input.title": "", "input.description": " ", **RECORD, **ONCE},
    "improvementCycleAbandon": {"input.reason": "", **RECORD},
    "improvementCycleRestart": {"id": "PLANNED", **ONCE},
    "improvementReview": ONCE,
    "practiceAdopt": {
        "practiceId": "rubbish",
        "input.team": "North",
        "input.adoptedOn": "2999-01-01",
        "input.note": "",
        **ONCE,
    },
    "practiceRetire": RECORD,
}
NEVER = {"improvementCyclePlan.input.design", "improvementCyclePlan.input.startsOn"}


async def stored() -> dict[str, str]:
    """A cycle in each state that can be left, a practice with a team, and KPIs."""
    do: dict[str, Any] = {"by": SYSTEM, "at": story.NOW}
    kpi, spared = await story.kpi(), await story.kpi("returns", direction="down")
    await story.values(kpi, story.stepped(0.2))
    proposed = await story.proposed()
    planned = await story.planned(kpi)
    checked = await story.checked(kpi)
    acted, standard, over = [await story.checked(kpi) for _ in range(3)]
    for cycle in (acted, standard):
        await story.commands.act_on_cycle(cycle.id, **do)
    given = {"title": "Old", "description": "As ever."}
    _, practice = await story.commands.standardize_cycle(standard.id, given, **do)
    await adopt_practice(practice.id, {"team": "North"}, **do)
    await story.commands.abandon_cycle(over.id, "No time.", **do)
    cycles = {"PROPOSED CYCLE": proposed, "PLANNED": planned, "CHECKED": checked, "ACTED": acted, "OVER": over}
    found = {word: await ImprovementCycle.get(id=cycle.id) for word, cycle in cycles.items()}
    ids = {word: public_id("cyc", cycle.id) for word, cycle in found.items()}
    kept = await Practice.get(id=practice.id)
    kpis = {"KPI": public_id("kpi", kpi.id), "SPARED": public_id("kpi", spared.id)}
    return ids | kpis | {"PRACTICE": public_id("prc", kept.id)}
