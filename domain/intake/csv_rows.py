"""CSV as RFC 4180 has it, read by the line: a record that cannot be read costs itself and nothing behind it.

The module `csv` of the standard library knows neither where a record begins nor how to go on behind a bad one, and
holds whatever length it is given. A quote counts only where a field begins; inside an unquoted field it is a character.
"""

import re
from collections.abc import Iterator, Sequence
from operator import itemgetter

from domain.intake.lines import Line, Lines
from domain.intake.rows import LONGEST_RECORD, TOO_LONG, Row, Unreadable, rejected
from domain.kernel.refusals import Invalid

_FIELD = re.compile(rb'(?:"([^"]*+(?:""[^"]*+)*+)"|([^",][^,]*|))(,|\Z)')
_REST_OF_QUOTED = re.compile(rb'[^"]*+(?:""[^"]*+)*+"')


class CsvRows:
    """Reads CSV whose header names the columns, each once, in any order; blank lines are passed over.

    Raises Invalid for the whole file where the header cannot be read, names a column twice or one that is not known,
    or lacks one of the `required`.
    """

    def __init__(self, columns: Sequence[str], *, key: str, required: Sequence[str]) -> None:
        self._columns = columns
        self._key = key
        self._required = required
        self._lacks: Sequence[str] | None = None
        self._header: list[str] = []
        self._lines = Lines()
        self._begun = bytearray()
        self._size = 0
        self._first_line = 0
        self._inside = False
        self._ending = False

    def feed(self, piece: bytes) -> Iterator[Row | Unreadable]:
        """This will give the rows that these bytes complete."""
        for line in self._lines.feed(piece):
            yield from self._take(line)

    def end(self) -> Iterator[Row | Unreadable]:
        """This will give the last row, where the file does not end with a newline."""
        self._ending = True
        for line in self._lines.end():
            yield from self._take(line)
        if self._inside:
            yield self._unreadable("A quoted field that begins in this record is not closed before the file ends.")
        if not self._header:
            raise Invalid("The file is empty; its first line must name the columns.", "file")

    def _take(self, line: Line) -> Iterator[Row | Unreadable]:
        content = line.content
        if not self._inside:
            if content is not None and not content.strip():
                return
            self._first_line = line.number
            if content is not None and b'"' not in content and self._header:  # nearly every line
                yield self._row(content.removesuffix(b"\r"))
                return
            self._begun, self._size = bytearray(), 0
        self._keep(line)
        if not self._inside:
            yield from self._read()

    def _keep(self, line: Line) -> None:
        if line.content is None:
            self._inside ^= line.quotes % 2 == 1
            self._size = LONGEST_RECORD + 1
        else:
            self._inside = _ends_inside(line.content, self._inside)
            self._size += len(line.content) + 1
            self._begun += line.content + b"\n"
        if self._size > LONGEST_RECORD:
            self._begun.clear()

    def _read(self) -> Iterator[Row | Unreadable]:
        if not self._begun:
            yield self._unreadable(TOO_LONG)
            return
        record = bytes(self._begun).removesuffix(b"\n").removesuffix(b"\r")
        if self._header:
            yield self._row(record)
        else:
            self._read_header(record)

    def _row(self, record: bytes) -> Row | Unreadable:
        try:
            texts = _texts(record)
        except _Malformed:
            return self._unreadable("Text follows the closing quote of a field; write a quote inside a field twice.")
        except UnicodeDecodeError:
            return self._wrongly_encoded(_split(record))
        if len(texts) != len(self._header):
            reason = f"The row has {len(texts)} fields, and the header names {len(self._header)}."
            return self._misfit(_split(record), reason)
        texts.append("")
        return Row(self._first_line, [text.strip() or None for text in self._pick(texts)], "", self._lacks)

    def _wrongly_encoded(self, fields: list[bytes]) -> Unreadable:
        wrong = next(place for place, field in enumerate(fields) if not _decodes(field))
        name = self._header[wrong] if len(fields) == len(self._header) else ""
        return self._misfit(fields, "The field is not UTF-8 text.", name, fields[wrong].decode(errors="replace"))

    def _misfit(self, fields: list[bytes], reason: str, name: str = "", value: str = "") -> Unreadable:
        """Where a field is too many or too few, only the first is in its place, unless the file was cut off there."""
        place = self._header.index(self._key)
        known = len(fields) == len(self._header) or (place == 0 and not self._ending)
        key = fields[place] if known else b""
        reject = rejected(self._first_line, name, reason, value)
        return Unreadable(reject, key.decode().strip() or None if _decodes(key) else None)

    def _unreadable(self, reason: str) -> Unreadable:
        if not self._header:
            raise Invalid(f"The header cannot be read. {reason}", "file")
        return Unreadable(rejected(self._first_line, "", reason))

    def _read_header(self, record: bytes) -> None:
        try:
            names = [name.strip() for name in _texts(record)]
        except (UnicodeDecodeError, _Malformed):
            raise Invalid("The header is not UTF-8 text in CSV; save the file as CSV UTF-8.", "file") from None
        self._check_header(names)
        self._header = names
        self._lacks = [name for name in self._columns if name not in names] or None
        self._pick = itemgetter(*(names.index(name) if name in names else len(names) for name in self._columns))

    def _check_header(self, names: list[str]) -> None:
        expected = f"It may name {','.join(self._columns)}, each once; {', '.join(self._required)} it must name."
        for name in names:
            if name not in self._columns:
                raise Invalid(f"The header names a column that is not known: {name[:60]!r}. {expected}", "file")
            if names.count(name) > 1:
                raise Invalid(f"The header names the column {name} twice. {expected}", "file")
        for name in self._required:
            if name not in names:
                raise Invalid(f"The header lacks the column {name}. {expected}", "file")


class _Malformed(Exception):
    """The quotes of a record do not fit."""


def _texts(record: bytes) -> list[str]:
    return [field.decode() for field in _split(record)] if b'"' in record else record.decode().split(",")


def _split(record: bytes) -> list[bytes]:
    fields, at, comma = [], 0, b","
    while comma:
        field = _FIELD.match(record, at)
        if field is None:
            raise _Malformed
        quoted, plain, comma = field.groups()
        fields.append(plain if quoted is None else quoted.replace(b'""', b'"'))
        at = field.end()
    return fields


def _decodes(field: bytes) -> bool:
    try:
        field.decode()
    except UnicodeDecodeError:
        return False
    return True


def _ends_inside(line: bytes, inside: bool) -> bool:
    """This will tell whether a quoted field is open at the line's end; `inside` where one was at its beginning."""
    if b'"' not in line:
        return inside
    at = 0
    if not inside:
        inside = line.startswith(b'"')
        at = int(inside)
    while True:
        if inside:
            rest = _REST_OF_QUOTED.match(line, at)
            if rest is None:
                return True
            at = rest.end()
        at = line.find(b",", at) + 1
        if not at:
            return False
        inside = line.startswith(b'"', at)
        at += inside
