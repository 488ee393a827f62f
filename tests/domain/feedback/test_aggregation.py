"""Aggregation: many small ones equal one over everything, and only what is new or changed is read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from domain.catalog.models import Product
from domain.feedback import aggregation
from domain.feedback.models import FeedbackDay, FeedbackItem, FeedbackPhrase, FeedbackTheme, FeedbackThemeItem
from domain.feedback.queries import series
from domain.feedback.text.reading import Reader
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.kernel.period import Grain, Period

pytestmark = pytest.mark.anyio
NOW = datetime(2024, 5, 1, tzinfo=UTC)
WORDS = ["酒店房间很大", "早餐太差了", "前台态度不好", "屏幕很漂亮", "键盘和电池不错", "the screen broke", "rude support staff",
         "the battery and the charger died", "friendly staff at the hotel", "部屋"]  # fmt: skip


async def said(text: str, day: int, **more: Any) -> FeedbackItem:
    moment = NOW + timedelta(days=day)
    stamps = {"created_at": NOW, "updated_at": NOW}
    return await FeedbackItem.create(source="review", text=text, received_at=moment, **stamps, **more)


async def aggregate(reader: Reader) -> dict[str, int]:
    await aggregation.void_old_readings(reader)
    read = await aggregation.read_new(reader, lambda done, total: None)
    async with in_transaction():
        return {"read": read, **await aggregation.gather(by=SYSTEM, at=NOW)}


async def picture() -> list[Any]:
    """Everything that aggregation made, without the counters of how often it ran."""
    themes = (
        await FeedbackTheme.filter(retired_at=None)
        .order_by("id")
        .values_list("id", "label", "phrases", "item_count", "scored_count", "sentiment_sum")
    )
    alive = [theme[0] for theme in themes]
    return [
        themes,
        await FeedbackThemeItem.filter(theme_id__in=alive)
        .order_by("theme_id", "item_id")
        .values_list("theme_id", "item_id", "phrase_count", "quote_rank"),
        sorted(
            await FeedbackDay.all().values_list(
                "day", "source", "product_id", "theme_id", "item_count", "scored_count", "sentiment_sum"
            ),
            key=str,
        ),
        sorted(await FeedbackPhrase.all().values_list("item_id", "language", "phrase")),
        await FeedbackItem.all().order_by("id").values_list("id", "language", "sentiment", "sentiment_label"),
    ]


async def forget() -> None:
    """Undoes every aggregation, so that the next one begins from nothing."""
    for statement in (
        "TRUNCATE feedback_phrase, feedback_theme_item, feedback_day, feedback_theme CASCADE",
        "UPDATE feedback_item SET read_digest = NULL, sentiment = NULL, sentiment_label = NULL, language = NULL",
    ):
        await get_connection("default").execute_script(statement)


STEPS = st.lists(st.lists(st.tuples(st.sampled_from(WORDS), st.integers(0, 40)), max_size=15), min_size=1, max_size=4)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, changed=st.lists(st.tuples(st.integers(0, 50), st.sampled_from(WORDS)), max_size=4))
async def test_many_small_aggregations_equal_one(
    database: str, reader: Reader, steps: list[list[tuple[str, int]]], changed: list[tuple[int, str]]
) -> None:
    await FeedbackItem.all().delete()
    await forget()
    items = []
    for step in steps:
        items += [await said(text, day) for text, day in step]
        await aggregate(reader)
    for place, text in changed:
        if items:
            key = items[place % len(items)].id
            await FeedbackItem.filter(id=key).update(text=text, read_digest=None)
    await aggregate(reader)
    in_steps = await picture()
    await forget()
    await aggregate(reader)
    at_once = await picture()
    # The ids of themes follow their history; everything else is the same.
    assert [theme[1:] for theme in sorted(in_steps[0], key=str_label)] == [
        theme[1:] for theme in sorted(at_once[0], key=str_label)
    ]
    labels = [{theme[0]: theme[1] for theme in made[0]} for made in (in_steps, at_once)]
    for part, at in ((1, 0), (2, 3)):
        named = [sorted([str((*row[:at], names.get(row[at]), *row[at + 1 :])) for row in made[part]])
                 for made, names in ((in_steps, labels[0]), (at_once, labels[1]))]  # fmt: skip
        assert named[0] == named[1]
    assert in_steps[3:] == at_once[3:]


def str_label(theme: tuple[Any, ...]) -> str:
    return f"{theme[1]} {theme[2]}"


async def many(reader: Reader) -> None:
    for number in range(40):
        await said(WORDS[number % len(WORDS)], number % 10)
    await aggregate(reader)


async def test_running_again_changes_nothing(database: str, reader: Reader) -> None:
    await many(reader)
    before, events = await picture(), await Event.all().count()
    outcome = await aggregate(reader)
    assert (outcome["read"], outcome["themes_found"], outcome["themes_dissolved"]) == (0, 0, 0)
    assert await picture() == before
    assert await Event.all().count() == events
    assert await FeedbackTheme.filter(version=1).count() == len(before[0])


async def test_only_what_is_new_or_changed_is_read(database: str, reader: Reader) -> None:
    await many(reader)
    item = await said("前台态度不好", 1)
    old = await FeedbackItem.exclude(id=item.id).first()
    assert old is not None
    await FeedbackItem.filter(id=old.id).update(text="屏幕很漂亮", read_digest=None)
    assert (await aggregate(reader))["read"] == 2


async def test_another_reader_reads_all_again(database: str, reader: Reader) -> None:
    await many(reader)
    await FeedbackItem.all().update(read_digest=b"an older version")
    assert (await aggregate(reader))["read"] == 40


async def test_a_given_language_stays(database: str, reader: Reader) -> None:
    item = await said("酒店房间很大", 0, language="yue", language_given=True)
    await aggregate(reader)
    assert (await FeedbackItem.get(id=item.id)).language == "yue"


async def test_series_add_up(database: str, reader: Reader) -> None:
    product = await Product.create(sku="P", name="P", created_at=NOW, updated_at=NOW)
    for day in (0, 0, 1, 8, 35):
        await said("太差了,再也不会来了", day, product=product if day < 8 else None)
    await aggregate(reader)
    period = Period(NOW.date(), NOW.date() + timedelta(days=60))
    for grain, counts in ((Grain.DAY, [2, 1, 1, 1]), (Grain.WEEK, [3, 1, 1]), (Grain.MONTH, [4, 1])):
        points = await series(grain, period, by=SYSTEM)
        assert [point.item_count for point in points] == counts
        assert all(point.mean_sentiment is not None and point.mean_sentiment < 0 for point in points)
    assert [point.item_count for point in await series(Grain.MONTH, period, product=product.id, by=SYSTEM)] == [3]
