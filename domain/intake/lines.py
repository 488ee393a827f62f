"""Physical lines of a stream of bytes, in constant memory: of an endless line only the quotes are counted."""

from collections.abc import Iterator
from typing import NamedTuple

from domain.intake.rows import LONGEST_RECORD


class Line(NamedTuple):
    """A physical line without its newline, numbered from 1; `content` is None where it exceeds LONGEST_RECORD."""

    number: int
    content: bytes | None
    quotes: int = 0


class Lines:
    """Cuts bytes into lines at each newline. Holds at most LONGEST_RECORD and what it was last fed."""

    def __init__(self) -> None:
        self._number = 0
        self._kept = bytearray()
        self._dropped_quotes = 0
        self._too_long = False

    def feed(self, piece: bytes) -> Iterator[Line]:
        """This will give the lines that these bytes complete."""
        first, *others = piece.split(b"\n")
        self._keep(first)
        if not others:
            return
        yield self._cut()
        *whole, last = others
        for part in whole:
            self._number += 1
            yield (
                Line(self._number, part) if len(part) <= LONGEST_RECORD else Line(self._number, None, part.count(b'"'))
            )
        self._keep(last)

    def end(self) -> Iterator[Line]:
        """This will give the last line, where the stream does not end with a newline."""
        if self._kept or self._too_long:
            yield self._cut()

    def _keep(self, part: bytes) -> None:
        if len(self._kept) + len(part) > LONGEST_RECORD:
            self._too_long = True
        if self._too_long:
            self._dropped_quotes += self._kept.count(b'"') + part.count(b'"')
            self._kept.clear()
        else:
            self._kept += part

    def _cut(self) -> Line:
        self._number += 1
        line = Line(self._number, None if self._too_long else bytes(self._kept), self._dropped_quotes)
        self._kept.clear()
        self._too_long, self._dropped_quotes = False, 0
        return line
