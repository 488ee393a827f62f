"""Control limits agree with the handbook, and move with the values as they must."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.control import xmr

FLOWRATE = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
"""The example of NIST/SEMATECH e-Handbook 6.3.2.2."""


def test_the_limits_are_those_of_the_handbook() -> None:
    limits = xmr(FLOWRATE)
    assert round(limits.centre, 2) == 50.81
    assert round(limits.mean_range, 4) == 1.8778
    assert round(limits.upper, 4) == 55.8041
    assert round(limits.lower, 4) == 45.8159


def test_what_never_moves_has_no_room() -> None:
    limits = xmr([3.0, 3.0, 3.0])
    assert (limits.lower, limits.centre, limits.upper, limits.mean_range) == (3.0, 3.0, 3.0, 0.0)


@pytest.mark.parametrize("values", [[], [1.0]])
def test_one_value_has_no_moving_range(values: list[float]) -> None:
    with pytest.raises(ValueError, match="two values"):
        xmr(values)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40), st.floats(-1e6, 1e6), st.floats(0.001, 1000))
def test_limits_shift_and_stretch_with_the_values(values: list[float], shift: float, scale: float) -> None:
    limits, moved = xmr(values), xmr([value * scale + shift for value in values])
    room = 1e-6 * (1 + scale * max(map(abs, values)) + abs(shift))
    assert moved.centre == pytest.approx(limits.centre * scale + shift, abs=room)
    assert moved.upper == pytest.approx(limits.upper * scale + shift, abs=room)
    assert moved.lower == pytest.approx(limits.lower * scale + shift, abs=room)
