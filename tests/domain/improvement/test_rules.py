"""The law of improvement: states as a table, guards with their remedy, verdicts that follow from intervals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.improvement import rules
from domain.improvement.rules import (
    AT,
    CLOSED,
    NEXT,
    REMEDIES,
    BaselineTooShort,
    Bounds,
    CycleNotReachable,
    CycleState,
    Design,
    GuardrailWorsened,
    NoEffectStored,
    NotImproved,
    StillOpen,
    TooEarly,
    Verdict,
)
from domain.kernel.refusals import Invalid


@pytest.mark.parametrize("state", CycleState)
@pytest.mark.parametrize("to", CycleState)
def test_only_what_the_table_has_is_reachable(state: CycleState, to: CycleState) -> None:
    if to in NEXT[state]:
        rules.check_move(state, to)
        return
    with pytest.raises(CycleNotReachable) as refusal:
        rules.check_move(state, to)
    assert AT[state] in refusal.value.message
    assert REMEDIES[state] in refusal.value.message


def test_what_is_over_goes_nowhere_and_all_else_can_be_abandoned() -> None:
    assert {state for state in CycleState if not NEXT[state]} == CLOSED
    assert all(CycleState.ABANDONED in NEXT[state] for state in CycleState if state not in CLOSED)


def test_days_are_waited_for() -> None:
    day = date(2024, 5, 1)
    rules.check_start(day, day)
    with pytest.raises(TooEarly, match="before 2024-05-01"):
        rules.check_start(day, date(2024, 4, 30))
    rules.check_over(day, date(2024, 5, 2))
    with pytest.raises(TooEarly, match="before 2024-05-02"):
        rules.check_over(day, day)


@pytest.mark.parametrize(("design", "needed"), [(Design.ITS, 12), (Design.BEFORE_AFTER, 4)])
def test_a_baseline_has_enough_values(design: Design, needed: int) -> None:
    rules.check_baseline(needed, design)
    with pytest.raises(BaselineTooShort, match=f"needs {needed}"):
        rules.check_baseline(needed - 1, design)


def test_only_what_is_over_is_restarted() -> None:
    rules.check_restart(CycleState.ABANDONED)
    with pytest.raises(StillOpen, match="then restart it"):
        rules.check_restart(CycleState.ACT)


def test_only_what_is_worth_it_becomes_a_practice() -> None:
    rules.check_worth(Verdict.IMPROVED, [])
    with pytest.raises(NoEffectStored):
        rules.check_worth(None, [])
    for verdict in set(Verdict) - {Verdict.IMPROVED}:
        with pytest.raises(NotImproved, match=verdict.upper()):
            rules.check_worth(verdict, [])
    with pytest.raises(GuardrailWorsened, match="Margin, Revenue"):
        rules.check_worth(Verdict.IMPROVED, ["Margin", "Revenue"])


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ((date(2024, 2, 1), date(2024, 2, 1), date(2024, 3, 1)), "baseline_start"),
        ((date(2024, 1, 1), date(2024, 2, 1), date(2024, 1, 31)), "ends_on"),
    ],
)
def test_days_stand_in_their_order(days: tuple[date, date, date], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_days(*days)
    assert refusal.value.field == (field,)


@pytest.mark.parametrize(
    ("change", "at_end", "up", "minimum", "verdict"),
    [
        (Bounds(2, 1, 3), None, True, 1, Verdict.IMPROVED),
        (Bounds(2, 1, 3), None, False, 1, Verdict.WORSENED),
        (Bounds(-2, -3, -1), None, False, 1, Verdict.IMPROVED),
        (Bounds(2, 1, 3), None, True, 2.5, Verdict.INCONCLUSIVE),
        (Bounds(2, -1, 5), None, True, 1, Verdict.INCONCLUSIVE),
        (Bounds(0.1, -0.5, 0.7), None, True, 1, Verdict.NO_CHANGE),
        (Bounds(-0.3, -0.5, -0.1), None, True, 1, Verdict.NO_CHANGE),
        (Bounds(-0.3, -0.5, -0.1), None, True, 0, Verdict.WORSENED),
        (Bounds(0.0, 0.0, 0.0), None, True, 1, Verdict.NO_CHANGE),
        (Bounds(2, None, None), None, True, 1, Verdict.INCONCLUSIVE),
        (Bounds(2, 1, 3), Bounds(1.5, -1, 4), True, 1, Verdict.IMPROVED),
        (Bounds(2, 1, 3), Bounds(-0.5, -3, 2), True, 1, Verdict.INCONCLUSIVE),
        (Bounds(-2, -3, -1), Bounds(0.5, -3, 2), False, 1, Verdict.INCONCLUSIVE),
    ],
)
def test_verdicts(change: Bounds, at_end: Bounds | None, up: bool, minimum: float, verdict: Verdict) -> None:
    assert rules.judge(change, at_end, up_is_good=up, minimum=minimum) is verdict


NUMBERS = st.floats(-100, 100)


@given(NUMBERS, st.floats(0, 50), st.floats(0, 50), st.floats(0.01, 50))
def test_a_verdict_turns_round_with_the_direction(middle: float, below: float, above: float, minimum: float) -> None:
    up = rules.judge(Bounds(middle, middle - below, middle + above), None, up_is_good=True, minimum=minimum)
    down = rules.judge(Bounds(-middle, -middle - above, -middle + below), None, up_is_good=False, minimum=minimum)
    assert up is down
    if up is Verdict.IMPROVED:
        assert middle >= minimum
        assert middle - below > 0


@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_the_smallest_change_worth_it_is_a_change(value: float) -> None:
    with pytest.raises(Invalid, match="above 0"):
        rules.check_minimum(value, "minimum_effect")
