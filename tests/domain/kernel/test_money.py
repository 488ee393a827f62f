"""Money is exact or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.money import MINOR_DIGITS, Money, check_currency, exact, read_amount, read_decimal
from domain.kernel.refusals import Invalid


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "Infinity", "-inf", "", "abc", "1,5", "1e20", "-1000000000000000", "1_0.x"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_decimal(text, "amount")
    assert refusal.value.field == ("amount",)


@pytest.mark.parametrize(("text", "currency"), [("1.005", "USD"), ("0.5", "JPY"), ("1.0001", "KWD"), ("1e-400", "EUR")])
def test_nothing_is_rounded_silently(text: str, currency: str) -> None:
    with pytest.raises(Invalid, match="digits behind the point"):
        read_amount(text, currency, "amount")


@pytest.mark.parametrize(
    ("text", "currency", "amount"), [("1.5", "USD", "1.50"), ("1E+2", "JPY", "100"), ("-0", "USD", "-0.00")]
)
def test_amounts_get_the_digits_of_their_currency(text: str, currency: str, amount: str) -> None:
    assert str(read_amount(text, currency)) == amount


@given(st.integers(-(10**16), 10**16), st.sampled_from(sorted(MINOR_DIGITS)))
def test_whole_minor_units_survive(units: int, currency: str) -> None:
    number = Decimal(units).scaleb(-MINOR_DIGITS[currency])
    if abs(number) < 10**15:
        assert read_amount(str(number), currency) == number


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14), st.integers(0, 6))
def test_exact_gives_the_same_number_or_nothing(number: Decimal, digits: int) -> None:
    try:
        assert exact(number, digits) == number
    except Invalid:
        assert number != round(number, digits)


@pytest.mark.parametrize("code", ["usd", "US", "XXX", "", "ＵＳＤ"])
def test_unknown_currencies_are_refused(code: str) -> None:
    with pytest.raises(Invalid):
        check_currency(code, "currency")


def test_money_of_one_currency_adds_up() -> None:
    assert Money.read("1.50", "EUR") + Money.read("2", "EUR") == Money(Decimal("3.50"), "EUR")
    with pytest.raises(Invalid):
        Money.read("1", "EUR") + Money.read("1", "USD")
