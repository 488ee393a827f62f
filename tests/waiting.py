"""How tests wait: for a condition, never for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
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


async def eventually(condition: Callable[[], Awaitable[Outcome]], seconds: float = 30) -> Outcome:
    """This will return the condition's first true value, and let others work meanwhile.

    Raises: TimeoutError where there is none within the seconds.
    """
    async with asyncio.timeout(seconds):
        while not (outcome := await condition()):
            await asyncio.sleep(POLL_SECONDS)
        return outcome
