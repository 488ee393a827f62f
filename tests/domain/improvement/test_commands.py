"""Verbs of cycles and practices: each step as it should go, each guard with its refusal, and nothing changed by it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.improvement import commands
from domain.improvement.models import CycleEvidence, CycleGuardrail, ImprovementCycle, Practice
from domain.improvement.practices import AdoptedAlready, PracticeRetired, adopt_practice, retire_practice
from domain.improvement.rules import (
    BaselineTooShort,
    CycleNotReachable,
    GuardrailWorsened,
    NotImproved,
    RestartedBefore,
    StillOpen,
    TooEarly,
)
from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.events import Event
from domain.kernel.refusals import Invalid, NotFound, Refusal, Stale, Unauthenticated
from domain.kpis.models import KpiAnnotation, KpiValue
from tests.domain.improvement.story import (
    BASELINE_START,
    NOW,
    STARTS_ON,
    checked,
    kpi,
    plan,
    planned,
    proposed,
    rising,
    signalled,
    state,
    stepped,
    values,
)
from tests.people import a_colleague, acting

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
GIVEN = {"title": "Fewer late parcels", "problem": "Parcels are late."}
HOW = {"title": "Pack until noon", "description": "Parcels packed until noon leave the same day."}


@asynccontextmanager
async def refused(kind: type[Refusal], *field: str, words: str = ".") -> AsyncIterator[None]:
    """Something that is refused about a field, and changes nothing."""
    before = await state()
    with pytest.raises(kind, match=words) as refusal:
        yield
    assert refusal.value.field == field
    assert await state() == before


async def test_a_proposal_has_evidence_and_an_owner() -> None:
    user = await a_colleague("kim@example.org", "Kim")
    kim = await acting(user)
    theme = await rising([1])
    evidence = [{"text": "14 complaints", "subject": f"thm_{theme.id.hex}"}, {"text": "and counting"}]
    cycle = await commands.propose_cycle(GIVEN, evidence, about={"theme_id": theme.id}, by=kim, at=NOW)
    assert (cycle.state, cycle.origin, cycle.owner_id, cycle.theme_id) == ("proposed", "person", kim.user_id, theme.id)
    assert await CycleEvidence.all().order_by("id").values_list("text", "subject_prefix", "subject_id") == [
        ("14 complaints", "thm", theme.id),
        ("and counting", None, None),
    ]
    assert await Event.filter(topic="improvement.cycle.proposed").count() == 1


@pytest.mark.parametrize(
    ("given", "evidence", "field"),
    [
        ({**GIVEN, "title": " "}, [], ("title",)),
        ({**GIVEN, "problem": None}, [], ("problem",)),
        (GIVEN, [{"text": "good"}, {"text": ""}], ("evidence", "1", "text")),
        (GIVEN, [{"text": "good", "subject": "rubbish"}], ("evidence", "0", "subject")),
        (GIVEN, [{"text": "good"}] * 21, ("evidence",)),
    ],
)
async def test_bad_proposals_are_refused(given: Any, evidence: Any, field: tuple[str, ...]) -> None:
    async with refused(Invalid, *field):
        await commands.propose_cycle(given, evidence, about={}, by=SYSTEM, at=NOW)


async def test_proposals_are_about_what_there_is() -> None:
    for field in commands.ABOUT:
        async with refused(NotFound, field):
            await commands.propose_cycle(GIVEN, [], about={field: uuid4()}, by=SYSTEM, at=NOW)
    async with refused(Unauthenticated):
        await commands.propose_cycle(GIVEN, [], about={}, by=NOBODY, at=NOW)


async def test_a_plan_can_be_made_anew() -> None:
    primary, margin, revenue = await kpi(), await kpi("margin"), await kpi("revenue", unit="money")
    cycle = await planned(primary, [margin])
    assert (cycle.state, cycle.primary_kpi_id, cycle.minimum_effect) == ("plan", primary.id, 0.05)
    again = await plan(cycle.id, revenue, [primary], currency="EUR", design="before_after")
    assert (again.primary_kpi_id, again.currency, again.design) == (revenue.id, "EUR", "before_after")
    assert await CycleGuardrail.all().values_list("kpi_id", flat=True) == [primary.id]
    kept = await CycleGuardrail.get()
    await plan(cycle.id, revenue, [primary, margin], currency="EUR", dimension="team", member="north")
    assert await CycleGuardrail.filter(id=kept.id).exists()
    assert await CycleGuardrail.all().count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"hypothesis": ""}, "hypothesis"),
        ({"countermeasure": None}, "countermeasure"),
        ({"design": "guess"}, "design"),
        ({"minimum_effect": 0.0}, "minimum_effect"),
        ({"baseline_start": STARTS_ON}, "baseline_start"),
        ({"ends_on": STARTS_ON - timedelta(days=1)}, "ends_on"),
        ({"dimension": "planet", "member": "Mars"}, "dimension"),
        ({"dimension": "team"}, "member"),
        ({"member": "north"}, "member"),
        ({"currency": "EUR"}, "currency"),
    ],
)
async def test_bad_plans_are_refused(changes: dict[str, Any], field: str) -> None:
    primary, cycle = await kpi(), await proposed()
    async with refused(Invalid, field):
        await plan(cycle.id, primary, **changes)


async def test_plans_name_kpis_that_are_computed_each_once() -> None:
    primary, cycle = await kpi(), await proposed()
    old, revenue = await kpi("old", is_active=False), await kpi("revenue", unit="money")
    async with refused(Invalid, "guardrail_kpi_ids"):
        await plan(cycle.id, primary, [primary])
    async with refused(Invalid, "guardrail_kpi_ids"):
        await plan(cycle.id, primary, [revenue, revenue], currency="EUR")
    async with refused(Invalid, "guardrail_kpi_ids"):
        await plan(cycle.id, primary, [old])
    async with refused(Invalid, "primary_kpi_id"):
        await plan(cycle.id, old)
    async with refused(Invalid, "currency"):
        await plan(cycle.id, primary, [revenue])
    async with refused(NotFound, "primary_kpi_id"):
        await plan(cycle.id, None)
    await revenue.delete()
    async with refused(NotFound, "guardrail_kpi_ids"):
        await plan(cycle.id, primary, [revenue])
    async with refused(NotFound, "id"):
        await plan(uuid4(), primary)


async def test_starting_is_said_on_the_chart() -> None:
    primary = await kpi()
    await values(primary, stepped(0))
    cycle = await planned(primary)
    started = await commands.start_cycle(cycle.id, expected_version=2, by=SYSTEM, at=NOW)
    assert (started.state, started.started_at) == ("do", NOW)
    note = await KpiAnnotation.get()
    assert (note.kpi_id, note.day, note.subject_id, note.subject_prefix) == (primary.id, STARTS_ON, cycle.id, "cyc")
    assert note.text == "Started: Fewer late parcels"


async def test_a_start_waits_for_its_day_and_for_a_baseline() -> None:
    primary = await kpi()
    await values(primary, [0.7] * 11 + [None] * 9)
    cycle = await planned(primary)
    async with refused(TooEarly, "id", words="before 2024-06-03"):
        await commands.start_cycle(cycle.id, by=SYSTEM, at=NOW.replace(month=6, day=2))
    async with refused(BaselineTooShort, "id", words="has 11 values .* needs 12"):
        await commands.start_cycle(cycle.id, by=SYSTEM, at=NOW)
    async with refused(Stale, "expected_version"):
        await commands.start_cycle(cycle.id, expected_version=1, by=SYSTEM, at=NOW)
    await plan(cycle.id, primary, design="before_after")
    assert (await commands.start_cycle(cycle.id, by=SYSTEM, at=NOW)).state == "do"


async def test_the_primary_kpi_is_frozen_once_it_has_started() -> None:
    primary, other = await kpi(), await kpi("other")
    await values(primary, stepped(0))
    cycle = await planned(primary)
    await commands.start_cycle(cycle.id, by=SYSTEM, at=NOW)
    async with refused(CycleNotReachable, "id", words="being done and cannot be planned"):
        await plan(cycle.id, other)


async def test_a_check_is_not_asked_for_in_vain() -> None:
    primary = await kpi()
    await values(primary, stepped(0.2))
    cycle = await planned(primary)
    async with refused(CycleNotReachable, "id", words="start it"):
        await commands.must_be_checkable(cycle.id, by=SYSTEM, at=NOW)
    await commands.start_cycle(cycle.id, by=SYSTEM, at=NOW)
    async with refused(TooEarly, "id", words="before 2024-08-26"):
        await commands.must_be_checkable(cycle.id, by=SYSTEM, at=NOW.replace(month=8, day=25))
    await commands.must_be_checkable(cycle.id, by=SYSTEM, at=NOW.replace(month=8, day=26))
    for key in (None, uuid4()):
        async with refused(NotFound, "id"):
            await commands.must_be_checkable(key, by=SYSTEM, at=NOW)


async def test_what_has_improved_becomes_a_practice_that_teams_adopt() -> None:
    primary = await kpi()
    await values(primary, stepped(0.2))
    cycle = await checked(primary)
    await commands.act_on_cycle(cycle.id, by=SYSTEM, at=NOW)
    closed, practice = await commands.standardize_cycle(cycle.id, HOW, by=SYSTEM, at=NOW)
    assert (closed.state, closed.closed_at, practice.cycle_id) == ("standardized", NOW, cycle.id)
    adoption = await adopt_practice(practice.id, {"team": "North"}, by=SYSTEM, at=NOW)
    assert (adoption.adopted_on, adoption.practice_id) == (NOW.date(), practice.id)
    await adopt_practice(
        practice.id, {"team": "South", "adopted_on": date(2024, 9, 1), "note": "Since noon."}, by=SYSTEM, at=NOW
    )
    assert (await Practice.get()).adoption_count == 2
    async with refused(AdoptedAlready, "team"):
        await adopt_practice(practice.id, {"team": "North"}, by=SYSTEM, at=NOW)
    async with refused(Invalid, "adopted_on"):
        await adopt_practice(practice.id, {"team": "East", "adopted_on": date(2024, 9, 3)}, by=SYSTEM, at=NOW)
    async with refused(NotFound, "practice_id"):
        await adopt_practice(uuid4(), {"team": "East"}, by=SYSTEM, at=NOW)
    assert (await retire_practice(practice.id, by=SYSTEM, at=NOW)).state == "retired"
    async with refused(PracticeRetired, "id"):
        await retire_practice(practice.id, by=SYSTEM, at=NOW)
    async with refused(PracticeRetired, "practice_id"):
        await adopt_practice(practice.id, {"team": "East"}, by=SYSTEM, at=NOW)


async def test_what_has_not_improved_becomes_none() -> None:
    primary = await kpi()
    await values(primary, stepped(0))
    cycle = await checked(primary)
    async with refused(CycleNotReachable, "id"):
        await commands.standardize_cycle(cycle.id, HOW, by=SYSTEM, at=NOW)
    await commands.act_on_cycle(cycle.id, by=SYSTEM, at=NOW)
    async with refused(NotImproved, "id", words="restart it"):
        await commands.standardize_cycle(cycle.id, HOW, by=SYSTEM, at=NOW)
    async with refused(Invalid, "title"):
        await commands.standardize_cycle(cycle.id, HOW | {"title": ""}, by=SYSTEM, at=NOW)


async def test_what_improved_at_another_s_cost_becomes_none() -> None:
    primary, margin = await kpi(), await kpi("margin")
    await values(primary, stepped(0.2))
    await values(margin, stepped(-0.2))
    cycle = await checked(primary, [margin])
    await commands.act_on_cycle(cycle.id, by=SYSTEM, at=NOW)
    async with refused(GuardrailWorsened, "id", words="Margin"):
        await commands.standardize_cycle(cycle.id, HOW, by=SYSTEM, at=NOW)


async def test_a_cycle_is_given_up_with_a_reason_and_restarted_once() -> None:
    primary, theme = await kpi(), await rising([1])
    signal = await signalled(primary)
    cycle = await proposed(theme_id=theme.id, signal_id=signal.id)
    await plan(cycle.id, primary)
    async with refused(StillOpen, "id"):
        await commands.restart_cycle(cycle.id, by=SYSTEM, at=NOW)
    async with refused(Invalid, "reason"):
        await commands.abandon_cycle(cycle.id, " ", by=SYSTEM, at=NOW)
    given_up = await commands.abandon_cycle(cycle.id, "No time.", by=SYSTEM, at=NOW)
    assert (given_up.state, given_up.abandon_reason, given_up.closed_at) == ("abandoned", "No time.", NOW)
    again = await commands.restart_cycle(cycle.id, by=SYSTEM, at=NOW)
    assert (again.state, again.previous_id, again.theme_id, again.primary_kpi_id) == (
        "proposed", cycle.id, theme.id, primary.id,
    )  # fmt: skip
    assert (again.hypothesis, again.starts_on, again.abandon_reason) == (given_up.hypothesis, None, None)
    assert await CycleEvidence.filter(cycle_id=again.id).values_list("text", flat=True) == ["14 complaints"]
    async with refused(RestartedBefore, "id"):
        await commands.restart_cycle(cycle.id, by=SYSTEM, at=NOW)
    async with refused(CycleNotReachable, "id", words="restart it to try again"):
        await commands.abandon_cycle(cycle.id, "Again.", by=SYSTEM, at=NOW)


async def test_no_verdict_can_be_typed() -> None:
    """ERPNext's quality review is passed or failed by hand (quality_review.py); ours only by what was measured."""
    primary = await kpi()
    await values(primary, stepped(0))
    cycle = await checked(primary)
    with pytest.raises(TypeError):
        await commands.act_on_cycle(cycle.id, verdict="improved", by=SYSTEM, at=NOW)  # type: ignore[call-arg]
    await commands.act_on_cycle(cycle.id, by=SYSTEM, at=NOW)
    async with refused(NotImproved, "id"):
        await commands.standardize_cycle(cycle.id, HOW, by=SYSTEM, at=NOW)
    assert await ImprovementCycle.filter(state="act").count() == 1
    assert await KpiValue.filter(period_start=BASELINE_START).count() == 1
