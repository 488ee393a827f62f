"""Estimators of effects: to the digits those of statsmodels and scipy; intervals that hold what they promise, or nearly."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from domain.improvement import effects
from domain.improvement.effects import Observation, estimate_effect
from domain.improvement.rules import Design, Method


def observed(values: Sequence[float], start: int = 0) -> list[Observation]:
    return [Observation(start + place, float(value)) for place, value in enumerate(values)]


def remembering(number: int, memory: float, generator: np.random.Generator) -> np.ndarray:
    """A series in which each value remembers the one before (AR(1)), long after its start."""
    series, shocks = np.zeros(number + 50), generator.normal(size=number + 50)
    for place in range(1, number + 50):
        series[place] = memory * series[place - 1] + shocks[place]
    return series[50:]


@pytest.mark.parametrize(("before", "after"), [(12, 8), (20, 9), (52, 26), (104, 52)])
@pytest.mark.parametrize("memory", [0.0, 0.5])
def test_an_interrupted_series_is_that_of_statsmodels(before: int, after: int, memory: float) -> None:
    generator = np.random.default_rng(before + after)
    values = remembering(before + after, memory, generator) + np.arange(before + after) * 0.05
    values[before:] += 2
    found = estimate_effect(observed(values[:before]), observed(values[before:], before), Design.ITS)
    time = np.arange(before + after, dtype=float)
    since = (time >= before).astype(float)
    design = np.column_stack([np.ones_like(time), time, since, (time - before) * since])
    lag = effects.newey_west_lag(before + after)
    fit = sm.OLS(values, design).fit(
        cov_type="HAC", cov_kwds={"maxlags": lag, "use_correction": True, "kernel": "bartlett"}, use_t=True
    )
    last = after - 1
    assert found.method is Method.INTERRUPTED_SERIES
    assert found.memory == lag
    assert found.at_end is not None
    for change, contrast in ((found.change, [0, 0, 1, 0]), (found.at_end, [0, 0, 1, last])):
        expected = fit.t_test(contrast)
        assert change.estimate == pytest.approx(float(expected.effect[0]), abs=1e-8)
        assert (change.low, change.high) == pytest.approx(tuple(expected.conf_int()[0]), abs=1e-8)
        assert change.p_value == pytest.approx(float(expected.pvalue), abs=1e-8)


def test_periods_without_a_value_keep_their_place() -> None:
    values = 3 + 0.5 * np.arange(30.0)
    values[20:] += 4
    seen = [each for each in observed(values) if each.place not in (3, 7, 25)]
    before, after = [each for each in seen if each.place < 20], [each for each in seen if each.place >= 20]
    found = estimate_effect(before, after, Design.ITS)
    assert found.at_end is not None
    assert (found.change.estimate, found.at_end.estimate) == (pytest.approx(4), pytest.approx(4))
    assert (found.before_count, found.after_count) == (18, 9)


SIDES = st.lists(st.floats(-100, 100).map(lambda value: round(value, 12)), min_size=2, max_size=7).filter(
    lambda side: float(np.std(side)) > 0.01
)
"""Values before or after; rounded, for where a mean is next to nothing (1e-313) scipy itself divides by it and fails."""


@settings(deadline=None)
@given(SIDES, SIDES)
def test_a_short_series_is_compared_as_scipy_does(before: list[float], after: list[float]) -> None:
    found = estimate_effect(observed(before), observed(after, len(before)), Design.ITS)
    expected = stats.ttest_ind(after, before, equal_var=False)
    low, high = expected.confidence_interval(0.95)
    assert found.method is Method.WELCH
    assert found.change.p_value == pytest.approx(float(expected.pvalue), abs=1e-8)
    assert found.change.low == pytest.approx(low, rel=1e-8, abs=1e-8)
    assert found.change.high == pytest.approx(high, rel=1e-8, abs=1e-8)
    assert found.baseline == pytest.approx(float(np.mean(before)))


@pytest.mark.parametrize(
    ("design", "before", "after", "method"),
    [
        (Design.ITS, 12, 8, Method.INTERRUPTED_SERIES),
        (Design.ITS, 11, 8, Method.BLOCK_BOOTSTRAP),
        (Design.ITS, 30, 7, Method.WELCH),
        (Design.BEFORE_AFTER, 30, 30, Method.BLOCK_BOOTSTRAP),
        (Design.BEFORE_AFTER, 8, 8, Method.BLOCK_BOOTSTRAP),
        (Design.BEFORE_AFTER, 7, 8, Method.WELCH),
        (Design.BEFORE_AFTER, 2, 2, Method.WELCH),
        (Design.BEFORE_AFTER, 5, 1, Method.DIFFERENCE),
    ],
)
def test_the_method_follows_from_design_and_length(design: Design, before: int, after: int, method: Method) -> None:
    values = np.random.default_rng(1).normal(size=before + after)
    found = estimate_effect(observed(values[:before]), observed(values[before:], before), design)
    assert found.method is method
    assert (found.at_end is None) == (method is not Method.INTERRUPTED_SERIES)
    assert (found.change.low is None) == (method is Method.DIFFERENCE)


@pytest.mark.parametrize(("before", "after"), [([], [1.0]), ([1.0], [])])
def test_nothing_on_a_side_is_no_effect(before: list[float], after: list[float]) -> None:
    with pytest.raises(ValueError, match="before and after"):
        estimate_effect(observed(before), observed(after), Design.ITS)


def test_redrawing_comes_out_the_same_again() -> None:
    values = remembering(40, 0.3, np.random.default_rng(5))
    first, again = (
        estimate_effect(observed(values[:20]), observed(values[20:], 20), Design.BEFORE_AFTER) for _ in range(2)
    )
    assert first == again
    assert first.change.estimate == pytest.approx(float(np.mean(values[20:]) - np.mean(values[:20])))


def test_interval_and_p_value_of_redrawing_agree() -> None:
    generator = np.random.default_rng(7)
    for _ in range(30):
        values = generator.normal(size=32)
        values[16:] += generator.uniform(0, 1.5)
        change = effects.block_bootstrap(list(values[:16]), list(values[16:]), 3)
        assert change.low is not None
        assert change.high is not None
        assert change.p_value is not None
        if abs(change.p_value - 0.05) > 0.001:
            assert (change.low > 0 or change.high < 0) == (change.p_value < 0.05)


@pytest.mark.parametrize(("memory", "least", "most"), [(0.0, 0.88, 0.97), (0.3, 0.83, 0.96), (0.6, 0.70, 0.93)])
def test_coverage_of_redrawing(monkeypatch: pytest.MonkeyPatch, memory: float, least: float, most: float) -> None:
    """Of 400 series without a change: nearly 95 % where periods forget one another, less where they do not, as we say."""
    monkeypatch.setattr(effects, "DRAWS", 599)
    generator, covered = np.random.default_rng(20), {"blocks": 0, "Welch": 0}
    for _ in range(400):
        values = remembering(48, memory, generator)
        before, after = list(values[:24]), list(values[24:])
        for name, change in (
            ("blocks", effects.block_bootstrap(before, after, effects.block_length(24))),
            ("Welch", effects.welch(before, after)),
        ):
            assert change.low is not None
            assert change.high is not None
            covered[name] += change.low <= 0 <= change.high
    assert least <= covered["blocks"] / 400 <= most
    if memory >= 0.3:
        assert covered["blocks"] > covered["Welch"], "which takes periods as independent"


def test_what_never_moves_is_certain() -> None:
    still = estimate_effect(observed([2.0] * 4), observed([2.0] * 4, 4), Design.BEFORE_AFTER).change
    assert (still.estimate, still.low, still.high, still.p_value) == (0, 0, 0, 1)
    stepped = estimate_effect(observed([2.0] * 12), observed([3.0] * 8, 12), Design.ITS).change
    assert stepped.estimate == pytest.approx(1)
    assert (stepped.p_value, stepped.low) == (pytest.approx(0, abs=1e-9), pytest.approx(1))


@pytest.mark.parametrize(("number", "lag", "block"), [(20, 2, 3), (27, 2, 3), (100, 4, 5), (8, 2, 2), (2, 1, 2)])
def test_lags_and_blocks_grow_with_the_series(number: int, lag: int, block: int) -> None:
    assert (effects.newey_west_lag(number), effects.block_length(number)) == (lag, block)


def test_welch_s_error_is_that_of_two_means() -> None:
    before, after = [1.0, 2.0, 3.0, 4.0], [5.0, 7.0, 6.0]
    change = effects.welch(before, after)
    error = sqrt(np.var(before, ddof=1) / 4 + np.var(after, ddof=1) / 3)
    assert change.high is not None
    assert change.estimate == 3.5
    assert change.high - 3.5 > 1.96 * error
