"""Root fields over feedback."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.feedback.types import FeedbackItem, FeedbackItemAggregate, FeedbackTheme, FeedbackThemeAggregate
from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from domain.catalog.models import Product as ProductRow
from domain.feedback import charts, queries
from domain.feedback.charts import ThemeChart, Week
from domain.feedback.models import FeedbackTheme as ThemeRow
from domain.feedback.rules import FeedbackSource
from domain.kernel.ids import new_id, read_id
from domain.kernel.period import Grain, Period


def _key(prefix: str, id: strawberry.ID | None) -> UUID | None:
    """An id that is no such record's finds nothing: a key that nobody has stands for it."""
    return None if id is None else read_id(prefix, id) or new_id()


@strawberry.type(description="How much customers said in one period, and in what mood.")
class FeedbackPoint:
    starts_on: date = strawberry.field(description="The first day of the period (UTC); weeks begin on Monday.")
    item_count: int = strawberry.field(description="How many items were received in it.")
    mean_sentiment: float | None = strawberry.field(
        description="Their mean sentiment, -1 to 1; null where none has one."
    )


@strawberry.type(description="How often a theme was spoken of in one week, and in what mood.")
class FeedbackThemeWeek:
    starts_on: date = strawberry.field(description="The Monday it begins on (UTC).")
    item_count: int = strawberry.field(description="How many items speak of the theme; 0 in a week of silence.")
    mean_sentiment: float | None = strawberry.field(
        description="Their mean sentiment, -1 to 1; null where none has one."
    )


@strawberry.type(description="A control chart of a theme: its weeks, and between which limits chance alone moves them.")
class FeedbackThemeChart:
    weeks: list[FeedbackThemeWeek] = strawberry.field(description="Up to 27 complete weeks, the oldest first.")
    centre: float | None = strawberry.field(
        description="The mean of the weeks before the last; null where these are fewer than eight."
    )
    lower: float | None = strawberry.field(description="The lower limit of an XmR chart, not below 0; null likewise.")
    upper: float | None = strawberry.field(description="The upper limit of an XmR chart; null likewise.")
    is_above_limit: bool = strawberry.field(
        description="Whether the last week is above the upper limit, with five mentions or more."
    )


def _week(week: Week) -> FeedbackThemeWeek:
    return FeedbackThemeWeek(starts_on=week.starts_on, item_count=week.item_count, mean_sentiment=week.mean_sentiment)


def _chart(chart: ThemeChart) -> FeedbackThemeChart:
    limits = chart.limits
    return FeedbackThemeChart(
        weeks=[_week(week) for week in chart.weeks],
        centre=limits.centre if limits else None,
        lower=max(limits.lower, 0.0) if limits else None,
        upper=limits.upper if limits else None,
        is_above_limit=chart.is_above,
    )


@strawberry.type
class FeedbackQueries:
    feedback_items: Connection[FeedbackItem] = many(
        description="All that customers said, the newest first unless ordered otherwise."
    )
    feedback_items_aggregate: FeedbackItemAggregate = aggregate(
        description="What all feedback comes to, the whole or by groups."
    )
    feedback_item: FeedbackItem | None = one(description="One feedback item by id.")
    feedback_themes: Connection[FeedbackTheme] = many(
        description="What customers keep talking about, the most frequent first unless ordered otherwise."
    )
    feedback_themes_aggregate: FeedbackThemeAggregate = aggregate(
        description="What all themes come to, the whole or by groups."
    )
    feedback_theme: FeedbackTheme | None = one(description="One theme by id.")

    @strawberry.field(
        description="How much was said per day, week or month, and in what mood; silent periods are left out."
    )
    async def feedback_series(
        self,
        info: Info,
        grain: Annotated[Grain, strawberry.argument(description="How long one step is; days are those of UTC.")],
        start: Annotated[date, strawberry.argument(description="The first day.")],
        end: Annotated[date, strawberry.argument(description="The day after the last; not itself counted.")],
        theme_id: Annotated[
            strawberry.ID | None,
            strawberry.argument(description="Only what speaks of this theme; else all, each item once."),
        ] = None,
        product_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only what is about this product.")
        ] = None,
        source: Annotated[FeedbackSource | None, strawberry.argument(description="Only what came by this way.")] = None,
    ) -> list[FeedbackPoint]:
        points = await queries.series(
            grain,
            Period(start, end),
            theme=_key(ThemeRow.prefix, theme_id),
            product=_key(ProductRow.prefix, product_id),
            source=source,
            by=info.context.actor,
        )
        return [FeedbackPoint(**{name: getattr(point, name) for name in point.__slots__}) for point in points]

    @strawberry.field(
        description="How often a theme was spoken of each week, and the limits that the weeks before the last one set: "
        "what is above them is more than chance. Null where there is no such theme."
    )
    async def feedback_theme_chart(
        self,
        info: Info,
        theme_id: Annotated[strawberry.ID, strawberry.argument(description="Which theme.")],
        today: Annotated[
            date | None,
            strawberry.argument(description="The day as of which it is drawn; today (UTC) where left out."),
        ] = None,
    ) -> FeedbackThemeChart | None:
        key = read_id(ThemeRow.prefix, theme_id)
        found = key and await charts.theme_chart(key, today or info.context.at.date(), by=info.context.actor)
        return _chart(found) if found else None
