"""Predicates as SQL: every value is bound, every name comes from this file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.segments.rules import TEXTS, SegmentField, SegmentOperator

_SOLD = "sales_order x WHERE x.customer_id = c.id AND x.status NOT IN ('draft', 'cancelled') AND x.ordered_at <= {at}"
_DEALS = "opportunity x WHERE x.customer_id = c.id AND x.status ="
_SAID = "feedback_item x WHERE x.customer_id = c.id AND x.received_at <= {at}"

SUBJECTS: Mapping[SegmentField, tuple[str, str]] = {
    SegmentField.KIND: ("c.kind", ""),
    SegmentField.COUNTRY: ("c.country", ""),
    SegmentField.CITY: ("c.city", ""),
    SegmentField.INDUSTRY: ("c.industry", ""),
    SegmentField.DAYS_KNOWN: ("extract(epoch FROM {at} - c.created_at)::numeric / 86400", ""),
    SegmentField.ORDER_COUNT: (f"(SELECT count(*) FROM {_SOLD}{{within}})", "x.ordered_at"),
    SegmentField.REVENUE: (
        f"(SELECT coalesce(sum(x.total), 0) FROM {_SOLD} AND x.currency = {{currency}}{{within}})",
        "x.ordered_at",
    ),
    SegmentField.DAYS_SINCE_ORDER: (
        f"(SELECT extract(epoch FROM {{at}} - max(x.ordered_at))::numeric / 86400 FROM {_SOLD})",
        "",
    ),
    SegmentField.OPEN_DEAL_COUNT: (f"(SELECT count(*) FROM {_DEALS} 'open')", ""),
    SegmentField.WON_DEAL_COUNT: (f"(SELECT count(*) FROM {_DEALS} 'won'{{within}})", "x.closed_at"),
    SegmentField.FEEDBACK_COUNT: (f"(SELECT count(*) FROM {_SAID}{{within}})", "x.received_at"),
    SegmentField.SENTIMENT: (f"(SELECT avg(x.sentiment) / 1000 FROM {_SAID}{{within}})", "x.received_at"),
    SegmentField.PROMOTER_SCORE: (
        "(SELECT x.score FROM survey_response x JOIN survey s ON s.id = x.survey_id AND s.kind = 'nps' "
        "WHERE x.customer_id = c.id AND x.responded_at <= {at} ORDER BY x.responded_at DESC, x.id DESC LIMIT 1)",
        "",
    ),
}
"""What each field is of a customer `c`, and the moment by which what it counts happened."""

_COMPARED: Mapping[SegmentOperator, str] = {
    SegmentOperator.LESS_THAN: "<",
    SegmentOperator.AT_MOST: "<=",
    SegmentOperator.AT_LEAST: ">=",
    SegmentOperator.MORE_THAN: ">",
}


@dataclass(slots=True)
class Compiled:
    """A condition over customers `c` as SQL, with what is bound; `at` is the placeholder of the moment."""

    at: str
    bound: list[Any] = field(default_factory=list)
    sql: str = ""

    def bind(self, value: Any, kind: str) -> str:
        """This will bind a value behind those before; returns its placeholder."""
        self.bound.append(value)
        return f"${len(self.bound)}::{kind}"


def compile_predicate(predicate: Mapping[str, Any], *, at: str, bound: list[Any]) -> Compiled:
    """This will write a checked predicate as SQL; `bound` holds what is bound before, the moment `at` among it.

    What is unknown is in no list and compares with nothing, so that only `not`, NOT_IN and IS_UNKNOWN find it.
    """
    made = Compiled(at, list(bound))
    made.sql = _part(predicate, made)
    return made


def _part(part: Mapping[str, Any], made: Compiled) -> str:
    ((name, value),) = part.items()
    if name == "condition":
        return _condition(value, made)
    if name == "not":
        return f"(NOT {_part(value, made)})"
    return "(" + (" AND " if name == "all" else " OR ").join(_part(each, made) for each in value) + ")"


def _condition(condition: Mapping[str, Any], made: Compiled) -> str:
    subject, operator = SegmentField(condition["field"]), SegmentOperator(condition["operator"])
    sql, moment = SUBJECTS[subject]
    within = ""
    if days := condition.get("within_days"):
        within = f" AND {moment} > {made.at} - make_interval(days => {made.bind(days, 'int')})"
    if currency := condition.get("currency"):
        sql = sql.replace("{currency}", made.bind(currency, "text"))
    value = sql.replace("{within}", within).replace("{at}", made.at)
    if operator == SegmentOperator.IS_KNOWN:
        return f"{value} IS NOT NULL"
    if operator == SegmentOperator.IS_UNKNOWN:
        return f"{value} IS NULL"
    kind = "text" if subject in TEXTS else "numeric"
    if operator in _COMPARED:
        return f"coalesce({value} {_COMPARED[operator]} {made.bind(condition['values'][0], 'text')}::numeric, false)"
    listed = f"coalesce({value} = ANY({made.bind(condition['values'], 'text[]')}::{kind}[]), false)"
    return f"(NOT {listed})" if operator == SegmentOperator.NOT_IN else listed
