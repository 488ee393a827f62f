"""Words and law of customers: what kinds there are, and what a name, a country, an address must look like."""

import re
from enum import StrEnum

from domain.kernel.refusals import Invalid
from domain.kernel.text import check_email, clean_text

LONGEST_NAME = 300
LONGEST_EXTERNAL_ID = 120
LONGEST_NOTE = 10_000


class CustomerKind(StrEnum):
    """Whether a customer is an organisation or one person."""

    COMPANY = "company"
    PERSON = "person"


def check_name(name: str, *field: str) -> str:
    """This will return the name trimmed. Raises Invalid where it is empty or longer than 300 characters."""
    return clean_text(name, *field, longest=LONGEST_NAME)


def check_external_id(value: str | None, *field: str) -> str | None:
    """This will return the id that another system gave, trimmed. Raises Invalid where it is empty or over 120."""
    return None if value is None else clean_text(value, *field, longest=LONGEST_EXTERNAL_ID)


def check_country(code: str | None, *field: str) -> str | None:
    """This will return the ISO 3166-1 alpha-2 code. Raises Invalid for anything but two capital letters."""
    if code is not None and not re.fullmatch(r"[A-Z]{2}", code):
        raise Invalid("{field} must be an ISO 3166-1 code of two capital letters, such as US or CN.", *field)
    return code


def check_note(text: str | None, *field: str) -> str | None:
    """This will return the note trimmed. Raises Invalid where it has over 10,000 characters."""
    return None if text is None else clean_text(text, *field, longest=LONGEST_NOTE, blank=True)


def check_kind(kind: str, *field: str) -> CustomerKind:
    """This will return the kind of customer. Raises Invalid for an unknown word."""
    try:
        return CustomerKind(kind)
    except ValueError:
        raise Invalid(f"{{field}} must be one of {', '.join(CustomerKind)}.", *field) from None


def check_phone(number: str | None, *field: str) -> str | None:
    """This will return the telephone number as it was written, trimmed. Raises Invalid over 40 characters."""
    return None if number is None else clean_text(number, *field, longest=40)


def check_words(text: str | None, *field: str) -> str | None:
    """This will return a few words (a trade, a town, a position), trimmed. Raises Invalid over 100 characters."""
    return None if text is None else clean_text(text, *field, longest=100)


CUSTOMER = {
    "external_id": check_external_id,
    "kind": check_kind,
    "name": check_name,
    "email": check_email,
    "phone": check_phone,
    "industry": check_words,
    "city": check_words,
    "country": check_country,
    "note": check_note,
}
"""The rule of each field of a customer that people may write."""

CONTACT = {"name": check_name, "title": check_words, "email": check_email, "phone": check_phone}
"""The rule of each field of a contact that people may write."""
