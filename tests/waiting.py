"""How tests wait: for a condition, never for a time."""

import time
from collections.abc import Callable
from typing import TypeVar

Outcome = TypeVar("Outcome")
POLL_SECONDS = 0.02


def until(predicate: Callable[[], Outcome], seconds: float = 10) -> Outcome:
    """This will return the predicate's first true value.

    Raises: AssertionError where there is none within the seconds.
    """
    deadline = time.monotonic() + seconds
    while not (outcome := predicate()):
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(POLL_SECONDS)
    return outcome
