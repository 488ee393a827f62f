"""Watching KPIs: the signals of the series that have changed, kept as the values now are."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from tortoise.connection import get_connection

from domain.kernel.storing import as_json
from domain.kpis.models import Kpi
from domain.kpis.signals import Signal, Told, signals

_GIVEN = (
    """WITH changed AS (SELECT * FROM json_to_recordset($2::json) AS c(dimension text, member text, currency text))"""
)
_VALUES = f"""{_GIVEN}
    SELECT v.dimension, v.member, v.currency, v.period_start, v.value FROM kpi_value v JOIN changed c
        ON (c.dimension, c.member, c.currency) = (v.dimension, v.member, v.currency)
    WHERE v.kpi_id = $1 AND v.superseded_at IS NULL AND v.period_end <= $3::date AND v.value IS NOT NULL
    ORDER BY 1, 2, 3, 4"""
_TARGETS = f"""{_GIVEN}
    SELECT t.dimension, t.member, t.currency, t.period_start, t.value FROM kpi_target t JOIN changed c
        ON (c.dimension, c.member, c.currency) = (t.dimension, t.member, t.currency) WHERE t.kpi_id = $1"""
_KEEP = """WITH changed AS (SELECT * FROM json_to_recordset($2::json) AS c(dimension text, member text, currency text)),
    given AS (SELECT * FROM json_to_recordset($3::json) AS g(dimension text, member text, currency text,
        period_start date,
        rule text, is_good boolean, value float8, centre float8, lower float8, upper float8)),
    gone AS (DELETE FROM kpi_signal s USING changed c WHERE s.kpi_id = $1
        AND (c.dimension, c.member, c.currency) = (s.dimension, s.member, s.currency) AND NOT EXISTS (
            SELECT FROM given g WHERE (g.dimension, g.member, g.currency, g.period_start, g.rule)
                = (s.dimension, s.member, s.currency, s.period_start, s.rule)))
    INSERT INTO kpi_signal (id, created_at, updated_at, version, kpi_id, period_start, dimension, member, currency,
        rule,
        is_good, value, centre, lower, upper, found_at)
    SELECT uuidv7(), $4::timestamptz, $4::timestamptz, 1, $1, g.period_start, g.dimension, g.member, g.currency, g.rule,
        g.is_good, g.value, g.centre, g.lower, g.upper, $4::timestamptz FROM given g
    ON CONFLICT (kpi_id, dimension, member, currency, period_start, rule) DO UPDATE SET is_good = excluded.is_good,
        value = excluded.value, centre = excluded.centre, lower = excluded.lower, upper = excluded.upper,
        updated_at = excluded.updated_at, version = kpi_signal.version + 1
    WHERE (kpi_signal.is_good, kpi_signal.value, kpi_signal.centre, kpi_signal.lower, kpi_signal.upper)
        IS DISTINCT FROM (excluded.is_good, excluded.value, excluded.centre, excluded.lower, excluded.upper)
    RETURNING (xmax = 0) AS is_new"""


async def watch(kpi: Kpi, changed: Collection[tuple[str, str, str]], today: date, at: datetime) -> int:
    """This will find the signals of these series anew, by the periods that are over; returns how many are new."""
    if not changed:
        return 0
    connection = get_connection("default")
    names = ("dimension", "member", "currency")
    cuts = as_json([dict(zip(names, each, strict=True)) for each in sorted(changed)])
    series: dict[tuple[str, ...], list[Told]] = {}
    for row in await connection.execute_query_dict(_VALUES, [kpi.id, cuts, today]):
        series.setdefault(tuple(row[name] for name in names), []).append(Told(row["period_start"], row["value"]))
    targets: dict[tuple[str, ...], dict[date, float]] = {}
    for row in await connection.execute_query_dict(_TARGETS, [kpi.id, cuts]):
        targets.setdefault(tuple(row[name] for name in names), {})[row["period_start"]] = row["value"]
    up = kpi.direction == "up"
    rows = [
        {**dict(zip(names, cut, strict=True)), **_row(found)}
        for cut, told in series.items()
        for found in signals(told, targets.get(cut, {}), up_is_good=up)
    ]
    kept = await connection.execute_query_dict(_KEEP, [kpi.id, cuts, as_json(rows), at])
    return sum(row["is_new"] for row in kept)


def _row(found: Signal) -> dict[str, Any]:
    limits = found.limits
    return {
        "period_start": found.period_start,
        "rule": found.rule.value,
        "is_good": found.is_good,
        "value": found.value,
        "centre": limits.centre if limits else None,
        "lower": limits.lower if limits else None,
        "upper": limits.upper if limits else None,
    }
