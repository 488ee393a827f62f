"""What was seen and what was measured, in sentences for people: numbers with units, doubts if there are any."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.feedback.charts import ThemeChart
from domain.feedback.themes import Stake
from domain.improvement.rules import Method, Verdict
from domain.kernel.money import MINOR_DIGITS
from domain.kpis.steering import Unwelcome

if TYPE_CHECKING:
    from domain.improvement.effects import Change, Effect

SHORT = 50
"""Below so many periods, intervals that allow for memory are known to be too narrow."""

VERDICTS: Mapping[Verdict, str] = {
    Verdict.IMPROVED: "has improved",
    Verdict.WORSENED: "has worsened",
    Verdict.NO_CHANGE: "has not changed by as much as would be worth it",
    Verdict.INCONCLUSIVE: "may or may not have changed",
}


def figure(value: float, unit: str, currency: str = "") -> str:
    """This will write a value of a KPI with its unit."""
    match unit:
        case "money":
            return f"{value:,.{MINOR_DIGITS.get(currency, 2)}f} {currency}"
        case "ratio":
            return f"{100 * value:.1f} %"
        case "days":
            return f"{value:.1f} days"
    return f"{value:,.4g}" if abs(value) < 1e6 else f"{value:,.0f}"


def amount(value: Decimal, currency: str) -> str:
    """This will write an amount of money in the digits of its currency."""
    return f"{value:,.{MINOR_DIGITS.get(currency, 2)}f} {currency}"


def wave(label: str, chart: ThemeChart) -> str:
    """This will say that a theme is spoken of more than by chance."""
    last, limits = chart.weeks[-1], chart.limits
    if limits is None:
        raise ValueError("no limits, no wave")
    return (
        f"“{label}” was spoken of {last.item_count} times in the week from {last.starts_on:%Y-%m-%d}; over the "
        f"{len(chart.weeks) - 1} weeks before it was {limits.centre:.1f} times a week, and chance alone stays below "
        f"{limits.upper:.1f}."
    )


def at_stake(stake: Stake) -> str:
    """This will say what those who complain buy, and might still buy."""
    return (
        f"The {stake.customer_count} customers who complained of it in the last 90 days ordered "
        f"{amount(stake.ordered, stake.currency)} in the last 365 days, and have open deals worth "
        f"{amount(stake.pipeline, stake.currency)} by their probability."
    )


def signal(found: Unwelcome) -> str:
    """This will say how a KPI moved the wrong way, or by how much it missed its target."""
    kpi = found.kpi
    name = cut(kpi.name, found.dimension, found.member_name)
    value, rule = figure(found.value, kpi.unit, found.currency), found.rule.replace("_", " ")
    said = f"{name} was {value} in the period from {found.period_start:%Y-%m-%d} ({rule})"
    if found.centre is None:
        return f"{said}."
    text = f"{said}; its centre was {figure(found.centre, kpi.unit, found.currency)}"
    if found.lower is None or found.upper is None:
        return f"{text}."
    ends = (figure(found.lower, kpi.unit, found.currency), figure(found.upper, kpi.unit, found.currency))
    return f"{text}, and chance alone stays between {ends[0]} and {ends[1]}."


def cut(name: str, dimension: str, member: str) -> str:
    """This will name a KPI, or a part of it."""
    return f"{name} ({dimension} {member})" if dimension else name


def effect(name: str, unit: str, currency: str, found: "Effect", verdict: Verdict, starts_on: date) -> str:
    """This will say what became of a KPI, how that was found, and what is to be doubted."""

    def change(said: "Change") -> str:
        return _change(said, unit, currency)

    before = f"it was {figure(found.baseline, unit, currency)} before"
    parts = [f"{name} {VERDICTS[verdict]} since {starts_on:%Y-%m-%d}: {before}, and moved by {change(found.change)}"]
    if found.at_end:
        parts[0] += f" at once, and by {change(found.at_end)} by the end"
    parts.append(f"{_method(found)}, over {found.before_count} periods before and {found.after_count} after")
    return ". ".join([*parts, *_doubts(found)]) + "."


def _change(said: "Change", unit: str, currency: str) -> str:
    def signed(value: float) -> str:
        size = f"{100 * abs(value):.1f} points" if unit == "ratio" else figure(abs(value), unit, currency)
        return f"{'+' if value >= 0 else '−'}{size}"

    if said.low is None or said.high is None or said.p_value is None:
        return signed(said.estimate)
    chance = "p < 0.001" if said.p_value < 0.001 else f"p = {said.p_value:.3f}"
    return f"{signed(said.estimate)} (95 % interval {signed(said.low)} to {signed(said.high)}, {chance})"


def _method(found: "Effect") -> str:
    match found.method:
        case Method.INTERRUPTED_SERIES:
            return f"Found by an interrupted time series with Newey–West errors of lag {found.memory}"
        case Method.BLOCK_BOOTSTRAP:
            return f"Found by comparing means, with an interval from redrawing blocks of {found.memory} periods"
        case Method.WELCH:
            return "Found by comparing means with Welch's test"
    return "Found by comparing means, of too few periods for an interval"


def _doubts(found: "Effect") -> Iterable[str]:
    if found.method is Method.WELCH:
        yield "So short a series hides whether periods resemble their neighbours; if so, the interval is too narrow"
    elif found.method is not Method.DIFFERENCE and found.before_count + found.after_count < SHORT:
        yield "Series as short as this give intervals that are too narrow (Turner et al. 2021)"
    if found.method is not Method.INTERRUPTED_SERIES:
        yield "A comparison of means takes a trend that was there before for an effect"
