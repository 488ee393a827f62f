"""JSON Lines: one object a line, its numbers taken as they are written, each key once; a bad line costs itself only.

Every value becomes text or None, as in CSV, so that both formats go through the same checks.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.intake.lines import Line, Lines
from domain.intake.rows import TOO_LONG, Row, Unreadable, rejected


class JsonRows:
    """Reads JSON Lines of objects. With `parts`, the columns behind them stand in a list of objects under that name."""

    def __init__(self, columns: Sequence[str], *, key: str, parts: str = "", part_columns: Sequence[str] = ()) -> None:
        self._columns = columns
        self._key = key
        self._parts = parts
        self._part_columns = part_columns
        self._lines = Lines()

    def feed(self, piece: bytes) -> Iterator[Row | Unreadable]:
        """This will give the rows that these bytes complete."""
        for line in self._lines.feed(piece):
            yield from self._take(line)

    def end(self) -> Iterator[Row | Unreadable]:
        """This will give the last rows, where the file does not end with a newline."""
        for line in self._lines.end():
            yield from self._take(line)

    def _take(self, line: Line) -> Sequence[Row | Unreadable]:
        if line.content is not None and not line.content.strip():
            return ()
        key = None
        try:
            record = _object(line.content)
            key = _text(record.get(self._key), self._key)
            return self._rows(line.number, record)
        except _Unfit as unfit:
            return (Unreadable(rejected(line.number, unfit.field, unfit.reason, unfit.value), key),)

    def _rows(self, line: int, record: Mapping[str, Any]) -> Sequence[Row]:
        values = _values(record, self._columns, "", self._parts)
        if not self._parts:
            lacks = [name for name in self._columns if name not in record] if len(record) < len(values) else None
            return (Row(line, values, "", lacks),)
        if record.get(self._key) is None:
            raise _Unfit(self._key, f"{self._key} is missing.", "")
        parts = record.get(self._parts)
        if not isinstance(parts, list) or not parts:
            raise _Unfit(self._parts, f"{self._parts} must be a list of objects, at least one.", str(parts))
        return [self._part(line, values, f"{self._parts}[{place}].", part) for place, part in enumerate(parts, 1)]

    def _part(self, line: int, values: list[str | None], place: str, part: object) -> Row:
        if not isinstance(part, dict):
            raise _Unfit(place.removesuffix("."), "It must be an object.", str(part))
        return Row(line, [*values, *_values(part, self._part_columns, place)], place)


class _Unfit(Exception):
    """The line is not the object that is asked for."""

    def __init__(self, field: str, reason: str, value: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason
        self.value = value


def _object(line: bytes | None) -> dict[str, Any]:
    if line is None:
        raise _Unfit("", TOO_LONG, "")
    try:
        record = json.loads(
            line.decode(), parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_each_key_once
        )
    except UnicodeDecodeError:
        raise _Unfit("", "The line is not UTF-8 text.", line.decode(errors="replace")) from None
    except (ValueError, RecursionError):
        raise _Unfit("", "The line is not JSON.", line.decode()) from None
    if not isinstance(record, dict):
        raise _Unfit("", "The line is not a JSON object.", line.decode())
    return record


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Unfit("", "A key stands twice in one object.", twice)
    return record


def _values(record: Mapping[str, Any], columns: Sequence[str], place: str, parts: str = "") -> list[str | None]:
    values = [_text(record.get(name), place + name) for name in columns]
    for name in record:
        if name not in columns and name != parts:
            raise _Unfit(place.removesuffix("."), f"It has a key beside {', '.join(columns)}.", name)
    return values


def _text(value: object, field: str) -> str | None:
    if value is None:
        return None
    if isinstance(value, str):
        return value.strip() or None
    raise _Unfit(field, "The value must be text, a number or null.", json.dumps(value))
