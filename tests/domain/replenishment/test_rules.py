"""The formulas of replenishment against published and independently computed values, and their laws."""

from decimal import Decimal
from math import isclose
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from domain.kernel.refusals import Invalid
from domain.replenishment import rules
from domain.replenishment.rules import Outlook, ProposalSettled, ProposalState

KING = Outlook(demand_mean=100, demand_sd=20, lead_time_mean=9, lead_time_sd=2)


def test_the_known_answers() -> None:
    assert round(rules.safety_stock(KING, 0.95), 2) == 343.46
    assert round(rules.reorder_point(KING, 0.95), 2) == 1243.46
    assert round(rules.economic_quantity(1000, 50, 4) or 0, 3) == 158.114


def test_a_review_lengthens_the_days_to_protect() -> None:
    """L + R in place of L, as Silver, Pyke & Thomas have it for periodic review."""
    watched_weekly = Outlook(100, 20, 9, 2, review_days=7)
    assert watched_weekly.protected_days == 16
    assert isclose(watched_weekly.deviation, (16 * 20**2 + 100**2 * 2**2) ** 0.5)
    assert isclose(rules.reorder_point(watched_weekly, 0.95), 1600 + stats.norm.ppf(0.95) * watched_weekly.deviation)


def test_deals_add_their_mean_to_the_point_and_their_variance_to_the_safety_stock() -> None:
    dealt = Outlook(100, 20, 9, 2, pipeline_mean=50, pipeline_variance=2500)
    assert isclose(rules.safety_stock(dealt, 0.95), stats.norm.ppf(0.95) * (43_600 + 2500) ** 0.5)
    assert isclose(rules.reorder_point(dealt, 0.95), 950 + rules.safety_stock(dealt, 0.95))


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99, 0.9999])
def test_the_safety_factor_and_the_loss_are_those_of_scipy(level: float) -> None:
    z = stats.norm.ppf(level)
    assert isclose(rules.safety_factor(level), z, abs_tol=1e-9)
    assert isclose(rules.expected_short(z), stats.norm.pdf(z) - z * stats.norm.sf(z), rel_tol=1e-9)


@pytest.mark.parametrize(("z", "loss"), [(0.0, 0.3989), (0.5, 0.1978), (1.0, 0.0833), (1.5, 0.0293), (2.0, 0.0085)])
def test_the_loss_is_that_of_the_tables(z: float, loss: float) -> None:
    assert round(rules.expected_short(z), 4) == loss


def test_the_fill_rate_counts_units_not_cycles() -> None:
    short = KING.deviation * rules.expected_short(rules.safety_factor(0.95))
    assert isclose(rules.fill_rate(KING, 0.95, 500), 1 - short / 500)
    assert rules.fill_rate(KING, 0.5, 1) == 0


def test_what_costs_nothing_to_hold_has_no_economic_quantity() -> None:
    assert rules.economic_quantity(1000, 50, 0) is None


@pytest.mark.parametrize(
    ("position", "economic", "minimum", "lot", "bought"),
    [
        ("1000", None, "1", "1", "244"),
        ("1243.46", 100, "1", "1", "100"),
        ("1000", 156.54, "1", "1", "400"),
        ("1000", None, "500", "1", "500"),
        ("1000", None, "1", "12", "252"),
        ("1000", None, "250", "12", "252"),
        ("1000", None, "1", "0.5", "243.5"),
        ("-10", None, "1", "1000", "2000"),
        ("1243.4599999", None, "0.001", "0.001", "0.001"),
    ],
)
def test_orders_reach_the_point_and_above_in_whole_lots(
    position: str, economic: float | None, minimum: str, lot: str, bought: str
) -> None:
    found = rules.order_quantity(Decimal(position), 1243.46, economic, minimum=Decimal(minimum), lot=Decimal(lot))
    assert found == Decimal(bought)


def test_nothing_is_due_where_nobody_wants_anything() -> None:
    assert not rules.is_due(Decimal(0), 0.0)
    assert rules.is_due(Decimal(-1), 0.0)
    assert rules.is_due(Decimal(5), 5.0)
    assert not rules.is_due(Decimal("5.001"), 5.0)


FLOATS = st.floats(0, 1e6)
OUTLOOKS = st.builds(
    Outlook, demand_mean=FLOATS, demand_sd=FLOATS, lead_time_mean=st.floats(0, 400), lead_time_sd=st.floats(0, 100),
    review_days=st.integers(0, 60), pipeline_mean=FLOATS, pipeline_variance=st.floats(0, 1e9),
)  # fmt: skip
MORE = st.fixed_dictionaries(
    {}, optional={name: st.floats(0, 1e4) for name in Outlook.__slots__ if name != "review_days"}
    | {"review_days": st.integers(0, 90)},
)  # fmt: skip
LEVELS = st.floats(0.5, 0.9999)


@given(outlook=OUTLOOKS, more=MORE, levels=st.tuples(LEVELS, LEVELS))
def test_more_of_anything_never_lowers_the_reorder_point(
    outlook: Outlook, more: dict[str, Any], levels: tuple[float, float]
) -> None:
    """More demand, variance, lead time, review, pipeline, or a higher service level."""
    grown = Outlook(**{name: getattr(outlook, name) + more.get(name, 0) for name in Outlook.__slots__})
    before, after = rules.reorder_point(outlook, min(levels)), rules.reorder_point(grown, max(levels))
    assert after >= before or isclose(after, before, rel_tol=1e-12)


@given(
    position=st.decimals(-1000, 1000, places=3), point=st.floats(0, 5000), economic=st.none() | st.floats(0, 5000),
    minimum=st.decimals("0.001", 500, places=3), lot=st.decimals("0.001", 500, places=3),
)  # fmt: skip
def test_an_order_is_just_enough(
    position: Decimal, point: float, economic: float | None, minimum: Decimal, lot: Decimal
) -> None:
    bought = rules.order_quantity(position, point, economic, minimum=minimum, lot=lot)
    wanted = max(Decimal(point + (economic or 0)) - position, minimum)
    assert bought % lot == 0
    assert bought >= minimum
    assert wanted - Decimal("0.001") <= bought < wanted + lot + Decimal("0.001")


def test_cycles_run_out_as_rarely_as_was_asked_for() -> None:
    """The share of simulated cycles without a stock-out lies within three standard errors of the service level."""
    random, cycles = np.random.default_rng(7), 8000
    deals, chances, units = 40, random.uniform(0.1, 0.9, 40), random.integers(1, 30, 40)
    outlook = Outlook(
        100, 20, 9, 2,
        pipeline_mean=float((chances * units).sum()),
        pipeline_variance=float((chances * (1 - chances) * units**2).sum()),
    )  # fmt: skip
    days = random.normal(9, 2, cycles).clip(0)
    taken = random.normal(100 * days, 20 * np.sqrt(days)) + (random.random((cycles, deals)) < chances) @ units
    for level in (0.8, 0.9, 0.95, 0.99):
        served = (taken <= rules.reorder_point(outlook, level)).mean()
        assert abs(served - level) < 3 * (level * (1 - level) / cycles) ** 0.5, level


def test_the_fill_rate_is_what_a_simulated_shelf_serves() -> None:
    """Units short for each unit asked for, over many cycles with a fixed lead time."""
    random, lead, level, quantity = np.random.default_rng(11), 5, 0.9, 400.0
    outlook = Outlook(20, 8, lead, 0)
    point, asked = rules.reorder_point(outlook, level), random.normal(20, 8, (40_000, lead))
    short = (asked.sum(axis=1) - point).clip(0).mean()
    assert abs(1 - short / quantity - rules.fill_rate(outlook, level, quantity)) < 0.0005


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("service_level", "0.4999"), ("service_level", "1"), ("service_level", "0.95001"), ("service_level", "NaN"),
        ("review_days", -1), ("review_days", 366), ("order_cost", "-1"), ("order_cost", "1.0005"),
        ("order_cost", "1e15"), ("holding_rate", "-0.1"), ("holding_rate", "1.0001"), ("holding_rate", "0.00001"),
        ("demand_days", 13), ("demand_days", 731),
    ],
)  # fmt: skip
def test_policies_keep_to_their_bounds(field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        rules.POLICY[field](value, field)
    assert refused.value.field == (field,)


@pytest.mark.parametrize("state", [state for state in ProposalState if state != ProposalState.PROPOSED])
def test_what_is_settled_stays_so(state: ProposalState) -> None:
    for to in ProposalState:
        with pytest.raises(ProposalSettled) as refused:
            rules.check_next(state, to)
        assert refused.value.field == ("id",)
    assert rules.check_next("proposed", state) == state
