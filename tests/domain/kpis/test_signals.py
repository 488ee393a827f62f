"""Signals: each rule is found where it is broken, and later values change no verdict."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kpis.signals import Told, signals

FLAT = [10.0, 12, 11, 9, 10, 12, 9, 11, 10, 11]
"""Mean 10.5, mean moving range 15/9: limits 10.5 ± 4.43."""


def series(values: Sequence[float]) -> list[Told]:
    return [Told(date(2024, 1, 1) + timedelta(days=31 * place), float(value)) for place, value in enumerate(values)]


def rules(values: Sequence[float], **more: float) -> list[tuple[int, str, bool]]:
    told = series(values)
    places = {each.period_start: place for place, each in enumerate(told)}
    targets = {told[int(place[1:])].period_start: value for place, value in more.items()}
    return [
        (places[each.period_start], each.rule.value, each.is_good) for each in signals(told, targets, up_is_good=True)
    ]


def test_nothing_is_news_between_the_limits_or_before_eight_values() -> None:
    assert rules(FLAT) == []
    assert rules([0, 100, 0, 100, 0, 100, 0, 999]) == []


@pytest.mark.parametrize(("value", "good"), [(15.2, True), (5.8, False)])
def test_a_value_beyond_the_limits(value: float, good: bool) -> None:
    assert rules([*FLAT, value]) == [(10, "beyond_limits", good)]
    assert rules([*FLAT, 14.9]) == []


def test_limits_are_those_of_the_values_before() -> None:
    (found,) = signals(series([*FLAT, 16]), {}, up_is_good=False)
    assert found.limits
    assert found.limits.centre == pytest.approx(10.5)
    assert found.limits.upper == pytest.approx(10.5 + 3 / 1.128 * 15 / 9)
    assert not found.is_good


def test_two_of_three_and_runs_and_trends() -> None:
    assert (22, "two_of_three", True) in rules([*FLAT, *FLAT, 14.4, 10.5, 14.4])
    assert (17, "run_of_eight", True) in rules([*FLAT, 11, 12, 11, 11.5, 11, 12, 11, 12])
    assert (15, "trend_of_six", False) in rules([*FLAT, 11.4, 11.2, 11, 10.8, 10.6, 10.4])


def test_a_missed_target_is_news_from_the_first_value_on() -> None:
    assert rules([5, 6], _0=6, _1=6) == [(0, "missed_target", False)]


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.integers(1, 40))
def test_later_values_change_no_verdict(values: list[float], cut: int) -> None:
    early = signals(series(values[:cut]), {}, up_is_good=True)
    assert signals(series(values), {}, up_is_good=True)[: len(early)] == early
