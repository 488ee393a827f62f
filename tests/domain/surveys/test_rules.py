"""The law of surveys: states as a table, answers on their scale, scores as published and as scipy has them."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.stats.proportion import proportion_confint

from domain.kernel.refusals import Invalid
from domain.surveys import rules
from domain.surveys.rules import NEXT, SCALES, SurveyKind, SurveyNotFielding, SurveyNotReachable, SurveyState


@pytest.mark.parametrize("state", SurveyState)
@pytest.mark.parametrize("to", SurveyState)
def test_only_what_the_table_has_is_reachable(state: SurveyState, to: SurveyState) -> None:
    if to in NEXT[state]:
        rules.check_move(state, to)
        return
    with pytest.raises(SurveyNotReachable, match=state):
        rules.check_move(state, to)


@pytest.mark.parametrize("state", [SurveyState.DRAFT, SurveyState.CLOSED])
def test_only_a_survey_in_the_field_takes_answers(state: SurveyState) -> None:
    rules.check_answerable(SurveyState.FIELDING)
    with pytest.raises(SurveyNotFielding, match=state):
        rules.check_answerable(state)


@pytest.mark.parametrize("kind", SurveyKind)
def test_answers_lie_on_their_scale(kind: SurveyKind) -> None:
    lowest, highest = SCALES[kind]
    assert [rules.check_score(kind, lowest), rules.check_score(kind, highest)] == [lowest, highest]
    for score in (lowest - 1, highest + 1):
        with pytest.raises(Invalid, match=f"from {lowest} to {highest}"):
            rules.check_score(kind, score)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(Invalid, match="nps, csat, ces"):
        rules.check_kind("smile", "kind")


def test_the_known_answer_of_nps() -> None:
    figure = rules.score(SurveyKind.NPS, {10: 60, 9: 40, 8: 60, 6: 30, 0: 10})
    assert figure.value == pytest.approx(30)
    assert figure.standard_error == pytest.approx(5.52, abs=0.005)
    assert (figure.low, figure.high) == pytest.approx((30 - 1.96 * 5.5227, 30 + 1.96 * 5.5227), abs=0.001)


@given(st.dictionaries(st.integers(0, 10), st.integers(1, 500), min_size=1))
def test_nps_is_the_mean_of_minus_one_nought_and_one(counts: dict[int, int]) -> None:
    drawn = [(score >= 9) - (score <= 6) for score, often in counts.items() for _ in range(often)]
    mean = sum(drawn) / len(drawn)
    figure = rules.score(SurveyKind.NPS, counts)
    assert figure.value == pytest.approx(100 * mean)
    deviation = sqrt(sum((each - mean) ** 2 for each in drawn) / len(drawn))
    assert figure.standard_error == pytest.approx(100 * deviation / sqrt(len(drawn)), abs=1e-6)
    assert -100 <= figure.low <= figure.value + 1e-9
    assert figure.value - 1e-9 <= figure.high <= 100


def test_satisfaction_has_wilson_s_interval() -> None:
    figure = rules.score(SurveyKind.CSAT, {5: 30, 4: 20, 3: 5, 1: 5})
    assert figure.value == pytest.approx(50 / 60)
    assert (figure.low, figure.high) == pytest.approx(proportion_confint(50, 60, method="wilson"))


def test_effort_has_student_s_interval() -> None:
    figure = rules.score(SurveyKind.CES, {7: 4, 6: 5, 3: 2})
    assert figure.value == pytest.approx(64 / 11)
    assert (figure.low, figure.high) == pytest.approx(
        t.interval(0.95, 10, loc=figure.value, scale=figure.standard_error), rel=1e-5
    )
    assert rules.score(SurveyKind.CES, {7: 1}).standard_error is None
    few = rules.score(SurveyKind.CES, {7: 2, 5: 1})
    assert (few.standard_error is None, few.low) == (False, None)


@pytest.mark.parametrize("kind", SurveyKind)
def test_nobody_s_answers_come_to_nothing(kind: SurveyKind) -> None:
    assert rules.score(kind, {}) == rules.Figure()
