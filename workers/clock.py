"""What time it is by the database's clock, so that those of the workers' machines need not agree, nor be right."""

import time
from datetime import datetime, timedelta

from domain.jobs.statements import rows_of
from domain.kernel.clock import system_clock


class DatabaseClock:
    """A clock that is set by the database's and runs on by the time that passes; until it is set, by the machine's."""

    def __init__(self) -> None:
        self._set_at = time.monotonic()
        self._shown = system_clock()

    def __call__(self) -> datetime:
        """This will say what time it is (UTC)."""
        return self._shown + timedelta(seconds=time.monotonic() - self._set_at)

    async def set(self) -> None:
        """This will ask the database. Half of the way there and back is over when its answer is here."""
        asked = time.monotonic()
        rows = await rows_of("SELECT clock_timestamp() AS now")
        answered = time.monotonic()
        self._shown, self._set_at = rows[0]["now"], (asked + answered) / 2
