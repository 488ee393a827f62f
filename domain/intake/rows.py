"""What is read from a file: rows with their line numbers, and what could not be read as one."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

LONGEST_RECORD = 4 * 1024 * 1024
"""Bytes; a longer record is rejected and skipped without being held."""

TOO_LONG = f"The record is longer than {LONGEST_RECORD // 2**20} MiB."
SHOWN_CHARACTERS = 80


class Reject(NamedTuple):
    """Why a line of a file did not land: its number (from 1), the column at fault, a sentence, and what stood there."""

    line: int
    field: str
    reason: str
    value: str = ""


def rejected(line: int, field: str, reason: str, value: str = "") -> Reject:
    """This will reject a line, keeping no more of the value than people are shown."""
    return Reject(line, field, reason, value if len(value) <= SHOWN_CHARACTERS else value[:SHOWN_CHARACTERS] + "…")


class Row(NamedTuple):
    """The values of one row, in the order of the columns asked for; None where nothing stood.

    `line` is the physical line on which it begins, `place` where it stands inside that line (`lines[2].`), empty where
    the row has its lines for itself. `lacks` names the columns that the row says nothing of; None if it has all.
    """

    line: int
    values: Sequence[str | None]
    place: str = ""
    lacks: Sequence[str] | None = None


class Unreadable(NamedTuple):
    """A row of which there is nothing but the reason, and the key, where at least that can be read."""

    reject: Reject
    key: str | None = None


class Rows(Protocol):
    """Reads one format: takes the bytes of a file as they come, gives its rows as they are complete."""

    def feed(self, piece: bytes) -> Iterator[Row | Unreadable]: ...
    def end(self) -> Iterator[Row | Unreadable]: ...
