"""The reasons of a proposal in sentences, with every number that led there and its unit."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from domain.replenishment.rules import ASSUMED_LEAD_DAYS, Outlook, fill_rate


@dataclass(frozen=True, slots=True)
class Reasons:
    """What a proposal was computed from, and what came of it; costs are in `currency` where there is one.

    `measured_on` is how many orders the lead time was measured on, None where no supplier offers the product.
    """

    unit: str
    outlook: Outlook
    service_level: Decimal
    demand_days: int
    measured_on: int | None
    safety_stock: float
    reorder_point: float
    on_hand: Decimal
    reserved: Decimal
    on_order: Decimal
    economic: float | None
    order_cost: Decimal
    holding_cost: Decimal
    currency: str | None
    minimum: Decimal
    lot: Decimal
    quantity: Decimal

    def sentences(self) -> list[str]:
        """This will explain the proposal, one sentence for each step of the computation."""
        return [
            self._demand(), self._pipeline(), self._lead_time(), *self._review(), self._reorder_point(),
            self._position(), self._economic(), self._quantity(), self._fill(),
        ]  # fmt: skip

    def _demand(self) -> str:
        mean, sd = self.outlook.demand_mean, self.outlook.demand_sd
        return (
            f"Orders took {self._units(mean)} a day on average over {self.demand_days} days (sd {number(sd)}), days "
            "without orders included and orders won from deals left out."
        )

    def _pipeline(self) -> str:
        days = f"within {number(self.outlook.protected_days)} days"
        if not self.outlook.pipeline_mean:
            return f"No open deal about it is expected to close {days}."
        sd = number(self.outlook.pipeline_variance**0.5)
        return (
            f"Open deals that are expected to close {days} take {self._units(self.outlook.pipeline_mean)} on average "
            f"(sd {sd}), each with its probability."
        )

    def _lead_time(self) -> str:
        mean, sd = number(self.outlook.lead_time_mean), number(self.outlook.lead_time_sd)
        if self.measured_on is None:
            return (
                f"No supplier offers it: {ASSUMED_LEAD_DAYS} days from order to receipt are assumed (sd {sd}). Enter "
                "who offers it, and compute again."
            )
        if self.measured_on:
            return f"The supplier took {mean} days on average over {self.measured_on} orders (sd {sd})."
        return (
            f"The supplier quotes {mean} days; too few of its orders were received to measure them, so an sd of "
            f"{sd} days is assumed."
        )

    def _review(self) -> Iterator[str]:
        if self.outlook.review_days:
            yield (
                f"The stock is looked at every {days(self.outlook.review_days)}, so that what is ordered must last for "
                f"{number(self.outlook.protected_days)} days."
            )

    def _reorder_point(self) -> str:
        return (
            f"{self._units(self.outlook.expected)} are expected to be taken in these days; {number(self.safety_stock)} "
            f"more are kept so that {number(self.service_level * 100)} % of order cycles do not run out: the reorder "
            f"point is {self._units(self.reorder_point)}."
        )

    def _position(self) -> str:
        position = self.on_hand - self.reserved + self.on_order
        return (
            f"{self._units(self.on_hand)} on hand, less {number(self.reserved)} promised, and {number(self.on_order)} "
            f"on order are {number(position)}, which is not above the reorder point."
        )

    def _economic(self) -> str:
        if self.economic is None:
            return "It costs nothing to hold, as far as we know, so there is no economic order quantity."
        money = f" {self.currency}" if self.currency else ""
        return (
            f"The economic order quantity is {self._units(self.economic)}: an order costs {number(self.order_cost)}"
            f"{money}, and holding one {self.unit} for a year {number(self.holding_cost)}{money}."
        )

    def _quantity(self) -> str:
        above = " and the economic quantity above it" if self.economic else ""
        return (
            f"{self._units(self.quantity)} reach the reorder point{above}, in lots of {number(self.lot)} and not fewer "
            f"than {number(self.minimum)}."
        )

    def _fill(self) -> str:
        share = fill_rate(self.outlook, float(self.service_level), float(self.quantity))
        return f"So ordered, {number(share * 100)} % of the units asked for are expected to be there."

    def _units(self, count: float | Decimal) -> str:
        written = number(count)
        return f"{written} {self.unit if written == '1' else plural(self.unit)}"


def number(value: float | Decimal) -> str:
    """This will write a number for people: at most two digits behind the point, thousands apart."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def days(count: int) -> str:
    """This will write a number of days for people."""
    return "day" if count == 1 else f"{count} days"


def plural(unit: str) -> str:
    """This will give the word for many of a unit; symbols such as kg stay as they are."""
    if len(unit) <= 2 or not unit.isascii():
        return unit
    return f"{unit}es" if unit.endswith(("s", "x", "ch", "sh")) else f"{unit}s"
