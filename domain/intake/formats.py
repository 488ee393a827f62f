"""The bytes of a file as units: CSV or JSON Lines, told apart by the first character."""

from collections.abc import Iterator
from datetime import datetime

from domain.intake.csv_rows import CsvRows
from domain.intake.json_rows import JsonRows
from domain.intake.kind import Kind
from domain.intake.rows import Row, Rows, Unreadable
from domain.intake.units import Assembler, Refused, Unit
from domain.kernel.refusals import Invalid

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SNIFFED_BYTES = 4
FOREIGN_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Units:
    """Takes the bytes of a file as they come, gives its units as they are complete.

    Holds at most one record and what it was last fed. Raises Invalid where the file as a whole cannot be read.
    """

    def __init__(self, kind: Kind, *, at: datetime) -> None:
        self.rows_read = 0
        self.bytes_read = 0
        self._kind = kind
        self._at = at
        self._head = b""
        self._last_line = 0
        self._rows: Rows | None = None
        self._assembler: Assembler

    def feed(self, piece: bytes) -> Iterator[Unit | Refused]:
        """This will give the units that these bytes complete."""
        self.bytes_read += len(piece)
        rows = self._rows
        if rows is None:
            self._head += piece
            if len(self._head) < SNIFFED_BYTES or self._head.isspace():
                return
            rows = self._begin()
            piece = self._head
        yield from self._assemble(rows.feed(piece))

    def end(self) -> Iterator[Unit | Refused]:
        """This will give the last units."""
        rows = self._rows
        if rows is None:
            rows = self._begin()
            yield from self._assemble(rows.feed(self._head))
        yield from self._assemble(rows.end())
        yield from self._assembler.end()

    def _assemble(self, rows: Iterator[Row | Unreadable]) -> Iterator[Unit | Refused]:
        for row in rows:
            line = row.line if isinstance(row, Row) else row.reject.line
            if line != self._last_line:
                self.rows_read += 1
                self._last_line = line
            yield from self._assembler.take(row)

    def _begin(self) -> Rows:
        if self._head.startswith(FOREIGN_MARKS):
            raise Invalid("The file is UTF-16; save it as UTF-8.", "file")
        self._head = self._head.removeprefix(BYTE_ORDER_MARK)
        every = [*self._kind.columns, *self._kind.part_columns]
        names = [column.name for column in self._kind.columns]
        part_names = [column.name for column in self._kind.part_columns]
        is_json = self._head.lstrip().startswith((b"{", b"["))
        if is_json:
            self._rows = JsonRows(names, key=self._kind.key, parts=self._kind.parts, part_columns=part_names)
        else:
            required = [column.name for column in every if column.required]
            self._rows = CsvRows([column.name for column in every], key=self._kind.key, required=required)
        self._assembler = self._kind.assembler(self._at, not is_json)
        return self._rows
