"""Money: a Decimal and an ISO 4217 currency, exact to the currency's minor unit or refused."""

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact, InvalidOperation

from domain.kernel.refusals import Invalid

LARGEST = Decimal(10) ** 15
_UNROUNDED = Context(prec=60, traps=[Inexact, InvalidOperation])
_TWO = """AED ARS AUD BDT BGN BRL CAD CHF CNY COP CZK DKK EGP EUR GBP GEL HKD HUF IDR ILS INR KES KZT LKR MAD MXN MYR
NGN NOK NZD PEN PHP PKR PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD UYU UZS ZAR"""
_NONE = "CLP ISK JPY KRW PYG RWF UGX VND XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
MINOR_DIGITS = {code: digits for digits, codes in ((2, _TWO), (0, _NONE), (3, _THREE)) for code in codes.split()}
"""Digits behind the point per currency (ISO 4217, list one, the currencies this house trades in)."""


def read_decimal(text: str | Decimal | int, *field: str) -> Decimal:
    """This will read a finite decimal number. Raises Invalid for NaN, infinities, and what is no number."""
    try:
        number = Decimal(text)
    except (InvalidOperation, ValueError):
        raise Invalid("{field} is not a decimal number; write it like 1234.50.", *field) from None
    if not number.is_finite():
        raise Invalid("{field} must be finite; NaN and infinities are not amounts.", *field)
    if abs(number) >= LARGEST:
        raise Invalid(f"{{field}} must be below {LARGEST:f}.", *field)
    return number


def exact(number: Decimal, digits: int, *field: str) -> Decimal:
    """This will give the number exactly `digits` behind the point. Raises Invalid where that would round it."""
    try:
        return number.quantize(Decimal(1).scaleb(-digits), context=_UNROUNDED)
    except Inexact:
        message = f"{{field}} has more than {digits} digits behind the point; nothing is rounded silently."
        raise Invalid(message, *field) from None


def check_currency(code: str, *field: str) -> str:
    """This will return the ISO 4217 code if it is one that we know. Raises Invalid."""
    if code not in MINOR_DIGITS:
        raise Invalid("{field} holds no known ISO 4217 code; write it in capitals, such as USD or CNY.", *field)
    return code


def read_amount(text: str | Decimal | int, currency: str, *field: str) -> Decimal:
    """This will read an amount of a known currency, exact to its minor unit. Raises Invalid."""
    return exact(read_decimal(text, *field), MINOR_DIGITS[currency], *field)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in one currency, exact to its minor unit; amounts of different currencies are never added."""

    amount: Decimal
    currency: str

    @classmethod
    def read(cls, amount: str | Decimal | int, currency: str, *field: str) -> "Money":
        """This will read an amount of a currency that we know. Raises Invalid, naming `field`."""
        return cls(read_amount(amount, check_currency(currency, *field), *field), currency)

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise Invalid(
                f"{self.currency} and {other.currency} cannot be added; convert one of them first.", "currency"
            )
        return Money(self.amount + other.amount, self.currency)
