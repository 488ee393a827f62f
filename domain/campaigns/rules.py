"""Words and law of campaigns: kinds, states, arms and touches, and what may be written about them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from domain.customers.rules import check_note
from domain.kernel.changes import Check
from domain.kernel.money import check_currency, exact, read_amount, read_decimal
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text

MOST_TOUCHES = MOST_MEMBERS = 1_000
LARGEST_HOLDOUT = Decimal("0.5")
SHARE_DIGITS = 4
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)


class CampaignKind(StrEnum):
    """By which means a campaign reaches people."""

    EMAIL = "email"
    EXHIBITION = "exhibition"
    SOCIAL = "social"
    ADVERTISING = "advertising"
    CONTENT = "content"
    WEBINAR = "webinar"
    TELEPHONE = "telephone"
    OTHER = "other"


class CampaignState(StrEnum):
    """How far a campaign is."""

    PLANNED = "planned"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class CampaignArm(StrEnum):
    """Whether a member is reached, or left alone to compare with."""

    TARGETED = "targeted"
    HOLDOUT = "holdout"


class TouchKind(StrEnum):
    """How a campaign reached somebody."""

    SENT = "sent"
    OPENED = "opened"
    CLICKED = "clicked"
    VISITED = "visited"
    ATTENDED = "attended"
    RESPONDED = "responded"


NEXT: Mapping[CampaignState, frozenset[CampaignState]] = {
    CampaignState.PLANNED: frozenset({CampaignState.ACTIVE, CampaignState.CANCELLED}),
    CampaignState.ACTIVE: frozenset({CampaignState.PAUSED, CampaignState.COMPLETED, CampaignState.CANCELLED}),
    CampaignState.PAUSED: frozenset({CampaignState.ACTIVE, CampaignState.COMPLETED, CampaignState.CANCELLED}),
    CampaignState.COMPLETED: frozenset(),
    CampaignState.CANCELLED: frozenset(),
}
"""Where a campaign may go from each state."""

OVER = frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED})


class NameTaken(Conflict):
    """Another campaign has this name."""

    def __init__(self) -> None:
        super().__init__("Another campaign has this name; choose another, or change that one.", "name")


class StateNotReachable(Conflict):
    """A campaign cannot go from its state to the one wanted."""

    def __init__(self, now: CampaignState) -> None:
        ways = " or ".join(sorted(NEXT[now]))
        super().__init__(
            f"The campaign is {now}; it can {f'only become {ways}' if ways else 'become no other'}.", "state"
        )


class CampaignIsOver(Conflict):
    """Nobody joins a campaign that is over."""

    def __init__(self, state: str) -> None:
        super().__init__(f"The campaign is {state}; nobody joins it any more.", "id")


class ArmsAreDrawn(Conflict):
    """The share held out is fixed once members have been drawn by it."""

    def __init__(self) -> None:
        super().__init__("{field} is fixed: members have been drawn by it already.", "holdout_share")


class AmountsStand(Conflict):
    """The currency of costs that were written down is fixed."""

    def __init__(self) -> None:
        super().__init__("{field} is fixed: costs were written down in it already.", "currency")


class AnotherTouch(Conflict):
    """An external id stands for another touch, which is never changed."""

    def __init__(self, *field: str) -> None:
        super().__init__("{field} stands for another touch already; touches are never changed.", *field)


def check_next(now: str, wanted: CampaignState) -> CampaignState:
    """This will return the state that a campaign comes to. Raises StateNotReachable."""
    if wanted not in NEXT[CampaignState(now)]:
        raise StateNotReachable(CampaignState(now))
    return wanted


def check_name(text: str, *field: str) -> str:
    """This will return a campaign's name trimmed. Raises Invalid where it is empty or over 200 characters."""
    return clean_text(text, *field, longest=200)


def check_day(day: date, *field: str) -> date:
    """This will return a day of a campaign. Raises Invalid before 1970 and after 2199."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(f"{{field}} must be from {FIRST_DAY} to {LAST_DAY}.", *field)
    return day


def check_holdout(value: str | Decimal | int, *field: str) -> Decimal:
    """This will return the share of members held out, 0 to 0.5, exact to 4 digits. Raises Invalid."""
    share = exact(read_decimal(value, *field), SHARE_DIGITS, *field)
    if not 0 <= share <= LARGEST_HOLDOUT:
        raise Invalid("{field} must be from 0 to 0.5; write 20 % as 0.2.", *field)
    return share


def check_period(starts_on: date, ends_on: date) -> None:
    """This will refuse a campaign that ends before it starts. Raises Invalid."""
    if ends_on < starts_on:
        raise Invalid("{field} lies before the first day.", "ends_on")


def check_budget(value: str | Decimal | int, currency: str, *field: str) -> Decimal:
    """This will return a budget, zero or more, exact to the currency's minor unit. Raises Invalid."""
    budget = read_amount(value, currency, *field)
    if budget < 0:
        raise Invalid("{field} must not be negative.", *field)
    return budget


def check_cost(value: str | Decimal | int, currency: str, *field: str) -> Decimal:
    """This will return a cost above zero, exact to the currency's minor unit. Raises Invalid."""
    amount = read_amount(value, currency, *field)
    if amount <= 0:
        raise Invalid("{field} must be above zero.", *field)
    return amount


def check_purpose(text: str, *field: str) -> str:
    """This will return what money was spent for. Raises Invalid where it is empty or over 300 characters."""
    return clean_text(text, *field, longest=300)


def check_external_id(text: str, *field: str) -> str:
    """This will return what another system calls a touch. Raises Invalid where it is empty or over 120 characters."""
    return clean_text(text, *field, longest=120)


def check_happened(moment: datetime, at: datetime, *field: str) -> datetime:
    """This will return when a touch happened. Raises Invalid before 1970, and for what lies in the future."""
    if moment > at:
        raise Invalid("{field} lies in the future; note it when it has happened.", *field)
    if moment.date() < FIRST_DAY:
        raise Invalid(f"{{field}} lies before {FIRST_DAY}.", *field)
    return moment


CAMPAIGN: Mapping[str, Check] = {
    "name": check_name,
    "kind": lambda kind, *field: CampaignKind(kind).value,
    "starts_on": check_day,
    "ends_on": check_day,
    "currency": check_currency,
    "budget": read_decimal,
    "holdout_share": check_holdout,
    "note": check_note,
}
"""The rule of each field of a campaign that people may write; a budget is checked once its currency is known."""
