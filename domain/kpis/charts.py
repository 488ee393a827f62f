"""A KPI's chart: its series, limits, targets, signals and remarks, read in one statement."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.control import Limits
from domain.kernel.period import Period
from domain.kernel.permissions import Permission
from domain.kpis.signals import limits_before

_CHART = """
    SELECT k.id, k.key, k.name, k.unit, k.direction, k.grain, k.computed_at,
        (SELECT json_agg(json_build_array(v.period_start, v.period_end, v.value, v.low, v.high, t.value)
            ORDER BY v.period_start)
            FROM kpi_value v LEFT JOIN kpi_target t ON t.kpi_id = k.id AND t.period_start = v.period_start
                AND (t.dimension, t.member, t.currency) = (v.dimension, v.member, v.currency)
            WHERE v.kpi_id = k.id AND (v.dimension, v.member, v.currency) = ($2, $3, $4)
            AND v.period_start >= $5::date - 800 AND v.period_start < $6::date
            AND CASE WHEN $7::timestamptz IS NULL THEN v.superseded_at IS NULL
                ELSE v.recorded_at <= $7 AND (v.superseded_at IS NULL OR v.superseded_at > $7) END)::text AS points,
        (SELECT json_agg(json_build_array(s.period_start, s.rule, s.is_good) ORDER BY s.period_start, s.rule)
            FROM kpi_signal s WHERE s.kpi_id = k.id AND (s.dimension, s.member, s.currency) = ($2, $3, $4)
            AND s.period_start >= $5::date AND s.period_start < $6::date)::text AS signals,
        (SELECT json_agg(json_build_array(a.day, a.text) ORDER BY a.day, a.id) FROM kpi_annotation a
            WHERE a.kpi_id = k.id AND a.day >= $5::date AND a.day < $6::date)::text AS remarks
    FROM kpi k WHERE k.id = $1"""


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """A period of the chart: the value and its interval, the target for it, and the rules that the value breaks."""

    period: Period
    value: float | None
    low: float | None
    high: float | None
    target: float | None
    is_over: bool
    signals: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart needs: the points, the limits by the values before the last that is over, and remarks by day."""

    kpi_id: UUID
    name: str
    unit: str
    direction: str
    grain: str
    computed_at: datetime | None
    points: tuple[ChartPoint, ...]
    limits: Limits | None
    remarks: tuple[tuple[date, str], ...]


async def chart(
    key: UUID, period: Period, cut: Mapping[str, str], *, as_of: datetime | None, by: Actor, at: datetime
) -> Chart | None:
    """This will draw the chart of a KPI for the periods that begin in a period, as known at a moment, or now.

    None where there is no such KPI. Signals are those of the present values. Raises Unauthenticated.
    """
    by.must(Permission.KPIS_READ)
    names = [cut.get(name) or "" for name in ("dimension", "member", "currency")]
    found = await get_connection("default").execute_query_dict(_CHART, [key, *names, period.start, period.end, as_of])
    if not found:
        return None
    row, today = found[0], (as_of or at).astimezone(UTC).date()
    signals: dict[str, list[tuple[str, bool]]] = {}
    for start, rule, is_good in _list(row["signals"]):
        signals.setdefault(start, []).append((rule, is_good))
    points = [_point(each, signals, today) for each in _list(row["points"])]
    told = [point.value for point in points if point.is_over and point.value is not None]
    shown = tuple(point for point in points if point.period.start >= period.start)
    remarks = tuple((date.fromisoformat(day), text) for day, text in _list(row["remarks"]))
    kind = {name: row[name] for name in ("name", "unit", "direction", "grain", "computed_at")}
    return Chart(kpi_id=row["id"], points=shown, limits=limits_before(told[:-1]), remarks=remarks, **kind)


def _point(row: list[Any], signals: Mapping[str, list[tuple[str, bool]]], today: date) -> ChartPoint:
    start, end, value, low, high, target = row
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    return ChartPoint(period, value, low, high, target, period.end <= today, tuple(signals.get(start, ())))


def _list(text: str | None) -> list[Any]:
    return orjson.loads(text) if text else []
