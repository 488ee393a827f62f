"""Words and law of feedback: where it comes from and what an item must hold."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from domain.kernel.changes import Check
from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text

LONGEST_TEXT = 20_000


class FeedbackSource(StrEnum):
    """The way by which a customer's word reached us."""

    SURVEY = "survey"
    CASE = "case"
    REVIEW = "review"
    REPRESENTATIVE = "representative"
    SUGGESTION = "suggestion"


class SentimentLabel(StrEnum):
    """Whether the words are those of a content customer."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"


def check_text(text: str, *field: str) -> str:
    """This will return the customer's words trimmed. Raises Invalid where they are empty or over 20,000 characters."""
    return clean_text(text, *field, longest=LONGEST_TEXT)


def check_rating(rating: int | None, *field: str) -> int | None:
    """This will return the rating, 1 (worst) to 5 (best), or None. Raises Invalid."""
    if rating is not None and not 1 <= rating <= 5:
        raise Invalid("{field} must be a whole number from 1 (worst) to 5 (best).", *field)
    return rating


def check_source(source: str, *field: str) -> FeedbackSource:
    """This will return the source. Raises Invalid for an unknown word."""
    try:
        return FeedbackSource(source)
    except ValueError:
        raise Invalid(f"{{field}} must be one of {', '.join(FeedbackSource)}.", *field) from None


def check_language(code: str | None, *field: str) -> str | None:
    """This will return the ISO 639 code. Raises Invalid for anything but two or three small letters."""
    if code is not None and not re.fullmatch(r"[a-z]{2,3}", code):
        raise Invalid("{field} must be an ISO 639 code of two or three small letters, such as en or zh.", *field)
    return code


def check_received_at(moment: datetime, *field: str) -> datetime:
    """This will return the moment in UTC. Raises Invalid where it has no time zone or lies before 1900."""
    if moment.tzinfo is None:
        raise Invalid("{field} has no time zone; write it like 2024-05-01T09:30:00Z.", *field)
    if moment.year < 1900:
        raise Invalid("{field} lies before 1900.", *field)
    return moment.astimezone(UTC)


FEEDBACK: Mapping[str, Check] = {
    "external_id": lambda value, *field: None if value is None else clean_text(value, *field, longest=120),
    "source": check_source,
    "text": check_text,
    "rating": check_rating,
    "language": check_language,
    "received_at": check_received_at,
}
"""The rule of each field of a feedback item that people may write."""
