"""Forecasts: what the pipeline promises for a period, live or frozen on a day, and how right it was once that is over.

The categories are those of Salesforce, each with what stands above it: the commit view is what is closed and committed,
the best-case view adds what is hoped for, the open pipeline all that may still be won. What is omitted counts nowhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.events import emit
from domain.kernel.period import FiscalCalendar, Grain, Period
from domain.kernel.permissions import Permission
from domain.kernel.sight import SEEN, rows_seen
from domain.kernel.storing import as_json
from domain.kernel.transactions import one_transaction
from domain.pipeline.models import ForecastSnapshot, Opportunity
from domain.pipeline.rules import ForecastGrain

CALENDAR = FiscalCalendar()
TOPIC = "pipeline.forecast"
VIEWS: Mapping[str, tuple[str, ...]] = {
    "commit": ("closed", "commit"),
    "best_case": ("closed", "commit", "best_case"),
    "weighted": ("closed", "weighted"),
}
"""What each view of a forecast adds up."""

_WON = """o.status = 'won' AND o.closed_at >= $1::date::timestamp AT TIME ZONE 'UTC'
    AND o.closed_at < $2::date::timestamp AT TIME ZONE 'UTC'"""
_PARTS = f"""
    SELECT o.owner_id, o.currency, 0 AS opportunity_count, sum(o.amount) AS closed, 0 AS commit, 0 AS best_case,
        0 AS pipeline, 0 AS weighted
    FROM opportunity o WHERE {_WON} {SEEN} GROUP BY 1, 2
    UNION ALL
    SELECT o.owner_id, o.currency, count(*), 0,
        coalesce(sum(o.amount) FILTER (WHERE o.forecast_category = 'commit'), 0),
        coalesce(sum(o.amount) FILTER (WHERE o.forecast_category = 'best_case'), 0),
        coalesce(sum(o.amount) FILTER (WHERE o.forecast_category = 'pipeline'), 0), sum(o.amount * o.probability)
    FROM opportunity o WHERE o.status = 'open' AND o.forecast_category <> 'omitted'
        AND o.close_date >= $1::date AND o.close_date < $2::date {SEEN} GROUP BY 1, 2"""
_SUMS = """sum(opportunity_count)::int AS opportunity_count, sum(closed) AS closed, sum(commit) AS commit,
        sum(best_case) AS best_case, sum(pipeline) AS pipeline, round(sum(weighted), 3) AS weighted"""
_LIVE = f"""
    SELECT s.*, u.name AS owner_name FROM (
        SELECT owner_id, currency, grouping(owner_id) = 1 AS is_total, {_SUMS} FROM ({_PARTS}) part
        GROUP BY GROUPING SETS ((owner_id, currency), (currency))
    ) s LEFT JOIN access_user u ON u.id = s.owner_id ORDER BY s.currency, s.is_total, u.name NULLS LAST, s.owner_id"""
_FREEZE = f"""
    INSERT INTO forecast_line (id, created_at, updated_at, version, snapshot_id, owner_id, currency, opportunity_count,
        closed, commit, best_case, pipeline, weighted)
    SELECT uuidv7(), $4::timestamptz, $4, 1, $3::uuid, owner_id, currency, {_SUMS} FROM ({_PARTS}) part GROUP BY 7, 6"""
_ACTUAL = f"""
    WITH won AS (SELECT o.owner_id, o.currency, sum(o.amount) AS actual FROM opportunity o WHERE {_WON} GROUP BY 1, 2),
    known AS (
        UPDATE forecast_line l SET actual = coalesce((SELECT w.actual FROM won w
            WHERE w.owner_id IS NOT DISTINCT FROM l.owner_id AND w.currency = l.currency), 0),
            updated_at = $4::timestamptz, version = l.version + 1
        WHERE l.snapshot_id = $3::uuid
        RETURNING l.owner_id, l.currency, l.closed, l.commit, l.best_case, l.weighted, l.actual
    ), unforeseen AS (
        INSERT INTO forecast_line (id, created_at, updated_at, version, snapshot_id, owner_id, currency,
            opportunity_count, closed, commit, best_case, pipeline, weighted, actual)
        SELECT uuidv7(), $4::timestamptz, $4, 1, $3::uuid, w.owner_id, w.currency, 0, 0, 0, 0, 0, 0, w.actual
        FROM won w WHERE NOT EXISTS (SELECT FROM forecast_line l WHERE l.snapshot_id = $3::uuid
            AND l.owner_id IS NOT DISTINCT FROM w.owner_id AND l.currency = w.currency)
        RETURNING owner_id, currency, closed, commit, best_case, weighted, actual
    )
    SELECT * FROM known UNION ALL SELECT * FROM unforeseen"""
_BORN = """
    INSERT INTO forecast_snapshot (id, created_at, updated_at, version, grain, period_start, period_end, taken_at,
        taken_on)
    VALUES (uuidv7(), $4::timestamptz, $4, 1, $1, $2, $3, $4, $5) ON CONFLICT (grain, period_start, taken_on) DO NOTHING
    RETURNING id"""
_SCORED = """UPDATE forecast_snapshot SET scores = $2::jsonb, scored_at = $3::timestamptz, updated_at = $3,
    version = version + 1 WHERE id = $1"""


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """What one owner, nobody, or (`is_total`) all of them together promise for a period in one currency."""

    owner_id: UUID | None
    owner_name: str | None
    currency: str
    is_total: bool
    opportunity_count: int
    closed: Decimal
    commit: Decimal
    best_case: Decimal
    pipeline: Decimal
    weighted: Decimal


async def forecast(period: Period, *, by: Actor) -> list[ForecastRow]:
    """This will roll up what is won in a period and what is expected to close in it, by owner and currency, and the
    whole of each currency behind its owners; in one statement.

    Raises Unauthenticated.
    """
    by.must(Permission.PIPELINE_READ)
    rows = await rows_seen(_LIVE, Opportunity, "o", period.start, period.end, by=by)
    return [ForecastRow(**row) for row in rows]


async def freeze_forecasts(*, by: Actor, at: datetime) -> int:
    """This will freeze what the pipeline promises for the month and the quarter under way, once a day; returns how many
    snapshots are new. Raises Unauthenticated."""
    by.must(Permission.PIPELINE_WRITE)
    day, taken = at.astimezone(UTC).date(), 0
    for grain in ForecastGrain:
        period = CALENDAR.containing(day, Grain(grain))
        async with one_transaction():
            rows = await _rows(_BORN, grain.value, period.start, period.end, at, day)
            if rows:
                taken += 1
                await _rows(_FREEZE, period.start, period.end, rows[0]["id"], at)
                await emit(f"{TOPIC}.frozen", rows[0]["id"], by=by, at=at, grain=grain.value)
    return taken


async def score_forecasts(*, by: Actor, at: datetime) -> int:
    """This will compare the snapshots whose period is over with what came, each once; returns how many.

    What was won by owners of whom nothing was foreseen counts as foreseen at nought. Raises Unauthenticated.
    """
    by.must(Permission.PIPELINE_WRITE)
    day = at.astimezone(UTC).date()
    due = await ForecastSnapshot.filter(scored_at=None, period_end__lte=day).order_by("taken_at", "id").only("id")
    for snapshot in due:
        async with one_transaction():
            held = await ForecastSnapshot.locked(snapshot.id, by=by)
            if held.scored_at is None:
                lines = await _rows(_ACTUAL, held.period_start, held.period_end, held.id, at)
                await _rows(_SCORED, held.id, as_json(scores_of(lines)), at)
                await emit(f"{TOPIC}.scored", held.id, by=by, at=at)
    return len(due)


def scores_of(lines: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, dict[str, float | None]]]:
    """This will score the lines of a snapshot by currency and view: WAPE = sum of |forecast - actual| / sum of actual,
    bias = sum of (forecast - actual) / sum of actual; None where nothing came.

    Source: Kolassa & Schütz 2007.
    """
    found: dict[str, dict[str, dict[str, float | None]]] = {}
    for currency in sorted({line["currency"] for line in lines}):
        own = [line for line in lines if line["currency"] == currency]
        came = sum((line["actual"] for line in own), Decimal(0))
        found[currency] = {}
        for view, parts in VIEWS.items():
            errors = [sum((line[part] for part in parts), Decimal(0)) - line["actual"] for line in own]
            found[currency][view] = {
                "wape": float(sum(map(abs, errors), Decimal(0)) / came) if came else None,
                "bias": float(sum(errors, Decimal(0)) / came) if came else None,
            }
    return found


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql, list(values))
    return rows
