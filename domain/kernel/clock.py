"""The one place that asks the machine for the time; everything in `domain` is handed `at` instead."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """This will return the present moment in UTC, aware, to the microsecond."""
    return datetime.now(UTC)
