"""Words and law of activities: what there is to do with customers, and what becomes of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum

from domain.kernel.changes import Check
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text

LONGEST_MINUTES = 7 * 24 * 60


class ActivityKind(StrEnum):
    """In what way something is done with a customer."""

    VISIT = "visit"
    CALL = "call"
    ONLINE = "online"
    EMAIL = "email"
    TASK = "task"


class ActivityState(StrEnum):
    """Whether it is still to be done, and what became of it."""

    PLANNED = "planned"
    DONE = "done"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class ActivityIsOver(Conflict):
    """What is done, called off or missed stays so."""

    def __init__(self, state: str) -> None:
        super().__init__(f"The activity is {state.replace('_', ' ')}; plan another one.", "id")


def check_planned(state: str) -> None:
    """This will refuse to change what is over. Raises ActivityIsOver."""
    if state != ActivityState.PLANNED:
        raise ActivityIsOver(state)


def check_moment(moment: datetime, *field: str) -> datetime:
    """This will return the moment in UTC. Raises Invalid without a time zone, before 1970, and after 2199."""
    if moment.tzinfo is None:
        raise Invalid("{field} has no time zone; write it like 2024-05-01T09:30:00Z.", *field)
    if not 1970 <= moment.year < 2200:
        raise Invalid("{field} must lie between 1970 and 2199.", *field)
    return moment.astimezone(UTC)


def check_done(moment: datetime, at: datetime, *field: str) -> datetime:
    """This will return when something was done. Raises Invalid in the future."""
    done = check_moment(moment, *field)
    if done > at:
        raise Invalid("{field} lies in the future; note it when it is done.", *field)
    return done


def check_minutes(minutes: int | None, *field: str) -> int | None:
    """This will return a duration. Raises Invalid unless it is from a minute to a week."""
    if minutes is not None and not 1 <= minutes <= LONGEST_MINUTES:
        raise Invalid(f"{{field}} must be from 1 to {LONGEST_MINUTES:,} minutes.", *field)
    return minutes


ACTIVITY: Mapping[str, Check] = {
    "kind": lambda value, *_: ActivityKind(value),
    "subject": lambda text, *field: clean_text(text, *field, longest=300),
    "note": lambda text, *field: None if text is None else clean_text(text, *field, longest=10_000),
    "outcome": lambda text, *field: None if text is None else clean_text(text, *field, longest=300),
    "due_at": check_moment,
    "duration_minutes": check_minutes,
}
"""The rule of each field of an activity that people may write."""
