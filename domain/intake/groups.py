"""Records that are spread over several rows: adjacent rows with the same key are stored together or not at all."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from domain.intake.columns import Column, check_values
from domain.intake.rows import Reject, Row, Unreadable, rejected
from domain.intake.units import Refused, Unit, reject_of
from domain.kernel.refusals import Invalid


class Draft(Protocol):
    """A record in the making: takes the values of its rows one by one, and says in the end what is to be stored."""

    def add(self, part: Sequence[Any]) -> None: ...
    def finish(self) -> tuple[Sequence[Any], Sequence[Sequence[Any]]]: ...


class Shape:
    """How rows make a record: each repeats the `head`, its key first, and has a `part` of its own behind."""

    def __init__(
        self, noun: str, head: Sequence[Column], part: Sequence[Column], draft: Callable[[Sequence[Any]], Draft]
    ) -> None:
        self.noun = noun
        self.head = head
        self.part = part
        self.columns = (*head, *part)
        self.draft = draft


class Groups:
    """Makes a unit of the rows of one record: adjacent lines with its key where `spread`, otherwise a single line.

    A row that cannot be read may have been a part of the record before or behind it; where records are spread, it
    refuses both.
    """

    def __init__(self, shape: Shape, *, spread: bool) -> None:
        self._shape = shape
        self._spread = spread
        self._open: _Group | None = None
        self._adrift: int | None = None

    def take(self, row: Row | Unreadable) -> Iterable[Unit | Refused]:
        """This will give the unit that this row shows to be complete, and what is refused because of the row."""
        key = row.key if isinstance(row, Unreadable) else row.values[0]
        if key is None:
            return self._take_adrift(row)
        before: Iterable[Unit | Refused] = ()
        if self._open is None or not self._continues(self._open, key, row):
            before = self.end()
            self._open = _Group(key, self._shape, self._adrift)
        self._adrift = None
        return [*before, *self._open.add(row)]

    def end(self) -> Iterable[Unit | Refused]:
        """This will give the unit that is still open."""
        group, self._open = self._open, None
        return group.close() if group else ()

    def _continues(self, group: "_Group", key: str, row: Row | Unreadable) -> bool:
        return key == group.key and (self._spread or _line_of(row) == group.first_line)

    def _take_adrift(self, row: Row | Unreadable) -> Iterable[Unit | Refused]:
        if isinstance(row, Unreadable):
            reject = row.reject
        else:
            reject = rejected(row.line, self._shape.head[0].name, f"{self._shape.head[0].name} is missing.")
        if not self._spread:
            return (Refused(None, (reject,)),)
        self._adrift = reject.line
        tainted = self._open.refuse_beside(reject.line) if self._open else ()
        return [Refused(None, (reject,)), *tainted]


class _Group:
    """The record that is open: its rows so far, or why it is refused."""

    def __init__(self, key: str, shape: Shape, adrift: int | None) -> None:
        self.key = key
        self.first_line = 0
        self._shape = shape
        self._why = "" if adrift is None else self._beside(adrift)
        self._told_line = 0
        self._rows: list[tuple[int, str]] = []
        self._head: Sequence[str | None] = ()
        self._values: Sequence[Any] = ()
        self._draft: Draft | None = None

    def add(self, row: Row | Unreadable) -> Iterable[Refused]:
        """This will take a row in, or refuse it together with all that came before it."""
        line = _line_of(row)
        self.first_line = self.first_line or line
        if self._why:
            return self._refuse_along([line])
        if isinstance(row, Unreadable):
            return self._refuse(row.reject)
        try:
            self._check(row)
        except Invalid as refusal:
            return self._refuse(reject_of(row, self._shape.columns, refusal, unplaced=len(self._shape.head)))
        self._rows.append((line, row.place))
        return ()

    def close(self) -> Iterable[Unit | Refused]:
        """This will give the unit, unless it is refused already."""
        if self._why or self._draft is None:
            return ()
        try:
            values, parts = self._draft.finish()
        except Invalid as refusal:
            return self._refuse(rejected(self.first_line, ".".join(refusal.field), refusal.message))
        placed = [(*place, *part) for place, part in zip(self._rows, parts, strict=True)]
        return (Unit(values[0], self._lines(), values, parts=placed),)

    def refuse_beside(self, line: int) -> Iterable[Refused]:
        """This will refuse the record because of a line that may belong to it."""
        if self._why:
            return ()
        self._why = self._beside(line)
        return self._refuse_along(self._lines())

    def _check(self, row: Row) -> None:
        width = len(self._shape.head)
        head = row.values[:width]
        if self._draft is None:
            self._head, self._values = head, check_values(self._shape.head, head)
            self._draft = self._shape.draft(self._values)
        elif head != self._head:
            self._check_same(check_values(self._shape.head, head))
        self._draft.add(check_values(self._shape.part, row.values[width:]))

    def _check_same(self, values: Sequence[Any]) -> None:
        for column, value, first in zip(self._shape.head, values, self._values, strict=True):
            if value != first:
                raise Invalid(f"{column.name} is not that on the first line of this {self._shape.noun}.", column.name)

    def _refuse(self, reject: Reject) -> Iterable[Refused]:
        self._why = f"Another line of this {self._shape.noun} was rejected, line {reject.line}."
        others = [line for line in self._lines() if line != reject.line]
        self._told_line = reject.line
        return [*self._refuse_along(others), Refused(self.key, (reject,))]

    def _refuse_along(self, lines: Sequence[int]) -> Iterable[Refused]:
        self._rows.clear()
        return [Refused(self.key, (rejected(line, "", self._why),)) for line in lines if line != self._told_line]

    def _lines(self) -> list[int]:
        return list(dict.fromkeys(line for line, _ in self._rows))

    def _beside(self, line: int) -> str:
        return f"Line {line} beside it was rejected, and may be a line of this {self._shape.noun}."


def _line_of(row: Row | Unreadable) -> int:
    return row.reject.line if isinstance(row, Unreadable) else row.line
