"""The law of a quote's way: drafted, reviewed, approved, sent, and accepted once; rejected, run out, or superseded."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from domain.kernel.refusals import Conflict, Invalid


class QuoteStatus(StrEnum):
    """How far a quote is."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    SENT = "sent"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


_SUPERSEDED = QuoteStatus.SUPERSEDED
NEXT: Mapping[QuoteStatus, frozenset[QuoteStatus]] = {
    QuoteStatus.DRAFT: frozenset({QuoteStatus.IN_REVIEW}),
    QuoteStatus.IN_REVIEW: frozenset({QuoteStatus.DRAFT, QuoteStatus.APPROVED}),
    QuoteStatus.APPROVED: frozenset({QuoteStatus.SENT, _SUPERSEDED}),
    QuoteStatus.SENT: frozenset({QuoteStatus.ACCEPTED, QuoteStatus.REJECTED, QuoteStatus.EXPIRED, _SUPERSEDED}),
    QuoteStatus.REJECTED: frozenset({_SUPERSEDED}),
    QuoteStatus.EXPIRED: frozenset({_SUPERSEDED}),
    QuoteStatus.ACCEPTED: frozenset(),
    QuoteStatus.SUPERSEDED: frozenset(),
}
"""Where a quote may go from each status."""

BY_HAND = frozenset(
    {QuoteStatus.DRAFT, QuoteStatus.IN_REVIEW, QuoteStatus.APPROVED, QuoteStatus.SENT, QuoteStatus.REJECTED}
)
"""What people may set; the others come about by accepting, revising, and time."""

LAST_DAY = date(2199, 12, 31)


class StatusNotReachable(Conflict):
    """A quote cannot go from its status to the one wanted."""

    def __init__(self, now: QuoteStatus, wanted: QuoteStatus, *field: str) -> None:
        ways = " or ".join(sorted(each.replace("_", " ") for each in NEXT[now]))
        remedy = f"it can only become {ways}" if ways else "it is over; write another quote"
        super().__init__(
            f"The quote is {now.replace('_', ' ')} and cannot become {wanted.replace('_', ' ')}: {remedy}.", *field
        )


class QuoteRanOut(Conflict):
    """The last day on which a quote could be accepted is over."""

    def __init__(self, day: date) -> None:
        super().__init__(f"The quote was good until {day}; revise it, and send the new one.", "id")


class NoDraft(Conflict):
    """Only drafts are changed."""

    def __init__(self, status: str) -> None:
        super().__init__(
            f"The quote is {status.replace('_', ' ')}; only a draft is changed: send it back, or revise it.", "id"
        )


def check_next(now: str, wanted: QuoteStatus, *field: str) -> QuoteStatus:
    """This will return the status that a quote comes to. Raises StatusNotReachable."""
    status = QuoteStatus(now)
    if wanted not in NEXT[status]:
        raise StatusNotReachable(status, wanted, *field)
    return wanted


def check_by_hand(wanted: QuoteStatus, *field: str) -> QuoteStatus:
    """This will return the status if people may set it. Raises Invalid."""
    if wanted not in BY_HAND:
        raise Invalid("{field} comes about by accepting, by revising, or by time; choose another.", *field)
    return wanted


def needs_reason(now: str, wanted: QuoteStatus) -> bool:
    """This will say whether a step is to be explained: a rejection, and sending a quote back to be redone."""
    return wanted == QuoteStatus.REJECTED or (wanted == QuoteStatus.DRAFT and now == QuoteStatus.IN_REVIEW)


def check_valid_until(day: date, today: date, *field: str) -> date:
    """This will return the last day of an offer. Raises Invalid for a day that is over, or after 2199."""
    if not today <= day <= LAST_DAY:
        raise Invalid("{field} must be today or later, and before 2200.", *field)
    return day
