"""Computing KPIs: the periods that may have changed since the last time, or all; what turns out alike stays as it is.

Triggers of the database note, in `kpi_touch`, which table was written about which day; a KPI recomputes the periods
that such days reach, those at hand, and no others. So a run costs what has changed, and comes to what computing
everything would. A value is never overwritten: the old one is superseded, and any past chart can be drawn again.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.events import emit
from domain.kernel.intervals import Z, wilson
from domain.kernel.period import Grain, Period
from domain.kernel.storing import as_json
from domain.kernel.transactions import one_transaction
from domain.kpis.measures import MEASURES, Measure, Reach, Spread
from domain.kpis.models import Kpi
from domain.kpis.rules import CALENDAR
from domain.kpis.watching import watch

Progress = Callable[[int, int, str], None]
EVERYTHING_FROM = date(1970, 1, 1)
_STEP = {Grain.WEEK: "7 days", Grain.MONTH: "1 month", Grain.QUARTER: "3 months"}
_GIVEN = """WITH given AS (SELECT * FROM json_to_recordset($2::json) AS g(
    dimension text, member text, currency text, period_start date, period_end date, value float8, numerator
        numeric(24, 6),
    denominator numeric(24, 6), low float8, high float8))"""
_SUPERSEDE = f"""{_GIVEN}
    UPDATE kpi_value v
    SET superseded_at = greatest(v.recorded_at, $4::timestamptz), updated_at = $4, version = v.version + 1
    FROM kpi_value o LEFT JOIN given g ON (g.dimension, g.member, g.currency, g.period_start)
        = (o.dimension, o.member, o.currency, o.period_start)
    WHERE o.id = v.id AND v.kpi_id = $1 AND v.superseded_at IS NULL AND (
        v.definition_version <> $5
        OR v.period_start = ANY($3::date[]) AND (v.numerator IS NOT NULL OR g.numerator IS NOT NULL)
        AND (g.value, g.numerator, g.denominator, g.low, g.high, g.period_end)
            IS DISTINCT FROM (v.value, v.numerator, v.denominator, v.low, v.high, v.period_end))
    RETURNING v.dimension, v.member, v.currency"""
_INSERT = f"""{_GIVEN}
    INSERT INTO kpi_value (id, created_at, updated_at, version, kpi_id, definition_version, period_start, period_end,
        dimension, member, currency, value, numerator, denominator, low, high, recorded_at)
    SELECT uuidv7(), $3::timestamptz, $3::timestamptz, 1, $1, $4, g.period_start, g.period_end, g.dimension, g.member,
        g.currency, g.value, g.numerator, g.denominator, g.low, g.high, $3::timestamptz
    FROM given g WHERE NOT EXISTS (
        SELECT FROM kpi_value v WHERE v.kpi_id = $1 AND v.superseded_at IS NULL
        AND (v.dimension, v.member, v.currency, v.period_start) = (g.dimension, g.member, g.currency, g.period_start))
    RETURNING dimension, member, currency"""
_SPANS = """SELECT dimension, member, currency, min(period_start) FILTER (WHERE numerator IS NOT NULL) AS first
    FROM kpi_value WHERE kpi_id = $1 AND superseded_at IS NULL GROUP BY 1, 2, 3"""
_TRIM = """UPDATE kpi_value v SET superseded_at = greatest(v.recorded_at, $3::timestamptz), updated_at = $3, version
    = version + 1
    FROM json_to_recordset($2::json) AS s(dimension text, member text, currency text, first date)
    WHERE v.kpi_id = $1 AND v.superseded_at IS NULL AND v.numerator IS NULL
    AND (v.dimension, v.member, v.currency) = (s.dimension, s.member, s.currency)
    AND (s.first IS NULL OR v.period_start < s.first)
    RETURNING v.dimension, v.member, v.currency"""
_HELD_SINCE = "SELECT min(period_start) AS day FROM kpi_value WHERE kpi_id = $1 AND superseded_at IS NULL"
_TOUCHED = "SELECT source, day, array_agg(id) AS ids FROM kpi_touch GROUP BY 1, 2"
_FORGET = "DELETE FROM kpi_touch WHERE id = ANY($1::bigint[])"
Series = tuple[str, str, str]
"""A dimension, a member of it, a currency."""


@dataclass(frozen=True, slots=True)
class Touches:
    """What was written since the last run: days by table, and the notes that say so."""

    days: dict[str, set[date]]
    notes: list[int]


async def touches() -> Touches:
    """This will read which days of which tables were written since the last run."""
    days: dict[str, set[date]] = {}
    notes: list[int] = []
    for row in await _rows(_TOUCHED):
        days.setdefault(row["source"], set()).add(row["day"])
        notes += row["ids"]
    return Touches(days, notes)


async def forget(done: Touches) -> None:
    """This will drop the notes that a run has followed; those that came meanwhile stay."""
    await _rows(_FORGET, done.notes)


async def compute_all(progress: Progress, *, everything: bool = False, by: Actor, at: datetime) -> dict[str, int]:
    """This will compute every active KPI, each in a transaction of its own; returns how many values are new.

    Begun again after a failure, it finds what is done, and the same notes.
    """
    found = await touches()
    kpis = await Kpi.filter(is_active=True).order_by("key")
    counts = {"kpis": len(kpis), "values": 0, "signals": 0}
    for done, kpi in enumerate(kpis):
        progress(done, len(kpis), kpi.name)
        values, signals = await compute_kpi(kpi.id, None if everything else found.days, by=by, at=at)
        counts["values"] += values
        counts["signals"] += signals
    await forget(found)
    return counts


async def compute_kpi(key: UUID, touched: dict[str, set[date]] | None, *, by: Actor, at: datetime) -> tuple[int, int]:
    """This will compute a KPI for the periods that touched days reach; for all where None, or never computed so.

    Returns how many values and how many signals are new.
    """
    async with one_transaction():
        kpi = await Kpi.locked(key, by=by)
        measure, grain, today = MEASURES[kpi.measure], Grain(kpi.grain), at.astimezone(UTC).date()
        days = {day for source in measure.sources for day in (touched or {}).get(source, ())}
        first = await _first_day(measure, kpi.id, days)
        if first is None:
            await _rows("UPDATE kpi SET computed_at = $2 WHERE id = $1", kpi.id, at)
            return 0, 0
        periods = list(_calendar(first, today, grain))
        since = kpi.computed_at.astimezone(UTC).date() if kpi.computed_at else None
        due = periods if touched is None or since is None else _due(measure, periods, days, since)
        changed = await _store(kpi, periods, due, await _computed(kpi, measure, due, today), at)
        signals = await watch(kpi, changed, today, at)
        await _rows("UPDATE kpi SET computed_at = $2 WHERE id = $1", kpi.id, at)
        if changed:
            await emit("kpis.kpi.computed", kpi.id, by=by, at=at, values=len(changed), signals=signals)
    return len(changed), signals


def _calendar(first: date, today: date, grain: Grain) -> Iterable[Period]:
    return CALENDAR.split(Period(first, today + timedelta(days=1)), grain) if first <= today else ()


async def _first_day(measure: Measure, kpi: UUID, touched: Collection[date]) -> date | None:
    """The first day of which there is anything now, or was at the last time, or in between."""
    (fact,), (held,) = await _rows(measure.since), await _rows(_HELD_SINCE, kpi)
    days = (fact["day"], held["day"], *touched)
    return min((day for day in days if day and day > EVERYTHING_FROM), default=None)


def _due(measure: Measure, periods: Sequence[Period], days: Collection[date], since: date) -> list[Period]:
    """The periods to compute: those reached by what was written, and those that were not over at the last time."""
    earliest = min(days, default=date.max)

    def is_due(place: int) -> bool:
        period = periods[place]
        if period.end >= since or any(day in period for day in days):
            return True
        match measure.reach:
            case Reach.ONWARDS:
                return period.end > earliest
            case Reach.NEXT:
                return place > 0 and any(day in periods[place - 1] for day in days)
        return EVERYTHING_FROM in days

    return [period for place, period in enumerate(periods) if is_due(place)]


async def _computed(kpi: Kpi, measure: Measure, due: Sequence[Period], today: date) -> list[dict[str, Any]]:
    ends = {period.start: period.end for period in due}
    made = []
    for dimension in ("", *kpi.dimensions):
        cuts = [list(ends), list(ends.values()), today, _STEP[Grain(kpi.grain)]]
        for row in await _rows(measure.statement(dimension), *cuts):
            if row["numerator"] is not None:
                start = row["start"]
                cut = {"dimension": dimension, "member": row["member"], "currency": row["currency"]}
                made.append({**cut, "period_start": start, "period_end": ends[start], **_figure(measure, row)})
    return made


def _figure(measure: Measure, row: dict[str, Any]) -> dict[str, Any]:
    numerator, denominator = row["numerator"], row.get("denominator")
    found: dict[str, Any] = {"numerator": str(numerator), "denominator": None, "low": None, "high": None}
    if measure.is_sum:
        return {**found, "value": float(numerator)}
    found["denominator"] = None if denominator is None else str(denominator)
    if not denominator:
        return {**found, "value": None}
    found["value"] = float(numerator) / float(denominator)
    match measure.spread:
        case Spread.WILSON:
            interval = wilson(int(numerator), int(denominator))
            assert interval
            found["low"], found["high"] = interval
        case Spread.PROMOTERS:
            decided, net = row["decided"] / denominator, found["value"] / 100
            reach = 100 * Z * sqrt(max(decided - net * net, 0) / denominator)
            found["low"], found["high"] = found["value"] - reach, found["value"] + reach
    return found


async def _store(
    kpi: Kpi, periods: Sequence[Period], due: Sequence[Period], computed: Sequence[dict[str, Any]], at: datetime
) -> set[Series]:
    """Supersedes what has turned out otherwise, and keeps what is new; then fills the gaps of each series."""
    starts = [period.start for period in due]
    rows = as_json(list(computed))
    gone = await _rows(_SUPERSEDE, kpi.id, rows, starts, at, kpi.definition_version)
    came = await _rows(_INSERT, kpi.id, rows, at, kpi.definition_version)
    spans = await _rows(_SPANS, kpi.id)
    told = [{**span, "first": span["first"] and str(span["first"])} for span in spans]
    trimmed = await _rows(_TRIM, kpi.id, as_json(told), at)
    filled = await _rows(_INSERT, kpi.id, as_json(list(_gaps(kpi, periods, spans))), at, kpi.definition_version)
    return {(row["dimension"], row["member"], row["currency"]) for row in (*gone, *came, *trimmed, *filled)}


def _gaps(kpi: Kpi, periods: Sequence[Period], spans: Sequence[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """A row without figures for every period of a series since its first; the insert leaves out what there is."""
    nothing = 0.0 if MEASURES[kpi.measure].is_sum else None
    for span in spans:
        if span["first"] is None:
            continue
        cut = {name: span[name] for name in ("dimension", "member", "currency")}
        for period in periods:
            if period.start > span["first"]:
                yield {**cut, "period_start": period.start, "period_end": period.end, "value": nothing}


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql, list(values))
