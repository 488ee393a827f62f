"""Control charts of themes: how often each is spoken of, week by week, and which are spoken of more than by chance.

Weeks are ISO weeks of UTC. The last complete week is judged by the weeks before it, at most 26, back to the first week
in which anything was said at all: a week of silence about a theme counts as nought. Limits from fewer than eight weeks
are not worth the name, and fewer than five mentions are no wave, however quiet it was before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.control import Limits, xmr
from domain.kernel.permissions import Permission

WEEK = timedelta(days=7)
MOST_WEEKS, LEAST_WEEKS, LEAST_MENTIONS = 26, 8, 5
PRAISE = 0.25
"""From this mean mood on, what is said of a theme in a week is praise, not complaint."""


@dataclass(frozen=True, slots=True)
class Week:
    """How often a theme was spoken of in a week, and in what mood: -1 to 1, None where nothing was scored."""

    starts_on: date
    item_count: int
    mean_sentiment: float | None


@dataclass(frozen=True, slots=True)
class ThemeChart:
    """The complete weeks of a theme, oldest first, and the limits that the weeks before the last one set."""

    theme_id: UUID
    weeks: tuple[Week, ...]
    limits: Limits | None

    @property
    def last(self) -> Week | None:
        """The week that is judged."""
        return self.weeks[-1] if self.weeks else None

    @property
    def is_above(self) -> bool:
        """Whether the last week is above its upper limit, with five mentions or more."""
        last, limits = self.last, self.limits
        return bool(last and limits and last.item_count >= LEAST_MENTIONS and last.item_count > limits.upper)

    @property
    def is_complaint(self) -> bool:
        """Whether the last week is above its upper limit and no praise."""
        mood = self.last.mean_sentiment if self.last else None
        return self.is_above and (mood is None or mood < PRAISE)


async def theme_chart(key: UUID, today: date, *, by: Actor) -> ThemeChart | None:
    """This will draw the chart of a theme as of a day (UTC); None if there is no such theme. Raises Unauthenticated."""
    by.must(Permission.FEEDBACK_READ)
    rows = await _weeks(today, key)
    return ThemeChart(key, *_judged(rows, today)) if rows else None


async def rising_themes(today: date) -> list[ThemeChart]:
    """This will find the themes whose last complete week is above its upper limit and no praise, the loudest first."""
    by_theme: dict[UUID, list[Mapping[str, Any]]] = {}
    for row in await _weeks(today, None):
        by_theme.setdefault(row["theme_id"], []).append(row)
    charts = [ThemeChart(key, *_judged(rows, today)) for key, rows in by_theme.items()]
    found = [(chart.weeks[-1].item_count, chart) for chart in charts if chart.is_complaint]
    return [chart for _, chart in sorted(found, key=lambda each: (-each[0], each[1].theme_id))]


def _judged(rows: Iterable[Mapping[str, Any]], today: date) -> tuple[tuple[Week, ...], Limits | None]:
    """Fills the silent weeks in, and sets limits by all but the last. All rows tell the same first week."""
    told = {row["week"]: row for row in rows}
    end = this_week(today)
    first = next(iter(told.values()))["first"] or end
    begin = max(this_week(first), end - (MOST_WEEKS + 1) * WEEK)
    starts = [begin + number * WEEK for number in range((end - begin) // WEEK)]
    weeks = tuple(
        Week(start, told[start]["items"], told[start]["mood"]) if start in told else Week(start, 0, None)
        for start in starts
    )
    before = [week.item_count for week in weeks[:-1]]
    return weeks, xmr(before) if len(before) >= LEAST_WEEKS else None


def this_week(day: date) -> date:
    """This will give the Monday of the week that a day falls into: where the week begins that is not complete yet."""
    return day - timedelta(days=day.weekday())


async def _weeks(today: date, key: UUID | None) -> list[dict[str, Any]]:
    """Reads a theme's weeks, or all live themes', with the first day of all; a theme without any has one empty row."""
    end = this_week(today)
    return await get_connection("default").execute_query_dict(
        """SELECT t.id AS theme_id, date_trunc('week', d.day::timestamp)::date AS week,
            (SELECT min(day) FROM feedback_day) AS first, sum(d.item_count)::int AS items,
            (sum(d.sentiment_sum) / 1000.0 / nullif(sum(d.scored_count), 0))::float8 AS mood
        FROM feedback_theme t LEFT JOIN feedback_day d ON d.theme_id = t.id AND d.day >= $1 AND d.day < $2
        WHERE CASE WHEN $3::uuid IS NULL THEN t.retired_at IS NULL ELSE t.id = $3 END GROUP BY 1, 2 ORDER BY 1, 2""",
        [end - (MOST_WEEKS + 1) * WEEK, end, key],
    )
