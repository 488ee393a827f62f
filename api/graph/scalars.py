"""Scalars of the schema: exact, finite, aware of their time zone, or refused with a sentence."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import GraphQLError, ValueNode, value_from_ast_untyped
from strawberry.types.scalar import ScalarDefinition

from domain.kernel.money import read_decimal
from domain.kernel.period import check_time_zone
from domain.kernel.refusals import Refusal

JSON = NewType("JSON", object)
TimeZone = NewType("TimeZone", str)
_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


def _read_decimal(value: Any) -> Decimal:
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise GraphQLError('A Decimal is written as a string of digits, such as "1234.50".')
    try:
        return read_decimal(value)
    except Refusal as refusal:
        raise GraphQLError(refusal.message) from None


def _read_moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise GraphQLError("A DateTime needs its offset from UTC, such as 2024-05-01T09:30:00Z.")
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise GraphQLError("A DateTime is written by ISO 8601, such as 2024-05-01T09:30:00Z.") from None


def _read_date(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError("A Date is written by ISO 8601, such as 2024-05-01.") from None


def _read_time_zone(value: Any) -> str:
    try:
        return check_time_zone(value if isinstance(value, str) else "", "timeZone")
    except Refusal as refusal:
        raise GraphQLError(refusal.message) from None


def _in_document(read: Callable[[Any], Any]) -> Callable[..., Any]:
    """What reads a value where it stands in the document: a refusal then says in which line and column."""

    def read_node(node: ValueNode, variables: dict[str, Any] | None = None) -> Any:
        try:
            return read(value_from_ast_untyped(node, variables))
        except GraphQLError as refused:
            raise GraphQLError(refused.message, node) from None

    return read_node


SCALARS: dict[object, ScalarDefinition] = {
    Decimal: strawberry.scalar(
        name="Decimal",
        description='A decimal number as a string, exact in every digit, such as "1234.50". Never NaN or infinite.',
        serialize=lambda value: f"{value:f}",
        parse_value=_read_decimal,
        parse_literal=_in_document(_read_decimal),
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC by ISO 8601, such as 2024-05-01T09:30:00+00:00; an offset is required on input.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time",
        serialize=lambda value: value.astimezone(UTC).isoformat(),
        parse_value=_read_moment,
        parse_literal=_in_document(_read_moment),
    ),
    date: strawberry.scalar(
        name="Date",
        description="A calendar day by ISO 8601, such as 2024-05-01.",
        serialize=lambda value: value.isoformat(),
        parse_value=_read_date,
        parse_literal=_in_document(_read_date),
    ),
    TimeZone: strawberry.scalar(
        name="TimeZone",
        description="A time zone by its name in the IANA database, such as Europe/Berlin, Asia/Shanghai or UTC.",
        serialize=str,
        parse_value=_read_time_zone,
        parse_literal=_in_document(_read_time_zone),
    ),
    JSON: strawberry.scalar(
        name="JSON",
        description="Any JSON value, where the content is not ours to describe.",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
