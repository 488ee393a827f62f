"""Words and law of segments: what customers can have in common, and how that is said and checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.kernel.changes import Check
from domain.kernel.money import check_currency, exact, read_decimal
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text

MOST_CONDITIONS, DEEPEST, MOST_VALUES, LONGEST_WINDOW = 50, 6, 100, 36_500
DIGITS = 6


class SegmentField(StrEnum):
    """What of a customer a condition looks at."""

    KIND = "kind"
    COUNTRY = "country"
    CITY = "city"
    INDUSTRY = "industry"
    DAYS_KNOWN = "days_known"
    ORDER_COUNT = "order_count"
    REVENUE = "revenue"
    DAYS_SINCE_ORDER = "days_since_order"
    OPEN_DEAL_COUNT = "open_deal_count"
    WON_DEAL_COUNT = "won_deal_count"
    FEEDBACK_COUNT = "feedback_count"
    SENTIMENT = "sentiment"
    PROMOTER_SCORE = "promoter_score"


class SegmentOperator(StrEnum):
    """How a condition compares."""

    IN = "in"
    NOT_IN = "not_in"
    LESS_THAN = "less_than"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    IS_KNOWN = "is_known"
    IS_UNKNOWN = "is_unknown"


TEXTS = frozenset({SegmentField.KIND, SegmentField.COUNTRY, SegmentField.CITY, SegmentField.INDUSTRY})
WINDOWED = frozenset(
    {SegmentField.ORDER_COUNT, SegmentField.REVENUE, SegmentField.WON_DEAL_COUNT, SegmentField.FEEDBACK_COUNT,
     SegmentField.SENTIMENT}
)  # fmt: skip
"""What can be counted over the last so many days alone."""

COMPARING = frozenset(
    {SegmentOperator.LESS_THAN, SegmentOperator.AT_MOST, SegmentOperator.AT_LEAST, SegmentOperator.MORE_THAN}
)
KNOWING = frozenset({SegmentOperator.IS_KNOWN, SegmentOperator.IS_UNKNOWN})
PARTS = ("condition", "not", "all", "any")


class NameTaken(Conflict):
    """Another segment has this name."""

    def __init__(self) -> None:
        super().__init__("Another segment has this name; choose another, or change that one.", "name")


@dataclass(slots=True)
class _Budget:
    conditions: int = MOST_CONDITIONS


def check_predicate(given: Mapping[str, Any], *field: str) -> dict[str, Any]:
    """This will return a predicate in its stored form: `all` or `any` of several, `not` of one, or a `condition`.

    Raises Invalid, naming the part that is at fault.
    """
    return _checked(given, field, 1, _Budget())


def _checked(given: Mapping[str, Any], where: tuple[str, ...], depth: int, budget: _Budget) -> dict[str, Any]:
    named = [name for name in PARTS if given.get(name) is not None]
    if not named:
        raise Invalid("{field} must have one of all, any, not and condition.", *where)
    if len(named) > 1:
        raise Invalid(
            f"{{field}} stands beside {named[0]}; give one of them, and combine them by all or any.", *where, named[1]
        )
    if depth > DEEPEST:
        raise Invalid(f"{{field}} is nested more than {DEEPEST} deep; say it more simply.", *where)
    (name,) = named
    value = given[name]
    if name == "condition":
        budget.conditions -= 1
        if budget.conditions < 0:
            raise Invalid(f"{{field}} is one condition too many; at most {MOST_CONDITIONS} are kept.", *where, name)
        return {name: _condition(value, (*where, name))}
    if name == "not":
        return {name: _checked(value, (*where, name), depth + 1, budget)}
    if not value:
        raise Invalid("{field} is empty; name one part at least.", *where, name)
    parts = [_checked(each, (*where, name, str(place)), depth + 1, budget) for place, each in enumerate(value)]
    return {name: parts}


def _condition(given: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    subject, operator = SegmentField(given["field"]), SegmentOperator(given["operator"])
    if subject in TEXTS and operator in COMPARING:
        raise Invalid("{field} compares numbers; a word is IN or NOT_IN a list.", *where, "operator")
    made: dict[str, Any] = {"field": subject.value, "operator": operator.value}
    values = given.get("values") or []
    if operator in KNOWING:
        if values:
            raise Invalid("{field} must be left out: IS_KNOWN and IS_UNKNOWN compare with nothing.", *where, "values")
    else:
        made["values"] = list(_values(subject, operator, values, where))
    return made | _window(subject, given, where) | _currency(subject, given, where)


def _values(
    subject: SegmentField, operator: SegmentOperator, values: list[str], where: tuple[str, ...]
) -> Iterator[str]:
    most = 1 if operator in COMPARING else MOST_VALUES
    if not 1 <= len(values) <= most:
        many = "exactly one value" if most == 1 else f"1 to {most} values"
        raise Invalid(f"{{field}} must have {many}.", *where, "values")
    for place, value in enumerate(values):
        here = (*where, "values", str(place))
        yield clean_text(value, *here, longest=200) if subject in TEXTS else _number(value, *here)


def _number(value: str, *field: str) -> str:
    """The number in its shortest form. Raises Invalid for what is none, and for more than 6 digits behind the point."""
    return f"{exact(read_decimal(value, *field), DIGITS, *field).normalize():f}"


def _window(subject: SegmentField, given: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    days = given.get("within_days")
    if days is None:
        return {}
    if subject not in WINDOWED:
        raise Invalid(
            "{field} is for what is counted over time: orders, revenue, deals, feedback.", *where, "within_days"
        )
    if not 1 <= days <= LONGEST_WINDOW:
        raise Invalid(f"{{field}} must be from 1 to {LONGEST_WINDOW:,} days.", *where, "within_days")
    return {"within_days": days}


def _currency(subject: SegmentField, given: Mapping[str, Any], where: tuple[str, ...]) -> dict[str, Any]:
    currency = given.get("currency")
    if (subject == SegmentField.REVENUE) != (currency is not None):
        raise Invalid("{field} is needed for revenue, and for nothing else.", *where, "currency")
    return {"currency": check_currency(currency, *where, "currency")} if currency is not None else {}


def check_name(text: str, *field: str) -> str:
    """This will return a segment's name trimmed. Raises Invalid where it is empty or over 100 characters."""
    return clean_text(text, *field, longest=100)


def check_description(text: str | None, *field: str) -> str | None:
    """This will return what a segment is for. Raises Invalid where it is empty or over 10,000 characters."""
    return None if text is None else clean_text(text, *field, longest=10_000)


SEGMENT: Mapping[str, Check] = {
    "name": check_name,
    "description": check_description,
    "predicate": check_predicate,
}
"""The rule of each field of a segment that people may write."""
