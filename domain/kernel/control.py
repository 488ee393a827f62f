"""Control limits: between which bounds a figure wanders by chance alone, told from how it wandered so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

EXPECTED_RANGE = 1.128
"""What the range of two draws from a normal distribution is on average, in standard deviations (d2 for n = 2)."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The lines of an XmR chart: the mean, three sigma below and above it, and the mean moving range they come from."""

    centre: float
    lower: float
    upper: float
    mean_range: float


def xmr(values: Sequence[float]) -> Limits:
    """This will give the limits of an individuals chart: mean ± 3 · mean moving range / 1.128, which is ± 2.66 of it.

    Takes values in the order of time, at least two; below fifteen the limits are provisional. Raises ValueError for
    fewer than two. Source: Shewhart 1931; Wheeler 1993; NIST/SEMATECH e-Handbook 6.3.2.2.
    """
    if len(values) < 2:
        raise ValueError("a moving range needs two values")
    centre = fmean(values)
    mean_range = fmean(abs(after - before) for before, after in pairwise(values))
    reach = 3 * mean_range / EXPECTED_RANGE
    return Limits(centre, centre - reach, centre + reach, mean_range)
