"""Units: the rows of a file put together to what is stored or refused as a whole, one row or several."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.intake.columns import Column, check_values
from domain.intake.rows import Reject, Row, Unreadable
from domain.kernel.refusals import Invalid

LARGEST_GROUP = 10_000


@dataclass(slots=True)
class Unit:
    """A record ready to be stored: its key, the lines it stood on, its values, and those of its parts."""

    key: str
    lines: Sequence[int]
    values: Sequence[Any]
    parts: Sequence[Sequence[Any]] = ()


@dataclass(slots=True)
class Refused:
    """A record that may not be stored: why, line by line, and its key, where that could be read."""

    key: str | None
    rejects: Sequence[Reject]


class Assembler(Protocol):
    """Takes rows as they come, gives units as they are complete. Holds at most one unit."""

    def take(self, row: Row | Unreadable) -> Iterable[Unit | Refused]: ...
    def end(self) -> Iterable[Unit | Refused]: ...
