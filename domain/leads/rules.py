"""Words and law of leads: how far somebody is from first sign to customer, and what may be written about them."""

from collections.abc import Mapping
from enum import StrEnum

from domain.customers.rules import check_country, check_name, check_note, check_phone, check_words
from domain.kernel.changes import Check
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import check_email, clean_text
from domain.pipeline.rules import LeadSource, check_external_id


class LeadStatus(StrEnum):
    """How far a lead is."""

    NEW = "new"
    WORKING = "working"
    QUALIFIED = "qualified"
    DISQUALIFIED = "disqualified"
    CONVERTED = "converted"


NEXT: Mapping[LeadStatus, frozenset[LeadStatus]] = {
    LeadStatus.NEW: frozenset({LeadStatus.WORKING, LeadStatus.QUALIFIED, LeadStatus.DISQUALIFIED}),
    LeadStatus.WORKING: frozenset({LeadStatus.QUALIFIED, LeadStatus.DISQUALIFIED}),
    LeadStatus.QUALIFIED: frozenset({LeadStatus.WORKING, LeadStatus.DISQUALIFIED, LeadStatus.CONVERTED}),
    LeadStatus.DISQUALIFIED: frozenset({LeadStatus.WORKING}),
    LeadStatus.CONVERTED: frozenset(),
}
"""Where a lead may go from each status: one that was given up is taken up again by working on it."""


class StatusNotReachable(Conflict):
    """A lead cannot go from its status to the one wanted."""

    def __init__(self, now: LeadStatus, *field: str) -> None:
        ways = " or ".join(sorted(NEXT[now] - {LeadStatus.CONVERTED}))
        super().__init__(f"The lead is {now}; it can only become {ways}.", *field)


class LeadIsConverted(Conflict):
    """A lead that has become a customer stays as it was."""

    def __init__(self) -> None:
        super().__init__("The lead has been converted; go on with its customer and its opportunity.", "id")


class QualifyFirst(Conflict):
    """Only who is qualified is converted."""

    def __init__(self, now: str) -> None:
        super().__init__(f"The lead is {now}; qualify it before you convert it.", "id")


class ReasonMissing(Invalid):
    """A lead is given up without a reason."""

    def __init__(self) -> None:
        super().__init__("{field} is missing: say why the lead is given up.", "reason")


def check_next(now: str, wanted: LeadStatus, reason: str | None) -> LeadStatus:
    """This will return the status that a lead comes to by hand.

    Raises LeadIsConverted, StatusNotReachable (conversion has a verb of its own), ReasonMissing.
    """
    status = LeadStatus(now)
    if status == LeadStatus.CONVERTED:
        raise LeadIsConverted
    if wanted not in NEXT[status] or wanted == LeadStatus.CONVERTED:
        raise StatusNotReachable(status, "status")
    if wanted == LeadStatus.DISQUALIFIED and reason is None:
        raise ReasonMissing
    return wanted


def check_convertible(now: str) -> None:
    """This will refuse to convert who is converted, or not qualified. Raises LeadIsConverted, QualifyFirst."""
    if now == LeadStatus.CONVERTED:
        raise LeadIsConverted
    if now != LeadStatus.QUALIFIED:
        raise QualifyFirst(now)


def check_reason(text: str | None, *field: str) -> str | None:
    """This will return why a lead is given up, trimmed. Raises Invalid where it is empty or over 300 characters."""
    return None if text is None else clean_text(text, *field, longest=300)


def check_company(text: str | None, *field: str) -> str | None:
    """This will return the company's name, trimmed. Raises Invalid where it is empty or over 300 characters."""
    return None if text is None else clean_text(text, *field, longest=300)


LEAD: Mapping[str, Check] = {
    "external_id": check_external_id,
    "name": check_name,
    "company": check_company,
    "title": check_words,
    "email": check_email,
    "phone": check_phone,
    "industry": check_words,
    "city": check_words,
    "country": check_country,
    "source": lambda value, *_: LeadSource(value),
    "note": check_note,
}
"""The rule of each field of a lead that people may write."""
