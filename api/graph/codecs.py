"""How each kind of value travels: out of a row as JSON text, into a statement as a bound value, through a cursor.

A codec's `json` gives the pieces that `concat` joins to JSON text; a piece is an SQL expression or a quoted literal.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any
from uuid import UUID

from domain.kernel.ids import read_id
from domain.kernel.money import MINOR_DIGITS

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Codec:
    """One kind of value: `pieces` with `{x}` for the SQL value, `cast` of bound values, and the way in and back.

    `bind` turns an input value into the one to bind; `revive` turns a cursor's JSON value back, or raises ValueError.
    """

    kind: str
    pieces: tuple[str, ...]
    cast: str
    bind: Convert
    revive: Convert
    cursor: tuple[str, ...] = ()

    def json(self, sql: str, *, nullable: bool) -> list[str]:
        """This will give the pieces whose concatenation is the value as JSON text; null where it is NULL."""
        pieces = [piece.replace("{x}", sql) for piece in self.pieces]
        if not nullable:
            return pieces
        if self.pieces == _TO_JSON:
            return [f"coalesce({pieces[0]}, 'null'::json)"]
        if len(pieces) == 1:
            return [f"coalesce(({pieces[0]})::text, 'null')"]
        return [f"CASE WHEN {sql} IS NULL THEN 'null' ELSE concat({', '.join(pieces)}) END"]

    def cursor_json(self, sql: str, *, nullable: bool) -> list[str]:
        """This will give the pieces of the value as it stands in a cursor, exact in every digit."""
        return replace(self, pieces=self.cursor or self.pieces).json(sql, nullable=nullable)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value


def _only(*kinds: type) -> Convert:
    def revive(value: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise ValueError("another kind of value")
        return value

    return revive


def _text(value: Any) -> str:
    text: str = _only(str)(value)
    if "\0" in text:
        raise ValueError("cannot be stored")
    return text


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(_only(str)(value))
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment.astimezone(UTC)


def _number(value: Any) -> Decimal:
    if not _DIGITS.fullmatch(_only(str)(value)):
        raise ValueError("not written as we write it")
    return Decimal(value)


def _date(value: Any) -> date:
    return date.fromisoformat(_only(str)(value))


def _whole(value: Any) -> int:
    number: int = _only(int)(value)
    if abs(number) >= 2**63:
        raise ValueError("too large")
    return number


def _float(value: Any) -> float:
    number = float(_only(int, float)(value))
    if not isfinite(number):
        raise ValueError("not finite")
    return number


def _key(value: Any) -> UUID:
    key = UUID(_only(str)(value))
    if str(key) != value:
        raise ValueError("not written as we write it")
    return key


_DIGITS = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_TO_JSON = ("to_json({x})",)
_QUOTED = ("'\"'", "{x}", "'\"'")
TEXT = Codec("text", _TO_JSON, "text", _plain, _text)
CODECS = {
    "CharField": TEXT,
    "TextField": TEXT,
    "IntField": Codec("int", ("{x}",), "int8", _plain, _whole),
    "FloatField": Codec("float", ("{x}",), "float8", _plain, _float),
    "BooleanField": Codec("bool", _TO_JSON, "bool", _plain, _only(bool)),
    "DecimalField": Codec("decimal", ("'\"'", "trim_scale({x})", "'\"'"), "numeric", _plain, _number),
    "DatetimeField": Codec("datetime", _TO_JSON, "timestamptz", _plain, _moment),
    "DateField": Codec("date", _TO_JSON, "date", _plain, _date),
    "JSONField": Codec("json", ("{x}",), "jsonb", _plain, _only()),
}
CODECS |= {"SmallIntField": CODECS["IntField"], "BigIntField": CODECS["IntField"]}


def codec_of(kind: str, *, prefix: str | None = None, enum: type[Enum] | None = None) -> Codec:
    """This will find the codec of a model field's kind; an id needs its prefix, an enum its class."""
    if kind == "id":
        return _id_codec(prefix or "")
    if enum is not None:
        return Codec("enum", ("'\"'", "upper({x})", "'\"'"), "text", _plain, _text, cursor=_TO_JSON)
    return CODECS[kind]


def _id_codec(prefix: str) -> Codec:
    def bind(value: Any) -> UUID | None:
        return read_id(prefix, value)

    pieces = (f"'\"{prefix}_'", "encode(uuid_send({x}), 'hex')", "'\"'")
    return Codec("id", pieces, "uuid", bind, _key, cursor=_QUOTED)


def minor_units(amount: str, currency: str) -> str:
    """This will give the SQL of an amount with just as many digits as its currency has (ISO 4217)."""
    without = _codes(0)
    others = f"CASE WHEN {currency} IN ({without}) THEN 0 ELSE 3 END"
    digits = f"CASE WHEN {currency} IN ({without}, {_codes(3)}) THEN {others} ELSE 2 END"
    return f"round({amount}, {digits})"


def _codes(digits: int) -> str:
    return ", ".join(f"'{code}'" for code, each in sorted(MINOR_DIGITS.items()) if each == digits)
