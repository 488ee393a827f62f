"""Effect estimators: what a change did to a series, from how it ran before and after. Only workers import this file.

The method follows from the design and from how long the series is. An interrupted series needs enough periods to tell
a trend from a step; what is shorter is compared by its means, and what is very short by Welch's test, which takes the
periods as independent. All intervals are of 95 %; all random draws are seeded, so that they come out the same again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from domain.improvement.rules import Design, Method

ITS_BEFORE, ITS_AFTER = 12, 8
BOOTSTRAP_LEAST, WELCH_LEAST = 8, 2
DRAWS, SEED = 9_999, 20_240_501
LEVEL = 0.95

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Observation:
    """The value of one period; `place` counts periods, those without a value too."""

    place: int
    value: float


@dataclass(frozen=True, slots=True)
class Change:
    """An estimated change with its interval, and how likely one as large is by chance; None where nobody can say."""

    estimate: float
    low: float | None = None
    high: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change did: at once, and by the end of the period where a trend was told apart; and by which method.

    `memory` is how many periods the errors are held to remember: the lag of Newey–West, the length of blocks.
    """

    method: Method
    before_count: int
    after_count: int
    baseline: float
    change: Change
    at_end: Change | None = None
    memory: int = 0


def estimate_effect(before: Sequence[Observation], after: Sequence[Observation], design: Design) -> Effect:
    """This will estimate an effect by the method that design and length allow. Raises ValueError for an empty side."""
    if not before or not after:
        raise ValueError("an effect needs values before and after")
    told = [observation.value for observation in before], [observation.value for observation in after]
    counts = len(before), len(after)
    baseline = float(np.mean(told[0]))
    if design is Design.ITS and counts[0] >= ITS_BEFORE and counts[1] >= ITS_AFTER:
        lag = newey_west_lag(sum(counts))
        level, end = interrupted_series(before, after, lag)
        return Effect(Method.INTERRUPTED_SERIES, *counts, baseline, level, end, memory=lag)
    if min(counts) >= BOOTSTRAP_LEAST:
        block = block_length(min(counts))
        return Effect(Method.BLOCK_BOOTSTRAP, *counts, baseline, block_bootstrap(*told, block), memory=block)
    if min(counts) >= WELCH_LEAST:
        return Effect(Method.WELCH, *counts, baseline, welch(*told))
    return Effect(Method.DIFFERENCE, *counts, baseline, Change(float(np.mean(told[1])) - baseline))


def interrupted_series(before: Sequence[Observation], after: Sequence[Observation], lag: int) -> tuple[Change, Change]:
    """This will give the change of level at the interruption, and the effect in the last period.

    Fits y = b0 + b1·t + b2·D + b3·(t − T)·D by least squares, T the first period after; the level changes by b2, and
    in the last period by b2 + b3·(t_last − T). Errors are heteroskedasticity and autocorrelation consistent (Bartlett's
    kernel up to `lag`), times n / (n − 4), with Student's t on n − 4 degrees of freedom. Source: Wagner et al. 2002;
    Newey & West 1987; Bernal, Cummins & Gasparrini 2017.
    """
    series = [*before, *after]
    time = np.array([observation.place for observation in series], dtype=float)
    values = np.array([observation.value for observation in series], dtype=float)
    begin = after[0].place
    since = (time >= begin).astype(float)
    design = np.column_stack([np.ones_like(time), time - begin, since, (time - begin) * since])
    weights, covariance = newey_west(design, values, lag)
    freedom = len(values) - design.shape[1]
    contrasts = np.array([0.0, 0.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0, time[-1] - begin])
    level, end = (
        _student(float(contrast @ weights), math.sqrt(max(float(contrast @ covariance @ contrast), 0.0)), freedom)
        for contrast in contrasts
    )
    return level, end


def newey_west(design: Vector, values: Vector, lag: int) -> tuple[Vector, Vector]:
    """This will fit by least squares, and give the weights and their HAC covariance, corrected by n / (n − k).

    Source: Newey & West 1987; the correction is that of statsmodels' `use_correction` and Stata's `newey`.
    """
    number, width = design.shape
    inverse = np.linalg.inv(design.T @ design)
    weights = inverse @ design.T @ values
    scores = design * (values - design @ weights)[:, None]
    meat = scores.T @ scores
    for back in range(1, lag + 1):
        lagged = scores[back:].T @ scores[:-back]
        meat += (1 - back / (lag + 1)) * (lagged + lagged.T)
    return weights, number / (number - width) * inverse @ meat @ inverse


def newey_west_lag(number: int) -> int:
    """This will give the lag for so many periods: floor(4 · (n / 100)^(2/9)), at least 1. Source: Newey & West 1994."""
    return max(1, math.floor(4 * math.pow(number / 100, 2 / 9)))


def block_length(number: int) -> int:
    """This will give how long blocks are for so many periods: n^(1/3), rounded up. Source: Hall et al. 1995."""
    return math.ceil(round(math.pow(number, 1 / 3), 9))


def block_bootstrap(before: Sequence[float], after: Sequence[float], block: int) -> Change:
    """This will compare two means, with an interval from redrawing each side in blocks of neighbours.

    Blocks keep what neighbours have in common; 9,999 draws, centred, each side's widened by sqrt(n / (n − block)),
    since so few blocks vary less than the series does. Source: Künsch 1989; Davison & Hinkley 1997, 8.2.
    """
    generator = np.random.default_rng(SEED)
    difference = float(np.mean(after) - np.mean(before))
    noise = np.abs(_block_means(after, block, generator) - _block_means(before, block, generator))
    reach = float(np.quantile(noise, LEVEL))
    chance = (1 + int(np.count_nonzero(noise >= abs(difference)))) / (DRAWS + 1)
    return Change(difference, difference - reach, difference + reach, chance)


def _block_means(values: Sequence[float], block: int, generator: np.random.Generator) -> Vector:
    """Means of redrawn series, less their own mean."""
    series, number = np.asarray(values, dtype=float), len(values)
    starts = generator.integers(0, number - block + 1, size=(DRAWS, math.ceil(number / block)))
    places = (starts[:, :, None] + np.arange(block)).reshape(DRAWS, -1)[:, :number]
    means = series[places].mean(axis=1)
    centred: Vector = (means - means.mean()) * math.sqrt(number / (number - block))
    return centred


def welch(before: Sequence[float], after: Sequence[float]) -> Change:
    """This will compare two means whose spreads may differ, taking periods as independent. Source: Welch 1947."""
    shares = [float(np.var(side, ddof=1)) / len(side) for side in (before, after)]
    error = math.sqrt(sum(shares))
    difference = float(np.mean(after) - np.mean(before))
    weights = sum(share**2 / (len(side) - 1) for share, side in zip(shares, (before, after), strict=True))
    return _student(difference, error, sum(shares) ** 2 / weights if weights else 1.0)


def _student(estimate: float, error: float, freedom: float) -> Change:
    if error <= 1e-12 * max(abs(estimate), 1.0):  # no spread at all: a change is certain, or there is none
        return Change(estimate, estimate, estimate, float(abs(estimate) <= 1e-12))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * error
    return Change(estimate, estimate - reach, estimate + reach, float(2 * stats.t.sf(abs(estimate) / error, freedom)))
