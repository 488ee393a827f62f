"""How won revenue is shared out among the campaigns that touched the customer: the models, and to the cent."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel.money import MINOR_DIGITS

LOOK_BACK = timedelta(days=365)
"""Touches longer before the win than this are forgotten."""

HALF_LIFE_DAYS = 7
_FINENESS = 1 << 60


class AttributionModel(StrEnum):
    """How the touches on the way to a win share its credit. Source: the attribution models of HubSpot."""

    FIRST = "first"
    LAST = "last"
    LINEAR = "linear"
    POSITION = "position"
    TIME_DECAY = "time_decay"


@dataclass(frozen=True, slots=True)
class Touch:
    """That a campaign reached the customer at a moment."""

    campaign_id: UUID
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Share:
    """What of a win a campaign is credited with, or none where none did, and for how many touches."""

    campaign_id: UUID | None
    touches: int
    revenue: Decimal
    margin: Decimal


def on_the_way(touches: Sequence[Touch], won_at: datetime) -> list[Touch]:
    """This will pick the touches that lie on the way to a win, in their order: those of the year before it."""
    return [touch for touch in touches if won_at - LOOK_BACK <= touch.occurred_at <= won_at]


def _first(path: Sequence[Touch], _: datetime) -> list[int]:
    return [1] + [0] * (len(path) - 1)


def _last(path: Sequence[Touch], _: datetime) -> list[int]:
    return [0] * (len(path) - 1) + [1]


def _linear(path: Sequence[Touch], _: datetime) -> list[int]:
    return [1] * len(path)


def _position(path: Sequence[Touch], _: datetime) -> list[int]:
    """40 % each to the first and the last, 20 % to those between; two share alike."""
    between = len(path) - 2
    return [1] * len(path) if between < 1 else [2 * between, *[1] * between, 2 * between]


def _time_decay(path: Sequence[Touch], won_at: datetime) -> list[int]:
    """A touch counts half as much as one a week after it."""
    ages = [(won_at - touch.occurred_at) / timedelta(days=HALF_LIFE_DAYS) for touch in path]
    return [max(1, int(_FINENESS * 0.5**age)) for age in ages]


WEIGHTS: Mapping[AttributionModel, Callable[[Sequence[Touch], datetime], list[int]]] = {
    AttributionModel.FIRST: _first,
    AttributionModel.LAST: _last,
    AttributionModel.LINEAR: _linear,
    AttributionModel.POSITION: _position,
    AttributionModel.TIME_DECAY: _time_decay,
}
"""The weight of each touch of a path, whole numbers of which only the ratio counts."""


def shares(
    model: AttributionModel,
    touches: Sequence[Touch],
    won_at: datetime,
    revenue: Decimal,
    margin: Decimal,
    currency: str,
) -> list[Share]:
    """This will share a win's revenue and margin out among campaigns: each part whole minor units, together all of it.

    `touches` are in the order of time. Where none lies on the way there is one share, of no campaign.
    """
    path = on_the_way(touches, won_at)
    if not path:
        return [Share(None, 0, revenue, margin)]
    weights: dict[UUID, int] = {}
    counts: dict[UUID, int] = {}
    for touch, weight in zip(path, WEIGHTS[model](path, won_at), strict=True):
        weights[touch.campaign_id] = weights.get(touch.campaign_id, 0) + weight
        counts[touch.campaign_id] = counts.get(touch.campaign_id, 0) + 1
    kept = [campaign for campaign, weight in weights.items() if weight]
    parts = [weights[campaign] for campaign in kept]
    digits = MINOR_DIGITS[currency]
    revenues, margins = split(revenue, parts, digits), split(margin, parts, digits)
    return [
        Share(campaign, counts[campaign], part, gained)
        for campaign, part, gained in zip(kept, revenues, margins, strict=True)
    ]


def split(amount: Decimal, weights: Sequence[int], digits: int) -> list[Decimal]:
    """This will split an amount by weights into parts of so many digits that add up to it, by largest remainders.

    Of equal remainders the earlier part gets the unit. Source: Hamilton's method (Balinski & Young 1982).
    """
    unit = Decimal(1).scaleb(-digits)
    units, whole = int(abs(amount) / unit), sum(weights)
    parts = [units * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(units * weights[place] % whole), place))
    for place in by_remainder[: units - sum(parts)]:
        parts[place] += 1
    sign = -1 if amount < 0 else 1
    return [(sign * part * unit).quantize(unit) for part in parts]
