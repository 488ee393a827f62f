"""Signals: which values are beyond chance, by limits from the values before them, and which miss their targets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from domain.kernel.control import Limits, xmr
from domain.kpis.rules import SignalRule

MOST_BASELINE, LEAST_BASELINE = 24, 8
RUN, TREND = 8, 6


@dataclass(frozen=True, slots=True)
class Told:
    """A value of a period that is over."""

    period_start: date
    value: float


@dataclass(frozen=True, slots=True)
class Signal:
    """That a value breaks a rule: which, whether for the good, and between which limits it should have been."""

    period_start: date
    rule: SignalRule
    is_good: bool
    value: float
    limits: Limits | None = None


def limits_before(values: Sequence[float]) -> Limits | None:
    """This will give the limits that at most the last 24 values set for the next; None for fewer than eight."""
    return xmr(values[-MOST_BASELINE:]) if len(values) >= LEAST_BASELINE else None


def signals(series: Sequence[Told], targets: Mapping[date, float], *, up_is_good: bool) -> list[Signal]:
    """This will find every signal of a series in the order of time; targets are by the first day of their period.

    Each value is judged by the limits of those before it, so that later values change no earlier verdict.
    """
    found = []
    values = [told.value for told in series]
    for place, told in enumerate(series):
        limits = limits_before(values[:place])
        if limits:
            broken = _broken(values[: place + 1], limits)
            found += [Signal(told.period_start, rule, up == up_is_good, told.value, limits) for rule, up in broken]
        target = targets.get(told.period_start)
        if target is not None and (told.value < target if up_is_good else told.value > target):
            found.append(Signal(told.period_start, SignalRule.MISSED_TARGET, False, told.value))
    return found


def _broken(values: Sequence[float], limits: Limits) -> list[tuple[SignalRule, bool]]:
    """The rules that the last value breaks, each with whether it went up."""
    found: list[tuple[SignalRule, bool]] = []
    last, centre = values[-1], limits.centre
    sigma = (limits.upper - centre) / 3
    if not limits.lower <= last <= limits.upper:
        found.append((SignalRule.BEYOND_LIMITS, last > centre))
    recent = values[-RUN:]
    if len(recent) == RUN and (all(each > centre for each in recent) or all(each < centre for each in recent)):
        found.append((SignalRule.RUN_OF_EIGHT, last > centre))
    for up in (True, False):
        far = [each > centre + 2 * sigma if up else each < centre - 2 * sigma for each in values[-3:]]
        if sum(far) >= 2 and far[-1]:
            found.append((SignalRule.TWO_OF_THREE, up))
    steps = list(pairwise(values[-TREND:]))
    if len(steps) == TREND - 1 and (all(a < b for a, b in steps) or all(a > b for a, b in steps)):
        found.append((SignalRule.TREND_OF_SIX, steps[-1][1] > steps[-1][0]))
    return found
