"""Units: the rows of a file put together to what is stored or refused as a whole, one row or several."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from domain.intake.columns import Column, check_values
from domain.intake.rows import Reject, Row, Unreadable, rejected
from domain.kernel.refusals import Invalid


@dataclass(slots=True)
class Unit:
    """A record ready to be stored: its key, the lines it stood on, its values, what it lacks, its parts' values."""

    key: str
    lines: Sequence[int]
    values: Sequence[Any]
    lacks: Sequence[str] | None = None
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


class Singles:
    """Makes a unit of every row. The key stands in the first column; `check_whole` sees all values of a row."""

    def __init__(self, columns: Sequence[Column], check_whole: Callable[[Sequence[Any]], None] | None = None) -> None:
        self._columns = columns
        self._check_whole = check_whole

    def take(self, row: Row | Unreadable) -> Iterable[Unit | Refused]:
        """This will give the unit of the row."""
        if isinstance(row, Unreadable):
            return (Refused(row.key, (row.reject,)),)
        try:
            values = check_values(self._columns, row.values)
            if self._check_whole:
                self._check_whole(values)
        except Invalid as refusal:
            return (Refused(row.values[0], (reject_of(row, self._columns, refusal),)),)
        return (Unit(values[0], (row.line,), values, row.lacks),)

    def end(self) -> Iterable[Unit | Refused]:
        """This will give nothing more: no row waits for another."""
        return ()


def reject_of(row: Row, columns: Sequence[Column], refusal: Invalid, *, unplaced: int = 0) -> Reject:
    """This will say of a row which of its columns a rule refused; the first `unplaced` belong to the whole line."""
    field = refusal.field[-1] if refusal.field else ""
    names = [column.name for column in columns]
    if field not in names:
        return rejected(row.line, field, refusal.message)
    position = names.index(field)
    return rejected(
        row.line, field if position < unplaced else row.place + field, refusal.message, row.values[position] or ""
    )
