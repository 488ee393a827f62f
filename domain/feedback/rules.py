"""Words and law of feedback: where it comes from and what an item must hold."""

import hashlib
from enum import StrEnum

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
        raise Invalid("rating must be a whole number from 1 (worst) to 5 (best).", *field)
    return rating


def text_digest(text: str) -> bytes:
    """This will give the SHA-256 of the text: what a reading of it is valid for."""
    return hashlib.sha256(text.encode()).digest()
