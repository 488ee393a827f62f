"""Words and law of replenishment: how sure we want to be of having stock, when to order, and how much."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from math import sqrt
from statistics import NormalDist

from domain.kernel.changes import Check
from domain.kernel.money import exact, read_decimal
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text

LEAST_SERVICE, MOST_SERVICE = Decimal("0.5"), Decimal("0.9999")
MOST_REVIEW_DAYS = 365
LEAST_DEMAND_DAYS, MOST_DEMAND_DAYS = 14, 730
ASSUMED_LEAD_DAYS = 30
"""Days from order to receipt where no supplier offers the product."""
DAYS_A_YEAR = 365
_THOUSANDTH = Decimal("0.001")
_NORMAL = NormalDist()


class ProposalState(StrEnum):
    """Where a proposal stands; just one of a policy is proposed."""

    PROPOSED = "proposed"
    ORDERED = "ordered"
    DISMISSED = "dismissed"
    SUPERSEDED = "superseded"


NEXT: Mapping[ProposalState, frozenset[ProposalState]] = {
    ProposalState.PROPOSED: frozenset(set(ProposalState) - {ProposalState.PROPOSED}),
    ProposalState.ORDERED: frozenset(),
    ProposalState.DISMISSED: frozenset(),
    ProposalState.SUPERSEDED: frozenset(),
}
"""What may come after each state."""

_BECAME = {
    ProposalState.ORDERED: "ordered already; go on with its purchase order",
    ProposalState.DISMISSED: "dismissed; a later computation proposes again what is still needed",
    ProposalState.SUPERSEDED: "superseded; look for the newest proposal of its policy",
}


class ProposalSettled(Conflict):
    """The proposal is not open any more."""

    def __init__(self, state: ProposalState) -> None:
        super().__init__(f"This proposal was {_BECAME[state]}.", "id")


def check_next(state: str, to: ProposalState) -> ProposalState:
    """This will return the state that a proposal comes to. Raises ProposalSettled where it is open no more."""
    if to not in NEXT[ProposalState(state)]:
        raise ProposalSettled(ProposalState(state))
    return to


def check_service_level(share: str | Decimal, *field: str) -> Decimal:
    """This will return the share of order cycles that shall not run out, exact to 4 digits. Raises Invalid."""
    level = exact(read_decimal(share, *field), 4, *field)
    if not LEAST_SERVICE <= level <= MOST_SERVICE:
        raise Invalid(f"{{field}} must be from {LEAST_SERVICE} to {MOST_SERVICE}, such as 0.95 for 95 %.", *field)
    return level


def check_review_days(days: int, *field: str) -> int:
    """This will return the days between two looks, 0 where the stock is always watched. Raises Invalid."""
    if not 0 <= days <= MOST_REVIEW_DAYS:
        raise Invalid(f"{{field}} must be from 0 (always watched) to {MOST_REVIEW_DAYS} days.", *field)
    return days


def check_order_cost(cost: str | Decimal, *field: str) -> Decimal:
    """This will return what placing an order costs, zero or more, exact to 3 digits. Raises Invalid."""
    number = exact(read_decimal(cost, *field), 3, *field)
    if number < 0:
        raise Invalid("{field} must not be negative; give 0 where ordering costs nothing.", *field)
    return number


def check_holding_rate(rate: str | Decimal, *field: str) -> Decimal:
    """This will return the cost of holding a unit for a year as a share of its cost, 0 to 1. Raises Invalid."""
    number = exact(read_decimal(rate, *field), 4, *field)
    if not 0 <= number <= 1:
        raise Invalid("{field} must be a share from 0 to 1, such as 0.25 for 25 % a year.", *field)
    return number


def check_demand_days(days: int, *field: str) -> int:
    """This will return how many past days of orders tell the demand. Raises Invalid."""
    if not LEAST_DEMAND_DAYS <= days <= MOST_DEMAND_DAYS:
        raise Invalid(f"{{field}} must be from {LEAST_DEMAND_DAYS} to {MOST_DEMAND_DAYS} days.", *field)
    return days


def check_reason(text: str, *field: str) -> str:
    """This will return why a proposal is dismissed. Raises Invalid where it is empty or over 300 characters."""
    return clean_text(text, *field, longest=300)


POLICY: Mapping[str, Check] = {
    "service_level": check_service_level,
    "review_days": check_review_days,
    "order_cost": check_order_cost,
    "holding_rate": check_holding_rate,
    "demand_days": check_demand_days,
    "is_active": lambda active, *_: bool(active),
}
"""The rule of each field of a policy that people may write."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is known of the days that an order must last for: demand a day, lead time, review, and open deals.

    Units a day with their standard deviation; days with theirs; the deals' units in the protected days with variance.
    """

    demand_mean: float
    demand_sd: float
    lead_time_mean: float
    lead_time_sd: float
    review_days: int = 0
    pipeline_mean: float = 0.0
    pipeline_variance: float = 0.0

    @property
    def protected_days(self) -> float:
        """The days until the next order but this one can be there: lead time and review, L + R."""
        return self.lead_time_mean + self.review_days

    @property
    def expected(self) -> float:
        """The units that these days are expected to take."""
        return self.demand_mean * self.protected_days + self.pipeline_mean

    @property
    def deviation(self) -> float:
        """The standard deviation of these units: sqrt((L + R)·σd² + d²·σL² + the deals' variance).

        Source: King 2011; Silver, Pyke & Thomas 2017, 6.7 and 7.8; a deal is a Bernoulli trial of its own.
        """
        by_chance = self.protected_days * self.demand_sd**2 + (self.demand_mean * self.lead_time_sd) ** 2
        return sqrt(by_chance + self.pipeline_variance)


def safety_factor(service_level: float) -> float:
    """This will give z: how many standard deviations are not exceeded in that share of cycles."""
    return _NORMAL.inv_cdf(service_level)


def safety_stock(outlook: Outlook, service_level: float) -> float:
    """This will give the units kept against chance, z·σ. Source: King 2011; Silver, Pyke & Thomas 2017."""
    return safety_factor(service_level) * outlook.deviation


def reorder_point(outlook: Outlook, service_level: float) -> float:
    """This will give the units at which to order: what is expected, and the safety stock."""
    return outlook.expected + safety_stock(outlook, service_level)


def economic_quantity(annual_demand: float, order_cost: float, holding_cost: float) -> float | None:
    """This will give the order quantity of least cost, sqrt(2DK/h); None where holding a unit costs nothing.

    D units a year, K to place an order, h to hold a unit for a year. Source: Harris 1913.
    """
    return sqrt(2 * annual_demand * order_cost / holding_cost) if holding_cost > 0 else None


def expected_short(z: float) -> float:
    """This will give G(z) = φ(z) - z·(1 - Φ(z)), the standard loss. Source: Silver, Pyke & Thomas 2017, appendix II."""
    return _NORMAL.pdf(z) - z * _NORMAL.cdf(-z)


def fill_rate(outlook: Outlook, service_level: float, quantity: float) -> float:
    """This will give the share of the units asked for that are there: 1 - σ·G(z)/Q, never below zero (type 2)."""
    return max(1 - outlook.deviation * expected_short(safety_factor(service_level)) / quantity, 0.0)


def is_due(position: Decimal, point: float) -> bool:
    """This will say whether to order: the position is at or below the reorder point, and somebody wants something."""
    return position < point or position == point > 0


def order_quantity(
    position: Decimal, point: float, economic: float | None, *, minimum: Decimal, lot: Decimal
) -> Decimal:
    """This will give the units to buy: up to the reorder point and the economic quantity above it, in whole lots.

    At least the minimum. Source: the order-up-to level S = s + Q of Silver, Pyke & Thomas 2017, 6.2.
    """
    wanted = Decimal(point + (economic or 0.0)) - position
    least = max(wanted.quantize(_THOUSANDTH), minimum, _THOUSANDTH)
    return (least / lot).to_integral_value(ROUND_CEILING) * lot
