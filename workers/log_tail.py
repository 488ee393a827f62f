"""What is logged while a job runs, by any logger: its last lines are kept with the job, for people to read."""

import logging
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime

from domain.jobs.rules import LONGEST_LOG
from runtime.telemetry import mask

MOST_LINES = 100


@dataclass(slots=True, eq=False)
class LogTail:
    """The last lines that a job has logged, each with its time (UTC) and level."""

    _lines: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_LINES))
    count: int = 0
    """How many lines there were by now."""

    def add(self, record: logging.LogRecord) -> None:
        """This will keep a line; what looks like a secret is masked."""
        at = datetime.fromtimestamp(record.created, UTC)
        self._lines.append(f"{at:%H:%M:%S} {record.levelname} {mask(record.getMessage())}"[:LONGEST_LOG])
        self.count += 1

    def text(self) -> str | None:
        """This will give the lines, as many of the last as may be kept; None where there is none."""
        return "\n".join(self._lines)[-LONGEST_LOG:] or None


present_tail: ContextVar[LogTail | None] = ContextVar("log_tail", default=None)
"""The log of the job that the running task, or thread, belongs to."""


class TailHandler(logging.Handler):
    """Adds every record to the log of the job in whose course it was made."""

    def emit(self, record: logging.LogRecord) -> None:
        tail = present_tail.get()
        if tail is not None:
            tail.add(record)
