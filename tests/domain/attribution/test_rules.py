"""Credits: by the book of each model, whole minor units, and together always the whole win."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.attribution.rules import LOOK_BACK, AttributionModel, Touch, shares, split
from tests.graph import NOW

A, B, C = (UUID(int=number) for number in (1, 2, 3))


def path(*touches: tuple[UUID, int]) -> list[Touch]:
    return [Touch(campaign, NOW - timedelta(days=days)) for campaign, days in touches]


def credited(model: AttributionModel, touches: list[Touch], revenue: str = "100.00") -> dict[UUID | None, str]:
    parts = shares(model, touches, NOW, Decimal(revenue), Decimal(0), "EUR")
    return {part.campaign_id: str(part.revenue) for part in parts}


WAY = path((A, 21), (B, 14), (C, 7), (B, 0))
KNOWN: list[tuple[AttributionModel, dict[UUID | None, str]]] = [
    (AttributionModel.FIRST, {A: "100.00"}),
    (AttributionModel.LAST, {B: "100.00"}),
    (AttributionModel.LINEAR, {A: "25.00", B: "50.00", C: "25.00"}),
    (AttributionModel.POSITION, {A: "40.00", B: "50.00", C: "10.00"}),
    (AttributionModel.TIME_DECAY, {A: "6.67", B: "66.67", C: "26.66"}),  # 1 : 2 + 8 : 4 of 15
]


@pytest.mark.parametrize(("model", "expected"), KNOWN)
def test_each_model_by_the_book(model: AttributionModel, expected: dict[UUID | None, str]) -> None:
    assert credited(model, WAY) == expected


@pytest.mark.parametrize("model", list(AttributionModel))
def test_one_touch_has_it_all_and_none_is_credited_to_nothing(model: AttributionModel) -> None:
    assert credited(model, path((A, 3))) == {A: "100.00"}
    assert credited(model, []) == {None: "100.00"}
    late, early = path((A, -1)), path((A, LOOK_BACK.days + 1))
    assert credited(model, early + late) == {None: "100.00"}


def test_two_touches_share_alike_by_position() -> None:
    assert credited(AttributionModel.POSITION, path((A, 9), (B, 1))) == {A: "50.00", B: "50.00"}


def test_the_odd_cent_goes_to_the_largest_remainder() -> None:
    assert [str(part) for part in split(Decimal("0.05"), [1, 1, 1], 2)] == ["0.02", "0.02", "0.01"]
    assert [str(part) for part in split(Decimal("-0.05"), [1, 1, 1], 2)] == ["-0.02", "-0.02", "-0.01"]
    assert [str(part) for part in split(Decimal(100), [1, 1, 1], 0)] == ["34", "33", "33"]


CAMPAIGNS = st.sampled_from([A, B, C])
AMOUNTS = st.decimals(min_value=0, max_value=10**12, places=2)


@settings(max_examples=300, deadline=None)
@given(
    touches=st.lists(st.tuples(CAMPAIGNS, st.integers(-10, 400)), max_size=30),
    revenue=AMOUNTS,
    margin=st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    model=st.sampled_from(list(AttributionModel)),
)
def test_credits_are_whole_cents_and_add_up_to_the_win(
    touches: list[tuple[UUID, int]], revenue: Decimal, margin: Decimal, model: AttributionModel
) -> None:
    ordered = sorted(path(*touches), key=lambda touch: touch.occurred_at)
    parts = shares(model, ordered, NOW, revenue, margin, "EUR")
    assert sum((part.revenue for part in parts), Decimal(0)) == revenue
    assert sum((part.margin for part in parts), Decimal(0)) == margin
    assert all(part.revenue >= 0 and part.revenue == round(part.revenue, 2) for part in parts)
    assert len({part.campaign_id for part in parts}) == len(parts)
