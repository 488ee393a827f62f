"""Words and law of improvement: the states of a cycle, what each asks for, and how its effect is judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from uuid import UUID

from domain.kernel.changes import Check
from domain.kernel.ids import split_id
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text

MOST_EVIDENCE, MOST_GUARDRAILS = 20, 10
LEAST_BASELINE = 4


class CycleState(StrEnum):
    """Where an improvement cycle stands: plan, do, check, act, and what comes before and after."""

    PROPOSED = "proposed"
    PLAN = "plan"
    DO = "do"
    CHECK = "check"
    ACT = "act"
    STANDARDIZED = "standardized"
    ABANDONED = "abandoned"


class CycleOrigin(StrEnum):
    """What brought a cycle about."""

    PERSON = "person"
    THEME = "theme"
    SIGNAL = "signal"
    TARGET = "target"


class Design(StrEnum):
    """How an effect is to be told from chance."""

    ITS = "its"
    BEFORE_AFTER = "before_after"


class Method(StrEnum):
    """How an effect was estimated."""

    INTERRUPTED_SERIES = "interrupted_series"
    BLOCK_BOOTSTRAP = "block_bootstrap"
    WELCH = "welch"
    DIFFERENCE = "difference"


class Verdict(StrEnum):
    """What an estimate says of a KPI. It is computed; nobody can type it."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    NO_CHANGE = "no_change"
    INCONCLUSIVE = "inconclusive"


class PracticeState(StrEnum):
    """Whether a practice is still to be followed."""

    ACTIVE = "active"
    RETIRED = "retired"


NEXT: Mapping[CycleState, frozenset[CycleState]] = {
    CycleState.PROPOSED: frozenset({CycleState.PLAN, CycleState.ABANDONED}),
    CycleState.PLAN: frozenset({CycleState.PLAN, CycleState.DO, CycleState.ABANDONED}),
    CycleState.DO: frozenset({CycleState.CHECK, CycleState.ABANDONED}),
    CycleState.CHECK: frozenset({CycleState.CHECK, CycleState.ACT, CycleState.ABANDONED}),
    CycleState.ACT: frozenset({CycleState.STANDARDIZED, CycleState.ABANDONED}),
    CycleState.STANDARDIZED: frozenset(),
    CycleState.ABANDONED: frozenset(),
}
"""Where a cycle may go from each state; planning and checking may be done again."""

CLOSED = frozenset({CycleState.STANDARDIZED, CycleState.ABANDONED})

REMEDIES: Mapping[CycleState, str] = {
    CycleState.PROPOSED: "plan it, or abandon it",
    CycleState.PLAN: "start it, plan it anew, or abandon it",
    CycleState.DO: "check it when its last day is over, or abandon it",
    CycleState.CHECK: "act on its effect, check it again, or abandon it",
    CycleState.ACT: "standardize it, or abandon it",
    CycleState.STANDARDIZED: "restart it to go on",
    CycleState.ABANDONED: "restart it to try again",
}
"""What can be done with a cycle in each state."""


class CycleNotReachable(Conflict):
    """A cycle cannot go from where it stands to where it is told to go."""

    def __init__(self, state: CycleState, to: CycleState) -> None:
        super().__init__(f"The cycle is {AT[state]} and cannot be {AT[to]}: {REMEDIES[state]}.", "id")


AT: Mapping[CycleState, str] = {
    CycleState.PROPOSED: "proposed",
    CycleState.PLAN: "planned",
    CycleState.DO: "being done",
    CycleState.CHECK: "checked",
    CycleState.ACT: "acted on",
    CycleState.STANDARDIZED: "standardized",
    CycleState.ABANDONED: "abandoned",
}


class TooEarly(Conflict):
    """A day that the plan waits for has not come."""

    def __init__(self, what: str, day: date, remedy: str) -> None:
        super().__init__(f"It cannot be {what} before {day:%Y-%m-%d}: {remedy}.", "id")


class BaselineTooShort(Conflict):
    """There are too few values before the start to compare with."""

    def __init__(self, found: int, needed: int) -> None:
        super().__init__(
            f"The primary KPI has {found} values in the baseline, and its design needs {needed}: plan an earlier start "
            "of the baseline, a later start of the cycle, or the design BEFORE_AFTER, which needs fewer.",
            "id",
        )


class NoEffectStored(Conflict):
    """A cycle is acted on by what was measured, and nothing was."""

    def __init__(self) -> None:
        super().__init__("No effect has been estimated yet: check the cycle first.", "id")


class NotImproved(Conflict):
    """Only what has been measured to be better becomes a practice."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(
            f"The verdict on its primary KPI is {verdict.upper()}: only what has improved becomes a practice. Abandon "
            "the cycle with what was learned, and restart it with a longer run or another countermeasure.",
            "id",
        )


class GuardrailWorsened(Conflict):
    """What improved one KPI at the cost of another does not become a practice."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(
            f"It has worsened {', '.join(names)}, which was to be spared: abandon the cycle, and restart it with a "
            "countermeasure that does not.",
            "id",
        )


class StillOpen(Conflict):
    """A cycle is restarted when it is over."""

    def __init__(self, state: CycleState) -> None:
        super().__init__(f"The cycle is {AT[state]}, and not over: {REMEDIES[state]}; then restart it.", "id")


class RestartedBefore(Conflict):
    """The next turn of a cycle is there already."""

    def __init__(self) -> None:
        super().__init__("This cycle has been restarted: go on with the cycle whose `previous` it is.", "id")


def check_move(state: CycleState, to: CycleState) -> None:
    """This will let a cycle go on. Raises CycleNotReachable."""
    if to not in NEXT[state]:
        raise CycleNotReachable(state, to)


def check_start(starts_on: date, today: date) -> None:
    """This will let a cycle begin on its first day, or later. Raises TooEarly."""
    if today < starts_on:
        raise TooEarly("started", starts_on, "wait for that day, or plan an earlier one")


def check_over(ends_on: date, today: date) -> None:
    """This will let a cycle be checked once its last day is over. Raises TooEarly."""
    if today <= ends_on:
        raise TooEarly(
            "checked", date.fromordinal(ends_on.toordinal() + 1), "an effect that is looked at early is found by chance"
        )


def check_restart(state: CycleState) -> None:
    """This will let a cycle be restarted that is over. Raises StillOpen."""
    if state not in CLOSED:
        raise StillOpen(state)


def check_baseline(found: int, design: Design) -> None:
    """This will let a cycle start that has enough to compare with. Raises BaselineTooShort."""
    needed = 12 if design is Design.ITS else LEAST_BASELINE
    if found < needed:
        raise BaselineTooShort(found, needed)


def check_worth(primary: Verdict | None, worsened: Sequence[str]) -> None:
    """This will let a cycle become a practice that improved its primary KPI and spared the others.

    Raises NoEffectStored, NotImproved, GuardrailWorsened.
    """
    if primary is None:
        raise NoEffectStored
    if primary is not Verdict.IMPROVED:
        raise NotImproved(primary)
    if worsened:
        raise GuardrailWorsened(worsened)


def check_days(baseline_start: date, starts_on: date, ends_on: date) -> None:
    """This will let the days of a plan stand in their order. Raises Invalid."""
    if baseline_start >= starts_on:
        raise Invalid("{field} must lie before the day on which the cycle starts.", "baseline_start")
    if ends_on < starts_on:
        raise Invalid("{field} must not lie before the day on which the cycle starts.", "ends_on")


def check_subject(text: str | None, *field: str) -> tuple[str, UUID] | None:
    """This will read the public id of the record that evidence was read from. Raises Invalid."""
    found = split_id(text) if text is not None else None
    if text is not None and found is None:
        raise Invalid("{field} is not the id of a record, such as fbk_ and 32 digits; leave it out.", *field)
    return found


def check_minimum(value: float, *field: str) -> float:
    """This will return the smallest change that would be worth it, above 0. Raises Invalid."""
    if not isfinite(value) or value <= 0:
        raise Invalid("{field} must be above 0: say which change would be worth the effort.", *field)
    return value


def _text(longest: int) -> Check:
    return lambda value, *field: clean_text(value, *field, longest=longest)


def _optional_text(longest: int) -> Check:
    return lambda value, *field: None if value is None else clean_text(value, *field, longest=longest)


def _word(kind: type[StrEnum]) -> Check:
    def check(value: str, *field: str) -> StrEnum:
        try:
            return kind(value)
        except ValueError:
            raise Invalid(f"{{field}} must be one of {', '.join(kind)}.", *field) from None

    return check


def _as_it_is(value: object, *_: str) -> object:
    return value


PROPOSAL: Mapping[str, Check] = {"title": _text(200), "problem": _text(10_000)}
"""The rule of each field of a proposal that people may write."""

EVIDENCE: Mapping[str, Check] = {"text": _text(500), "subject": check_subject}
"""The rule of each field of a piece of evidence."""

PLAN: Mapping[str, Check] = {
    "hypothesis": _text(10_000),
    "countermeasure": _text(10_000),
    "dimension": lambda value, *field: clean_text(value, *field, longest=20, blank=True),
    "member": lambda value, *field: clean_text(value, *field, longest=120, blank=True),
    "currency": lambda value, *field: clean_text(value, *field, longest=3, blank=True),
    "design": _word(Design),
    "minimum_effect": check_minimum,
    "baseline_start": _as_it_is,
    "starts_on": _as_it_is,
    "ends_on": _as_it_is,
}
"""The rule of each field of a plan; keys of records stand apart."""

PRACTICE: Mapping[str, Check] = {"title": _text(200), "description": _text(20_000)}
"""The rule of each field of a practice."""

ADOPTION: Mapping[str, Check] = {"team": _text(100), "adopted_on": _as_it_is, "note": _optional_text(10_000)}
"""The rule of each field of an adoption."""

REASON = _text(300)
"""The rule of why a cycle is given up."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """An estimated change with the ends of its interval, None where nobody can say."""

    estimate: float
    low: float | None
    high: float | None


def judge(change: Bounds, at_end: Bounds | None, *, up_is_good: bool, minimum: float) -> Verdict:
    """This will judge a change of a KPI by its interval, its direction, and the smallest change that is worth it.

    Improved: the interval lies on the good side of nought, the change is worth it, and where a trend was told apart
    what is left by the end is still good. Worsened: the interval lies on the bad side. No change: the interval lies
    within the smallest change worth it on both sides. All else is inconclusive.
    """
    if change.low is None or change.high is None:
        return Verdict.INCONCLUSIVE
    sign = 1 if up_is_good else -1
    gain = sign * change.estimate
    worst, best = sorted((sign * change.low, sign * change.high))
    if -minimum < worst and best < minimum:
        return Verdict.NO_CHANGE
    if best < 0:
        return Verdict.WORSENED
    lasts = at_end is None or sign * at_end.estimate > 0
    return Verdict.IMPROVED if worst > 0 and gain >= minimum and lasts else Verdict.INCONCLUSIVE
