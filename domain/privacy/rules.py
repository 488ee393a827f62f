"""What is personal in the records that are held about a person, and what takes its place when it is erased."""

from collections.abc import Callable, Mapping
from typing import TypeAlias
from uuid import UUID

from domain.kernel.redaction import ERASED
from domain.kernel.text import clean_text

Substitute: TypeAlias = Callable[[UUID], str | None]
"""What takes the place of a value, by the key of its record."""
LONGEST_REFERENCE = 100


def pseudonym(key: UUID) -> str:
    """This will give the name by which somebody erased is told from others; nothing about them goes into it."""
    return f"Erased {key.hex[-8:]}"


def nothing(_: UUID) -> None:
    """This will leave a field empty."""


def a_mark(_: UUID) -> str:
    """This will leave the mark of what was erased in a field that must have a value."""
    return ERASED


CUSTOMER: Mapping[str, Substitute] = {
    "name": pseudonym,
    "external_id": nothing,
    "email": nothing,
    "phone": nothing,
    "city": nothing,
    "note": nothing,
}
CONTACT: Mapping[str, Substitute] = {"name": pseudonym, "title": nothing, "email": nothing, "phone": nothing}
LEAD: Mapping[str, Substitute] = {**CUSTOMER, "title": nothing, "disqualify_reason": nothing}
ACTIVITY: Mapping[str, Substitute] = {"subject": a_mark, "note": nothing, "outcome": nothing}
FEEDBACK: Mapping[str, Substitute] = {"text": a_mark, "external_id": nothing}
OPPORTUNITY: Mapping[str, Substitute] = {"next_step": nothing, "close_note": nothing}
REACHED_BY = ("email", "phone")
"""What a company may have of the lead that it began with."""


def check_reference(text: str, *field: str) -> str:
    """This will return what the request is filed under, trimmed. Raises Invalid where it is empty or over 100."""
    return clean_text(text, *field, longest=LONGEST_REFERENCE)
