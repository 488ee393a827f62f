"""Intervals of 95 %: how far the truth may lie from what so few observations say."""

from math import sqrt
from typing import NamedTuple

Z = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution."""
_EXPANSION = (
    (Z**3 + Z) / 4,
    (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
    (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
    (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92_160,
)
LEAST_FREEDOM = 3


class Interval(NamedTuple):
    """The two ends, both included."""

    low: float
    high: float


def wilson(successes: int, trials: int) -> Interval | None:
    """This will give the Wilson score interval of a share; None without trials. Source: Wilson 1927."""
    if trials == 0:
        return None
    share, square = successes / trials, Z * Z
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    reach = Z / (1 + square / trials) * sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return Interval(max(middle - reach, 0.0), min(middle + reach, 1.0))


def student_quantile(freedom: int) -> float:
    """This will give the 97.5 % quantile of Student's t, to 0.2 % at 3 degrees of freedom and 0.001 % from 8 on.

    Raises ValueError below 3. Source: Abramowitz & Stegun 1964, 26.7.5.
    """
    if freedom < LEAST_FREEDOM:
        raise ValueError(f"at least {LEAST_FREEDOM} degrees of freedom")
    return Z + sum(term / float(freedom) ** power for power, term in enumerate(_EXPANSION, 1))


def mean_interval(mean: float, deviation: float, count: int) -> Interval | None:
    """This will give Student's interval of a mean, from the sample's standard deviation; None below 4 observations."""
    if count <= LEAST_FREEDOM:
        return None
    reach = student_quantile(count - 1) * deviation / sqrt(count)
    return Interval(mean - reach, mean + reach)
