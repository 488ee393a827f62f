"""Words and law of KPIs: which way is better, how long periods are, what may be written about them."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from math import isfinite

from domain.kernel.changes import Check
from domain.kernel.money import check_currency
from domain.kernel.period import FiscalCalendar
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text

FIRST_YEAR, LAST_YEAR = 1900, 2200
LARGEST_TARGET = 1e15
CALENDAR = FiscalCalendar()
"""By which periods are cut: ISO weeks, months and quarters of the calendar year."""
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")


class Unit(StrEnum):
    """What the values of a KPI are."""

    MONEY = "money"
    RATIO = "ratio"
    COUNT = "count"
    DAYS = "days"
    SCORE = "score"


class Direction(StrEnum):
    """Which way is better."""

    UP = "up"
    DOWN = "down"


class SignalRule(StrEnum):
    """Why a value is news. The first four are of Western Electric 1956, as Wheeler and the NHS take them."""

    BEYOND_LIMITS = "beyond_limits"
    RUN_OF_EIGHT = "run_of_eight"
    TWO_OF_THREE = "two_of_three"
    TREND_OF_SIX = "trend_of_six"
    MISSED_TARGET = "missed_target"


class KeyTaken(Conflict):
    """Another KPI has this key."""

    def __init__(self) -> None:
        super().__init__("Another KPI has this key; choose one that tells them apart.", "key")


class TargetTaken(Conflict):
    """The KPI has a target for this period and cut."""

    def __init__(self) -> None:
        super().__init__("There is a target for this period and cut already; update that one instead.", "period_start")


def check_key(key: str, *field: str) -> str:
    """This will return a KPI's name for programs. Raises Invalid unless it is like win_rate."""
    if not _KEY.fullmatch(key):
        raise Invalid("{field} must be 1 to 60 small letters, digits and underscores, such as win_rate.", *field)
    return key


def check_member(member: str, *field: str) -> str:
    """This will return the part of a cut. Raises Invalid where it is over 120 characters."""
    return clean_text(member, *field, longest=120) if member else ""


def check_target(value: float, *field: str) -> float:
    """This will return what is to be reached. Raises Invalid where it is not finite or beyond 10^15."""
    if not isfinite(value) or abs(value) > LARGEST_TARGET:
        raise Invalid("{field} must be a number of at most 15 digits before the point.", *field)
    return value


def check_money_currency(unit: str, currency: str) -> str:
    """This will return the currency that goes with a unit; empty without money. Raises Invalid."""
    if unit == Unit.MONEY:
        return check_currency(currency, "currency")
    if currency:
        raise Invalid("{field} is for KPIs of money, and this is none; leave it out.", "currency")
    return ""


def check_day(day: date, *field: str) -> date:
    """This will return the day. Raises Invalid before 1900 and from 2200 on."""
    if not FIRST_YEAR <= day.year < LAST_YEAR:
        raise Invalid(f"{{field}} must lie between {FIRST_YEAR} and {LAST_YEAR - 1}.", *field)
    return day


KPI: Mapping[str, Check] = {
    "key": check_key,
    "name": lambda text, *field: clean_text(text, *field, longest=200),
    "description": lambda text, *field: clean_text(text, *field, longest=10_000),
    "is_active": lambda active, *_: bool(active),
}
"""The rule of each field of a KPI that people may write, without its definition."""

TARGET: Mapping[str, Check] = {"period_start": check_day, "value": check_target}
"""The rule of each field of a target that people may write, without its cut."""

ANNOTATION: Mapping[str, Check] = {
    "day": check_day,
    "text": lambda value, *field: clean_text(value, *field, longest=300),
}
"""The rule of each field of a remark that people may write."""
