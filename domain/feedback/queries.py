"""Reads of feedback: series of how much was said in what mood."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tortoise.connection import get_connection

from domain.feedback.models import FeedbackItem
from domain.feedback.rules import FeedbackSource
from domain.kernel.actor import Actor
from domain.kernel.period import Grain, Period
from domain.kernel.permissions import Permission


async def has_item(external_id: str) -> bool:
    """This will say whether there is an item that another system calls so."""
    return await FeedbackItem.exists(external_id=external_id)


@dataclass(frozen=True, slots=True)
class Point:
    """How much was said in one period, and in what mood: mean sentiment -1 to 1, None where nothing was scored."""

    starts_on: date
    item_count: int
    mean_sentiment: float | None


async def series(
    grain: Grain,
    period: Period,
    *,
    theme: UUID | None = None,
    product: UUID | None = None,
    source: FeedbackSource | None = None,
    by: Actor,
) -> list[Point]:
    """This will count what was said per day, week (from Monday) or month, oldest first; silent periods are left out.

    Without a theme every item counts once. Raises Unauthenticated.
    """
    by.must(Permission.FEEDBACK_READ)
    rows = await get_connection("default").execute_query_dict(
        "SELECT date_trunc($1, day::timestamp)::date AS starts_on, sum(item_count)::int AS item_count, "
        "(sum(sentiment_sum) / 1000.0 / nullif(sum(scored_count), 0))::float8 AS mean_sentiment "
        "FROM feedback_day WHERE day >= $2 AND day < $3 AND theme_id IS NOT DISTINCT FROM $4::uuid "
        "AND ($5::uuid IS NULL OR product_id = $5) AND ($6::text IS NULL OR source = $6) GROUP BY 1 ORDER BY 1",
        [grain.value, period.start, period.end, theme, product, source and source.value],
    )
    return [Point(row["starts_on"], row["item_count"], row["mean_sentiment"]) for row in rows]
