"""Intervals agree with statsmodels and scipy."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t
from statsmodels.stats.proportion import proportion_confint

from domain.kernel.intervals import mean_interval, student_quantile, wilson


@given(st.integers(1, 100_000).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_wilson_is_that_of_statsmodels(told: tuple[int, int]) -> None:
    low, high = proportion_confint(*told, method="wilson")
    found = wilson(*told)
    assert found is not None
    assert found.low == pytest.approx(low, abs=1e-12)
    assert found.high == pytest.approx(high, abs=1e-12)
    assert 0 <= found.low <= told[0] / told[1] + 1e-12
    assert found.high <= 1


def test_of_nothing_nothing_is_said() -> None:
    assert wilson(0, 0) is None
    assert mean_interval(3.0, 1.0, 3) is None


@pytest.mark.parametrize(("freedom", "within"), [(3, 2e-3), (5, 2e-4), (8, 2e-5), (30, 1e-7), (1000, 1e-12)])
def test_student_s_quantile_is_that_of_scipy(freedom: int, within: float) -> None:
    assert student_quantile(freedom) == pytest.approx(t.ppf(0.975, freedom), rel=within)


def test_too_few_degrees_of_freedom_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 3"):
        student_quantile(2)


def test_a_mean_has_student_s_interval() -> None:
    low, high = t.interval(0.95, 24, loc=5.2, scale=1.3 / sqrt(25))
    assert mean_interval(5.2, 1.3, 25) == pytest.approx((low, high), rel=1e-6)
