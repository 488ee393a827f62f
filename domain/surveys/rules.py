"""Words and law of surveys: what is asked, on which scale, when it may be answered, and what the answers come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import sqrt

from domain.feedback.rules import check_received_at, check_text
from domain.kernel.changes import Check
from domain.kernel.intervals import Z, mean_interval, wilson
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text


class SurveyKind(StrEnum):
    """What a survey measures, and so on which scale it is answered."""

    NPS = "nps"
    CSAT = "csat"
    CES = "ces"


class SurveyState(StrEnum):
    """Where a survey stands."""

    DRAFT = "draft"
    FIELDING = "fielding"
    CLOSED = "closed"


NEXT: Mapping[SurveyState, frozenset[SurveyState]] = {
    SurveyState.DRAFT: frozenset({SurveyState.FIELDING}),
    SurveyState.FIELDING: frozenset({SurveyState.CLOSED}),
    SurveyState.CLOSED: frozenset(),
}
"""Where a survey may go from each state."""

SCALES: Mapping[SurveyKind, tuple[int, int]] = {
    SurveyKind.NPS: (0, 10),
    SurveyKind.CSAT: (1, 5),
    SurveyKind.CES: (1, 7),
}
"""The lowest and the highest answer of each kind."""

PROMOTERS, DETRACTORS, TOP_BOX = 9, 6, 4
"""From 9 on a promoter, up to 6 a detractor; from 4 on satisfied."""
FROZEN = ("kind", "question")
"""What nobody may change once it has been asked: the answers would be to another question."""


class SurveyNotReachable(Conflict):
    """A survey cannot go from where it stands to where it is told to go."""

    def __init__(self, state: SurveyState) -> None:
        remedy = {
            SurveyState.DRAFT: "open it first",
            SurveyState.FIELDING: "it is open already; close it when it has been asked often enough",
            SurveyState.CLOSED: "it stays closed; make a new survey to ask again",
        }
        super().__init__(f"The survey is {state}: {remedy[state]}.", "id")


class SurveyNotFielding(Conflict):
    """A survey takes answers only while it is in the field."""

    def __init__(self, state: SurveyState) -> None:
        remedy = "open it first" if state is SurveyState.DRAFT else "make a new survey to ask again"
        super().__init__(f"The survey is {state} and takes no answers: {remedy}.", "survey_id")


class QuestionFrozen(Conflict):
    """What has been asked stays as it was asked."""

    def __init__(self, field: str) -> None:
        super().__init__(
            "{field} cannot change once the survey has been opened, lest old answers be read as answers to the new "
            "words; make a new survey.",
            field,
        )


def check_kind(kind: str, *field: str) -> SurveyKind:
    """This will return the kind. Raises Invalid for an unknown word."""
    try:
        return SurveyKind(kind)
    except ValueError:
        raise Invalid(f"{{field}} must be one of {', '.join(SurveyKind)}.", *field) from None


def check_move(state: SurveyState, to: SurveyState) -> None:
    """This will let a survey go on. Raises SurveyNotReachable."""
    if to not in NEXT[state]:
        raise SurveyNotReachable(state)


def check_answerable(state: SurveyState) -> None:
    """This will let an answer in. Raises SurveyNotFielding."""
    if state is not SurveyState.FIELDING:
        raise SurveyNotFielding(state)


def check_score(kind: SurveyKind, score: int) -> int:
    """This will return the score, if it lies on the scale of the kind. Raises Invalid."""
    lowest, highest = SCALES[kind]
    if not lowest <= score <= highest:
        raise Invalid(f"{{field}} must be a whole number from {lowest} to {highest}: this is {TITLES[kind]}.", "score")
    return score


TITLES: Mapping[SurveyKind, str] = {
    SurveyKind.NPS: "a net promoter score",
    SurveyKind.CSAT: "customer satisfaction",
    SurveyKind.CES: "customer effort",
}

SURVEY: Mapping[str, Check] = {
    "name": lambda value, *field: clean_text(value, *field, longest=200),
    "kind": check_kind,
    "question": lambda value, *field: clean_text(value, *field, longest=500),
}
"""The rule of each field of a survey that people may write."""

ANSWER: Mapping[str, Check] = {
    "score": lambda score, *_: score,
    "text": lambda text, *field: None if text is None else check_text(text, *field),
    "responded_at": check_received_at,
}
"""The rule of each field of an answer that does not depend on the survey; `check_score` has the other."""


def check_not_ahead(moment: datetime, at: datetime) -> None:
    """This will refuse an answer of the future. Raises Invalid."""
    if moment > at:
        raise Invalid("{field} lies in the future; answers have been given.", "responded_at")


@dataclass(frozen=True, slots=True)
class Figure:
    """What answers come to: the score of the kind, its standard error and 95 % interval where there are enough."""

    value: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None


def score(kind: SurveyKind, counts: Mapping[int, int]) -> Figure:
    """This will give what answers come to, by how often each score was given; all None where nobody answered."""
    if not sum(counts.values()):
        return Figure()
    return {SurveyKind.NPS: net_promoter_score, SurveyKind.CSAT: satisfaction, SurveyKind.CES: effort}[kind](counts)


def net_promoter_score(counts: Mapping[int, int]) -> Figure:
    """This will give 100 · (share of 9–10 − share of 0–6), -100 to 100, with SE 100 · sqrt((p + d − (p − d)²) / n).

    Source: Reichheld 2003; the variance is that of a draw from -1, 0 and 1.
    """
    number = sum(counts.values())
    promoters = _count(counts, PROMOTERS, 10) / number
    detractors = _count(counts, 0, DETRACTORS) / number
    value = promoters - detractors
    error = sqrt((promoters + detractors - value * value) / number)
    return Figure(100 * value, 100 * error, max(100 * (value - Z * error), -100), min(100 * (value + Z * error), 100))


def satisfaction(counts: Mapping[int, int]) -> Figure:
    """This will give the share of the two best answers, 0 to 1, with its Wilson interval. Source: Wilson 1927."""
    number, satisfied = sum(counts.values()), _count(counts, TOP_BOX, 5)
    share, interval = satisfied / number, wilson(satisfied, number)
    low, high = interval or (None, None)
    return Figure(share, sqrt(share * (1 - share) / number), low, high)


def effort(counts: Mapping[int, int]) -> Figure:
    """This will give the mean agreement that it was easy, 1 to 7, with Student's interval from four answers on.

    Source: Dixon, Freeman & Toman 2010; seven points of agreement as in version 2.0.
    """
    number = sum(counts.values())
    mean = sum(given * often for given, often in counts.items()) / number
    if number == 1:
        return Figure(mean)
    deviation = sqrt(sum(often * (given - mean) ** 2 for given, often in counts.items()) / (number - 1))
    low, high = mean_interval(mean, deviation, number) or (None, None)
    return Figure(mean, deviation / sqrt(number), low, high)


def _count(counts: Mapping[int, int], lowest: int, highest: int) -> int:
    return sum(often for given, often in counts.items() if lowest <= given <= highest)
