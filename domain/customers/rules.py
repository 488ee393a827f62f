"""Words and law of customers: what kinds there are, and what a name, a country, an address must look like."""

import re
from enum import StrEnum

from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text

LONGEST_NAME = 300
LONGEST_EXTERNAL_ID = 120
LONGEST_NOTE = 10_000
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")


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
        raise Invalid("country must be an ISO 3166-1 code of two capital letters, such as US or CN.", *field)
    return code


def check_email(address: str | None, *field: str) -> str | None:
    """This will return the e-mail address in lower case. Raises Invalid where it is none (RFC 5321 lengths)."""
    if address is None:
        return None
    email = clean_text(address, *field, longest=254).lower()
    if not _EMAIL.fullmatch(email):
        raise Invalid("email is not an e-mail address; write it like name@example.org.", *field)
    return email


def check_note(text: str | None, *field: str) -> str | None:
    """This will return the note trimmed. Raises Invalid where it has over 10,000 characters."""
    return None if text is None else clean_text(text, *field, longest=LONGEST_NOTE, blank=True)
