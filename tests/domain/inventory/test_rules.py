"""Words and law of the inventory, without a database."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.inventory import rules
from domain.inventory.rules import LocationKind
from domain.kernel.refusals import Invalid

NOW = datetime(2024, 5, 1, tzinfo=UTC)
QUANTITIES = st.decimals("0.001", "1000", places=3)


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (rules.check_code, ""),
        (rules.check_code, "x" * 41),
        (rules.check_name, "\0"),
        (rules.check_kind, "customer"),
        (rules.check_kind, "moon"),
        (rules.check_quantity, "0"),
        (rules.check_quantity, "-1"),
        (rules.check_quantity, "0.0001"),
        (rules.check_quantity, "NaN"),
        (rules.check_quantity, "1000000000.001"),
        (rules.check_counted, "-0.5"),
        (rules.check_note, " "),
        (rules.check_moment, datetime(2024, 5, 1)),
    ],
)
def test_what_breaks_a_rule_is_refused(check: Callable[..., Any], value: Any) -> None:
    with pytest.raises(Invalid, match=r"^there "):
        check(value, "there")


def test_what_keeps_the_rules_is_taken() -> None:
    assert rules.check_quantity("1.50") == Decimal("1.500")
    assert rules.check_counted(0) == 0
    assert rules.check_kind("transit") is LocationKind.TRANSIT
    assert rules.check_moment(datetime.fromisoformat("2024-05-01T02:00:00+02:00")) == NOW
    assert rules.check_moment(None) is None
    assert rules.check_note(None) is None


def test_a_promise_ends_later() -> None:
    rules.check_expiry(None, NOW)
    rules.check_expiry(NOW + timedelta(seconds=1), NOW)
    with pytest.raises(Invalid, match="future"):
        rules.check_expiry(NOW, NOW)


def test_a_verb_is_about_places_of_its_kind() -> None:
    rules.check_place("internal", "MAIN", rules.OURS, "location_id")
    with pytest.raises(Invalid, match="must be a location of kind internal; SUPPLIERS is of kind supplier"):
        rules.check_place("supplier", "SUPPLIERS", rules.OURS, "location_id")


@given(st.lists(QUANTITIES, max_size=6), QUANTITIES)
def test_what_is_drawn_is_the_oldest_first_and_no_more_than_is_held(held: list[Decimal], wanted: Decimal) -> None:
    drawn = rules.draw(held, wanted)
    assert sum(drawn) == min(sum(held), wanted)
    assert all(0 <= part <= each for part, each in zip(drawn, held, strict=True))
    touched = [part < each for part, each in zip(drawn, held, strict=True)]
    assert touched == sorted(touched), "one is emptied before the next is touched"
