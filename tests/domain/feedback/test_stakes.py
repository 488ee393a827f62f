"""Revenue at stake: of those who complain, in the time that counts, by currency; and written only where it differs."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem, FeedbackTheme, FeedbackThemeItem, FeedbackThemeStake
from domain.feedback.stakes import weigh_stakes
from domain.orders.models import Order
from domain.pipeline.models import CloseReason, Opportunity, Pipeline, Stage

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
NOW = datetime(2024, 5, 1, tzinfo=UTC)
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


async def theme(label: str) -> FeedbackTheme:
    return await FeedbackTheme.create(language="en", label=label, phrases=[label], **STAMPS)


async def customer(name: str) -> Customer:
    return await Customer.create(kind="person", name=name, **STAMPS)


async def said(of: FeedbackTheme, who: Customer | None, mood: str = "negative", days_ago: int = 1) -> None:
    moment = NOW - timedelta(days=days_ago)
    item = await FeedbackItem.create(
        source="case", text="late", customer=who, received_at=moment, sentiment_label=mood, **STAMPS
    )
    await FeedbackThemeItem.create(theme=of, item=item, phrase_count=1)


async def ordered(who: Customer, total: int, currency: str = "EUR", days_ago: int = 10, status: str = "closed") -> None:
    moment = NOW - timedelta(days=days_ago)
    await Order.create(customer=who, ordered_at=moment, currency=currency, total=total, status=status, **STAMPS)


async def deal(who: Customer, amount: int, probability: str, status: str = "open", currency: str = "EUR") -> None:
    pipeline, _ = await Pipeline.get_or_create(name="P", defaults=STAMPS)
    stage, _ = await Stage.get_or_create(
        pipeline=pipeline,
        position=1,
        defaults={"name": "S", "kind": "open", "default_probability": 0.5, "forecast_category": "commit", **STAMPS},
    )
    reason, _ = await CloseReason.get_or_create(outcome="lost", name="price", defaults=STAMPS)
    closed = {} if status == "open" else {"closed_at": NOW, "close_reason": reason}
    await Opportunity.create(
        name="D", customer=who, pipeline=pipeline, stage=stage, status=status, currency=currency, amount=amount,
        probability=Decimal(probability), forecast_category="commit", close_date=NOW.date(), opened_at=NOW,
        stage_entered_at=NOW, **closed, **STAMPS,
    )  # fmt: skip


async def stakes() -> dict[tuple[str, str], tuple[int, Decimal, Decimal, int]]:
    rows = await FeedbackThemeStake.all().values_list(
        "theme__label", "currency", "customer_count", "ordered", "pipeline", "version"
    )
    return {(label, currency): tuple(rest) for label, currency, *rest in rows}  # type: ignore[misc]


async def weigh(at: datetime = NOW) -> int:
    async with in_transaction():
        return await weigh_stakes(at)


async def test_what_complainers_buy_and_may_buy_is_at_stake() -> None:
    late, rude = await theme("late"), await theme("rude")
    ann, bob, cid = await customer("Ann"), await customer("Bob"), await customer("Cid")
    await said(late, ann)
    await said(late, ann, days_ago=5)  # twice, and counted once
    await said(late, bob)
    await said(rude, bob)
    await said(late, cid, mood="positive")
    await said(late, cid, days_ago=91)
    await said(late, None)
    await ordered(ann, 100)
    await ordered(ann, 50, days_ago=364)
    await ordered(ann, 1000, days_ago=366)
    await ordered(ann, 500, status="cancelled")
    await ordered(bob, 30, "USD")
    await ordered(cid, 9999)
    await deal(bob, 200, "0.25")
    await deal(bob, 7777, "0", "lost")
    assert await weigh() == 4
    assert await stakes() == {
        ("late", "EUR"): (2, 150, 50, 1),
        ("late", "USD"): (2, 30, 0, 1),
        ("rude", "EUR"): (1, 0, 50, 1),
        ("rude", "USD"): (1, 30, 0, 1),
    }


async def test_only_differences_are_written_and_what_is_over_goes() -> None:
    late = await theme("late")
    ann, bob = await customer("Ann"), await customer("Bob")
    await said(late, ann, days_ago=89)
    await ordered(ann, 100)
    await weigh()
    await weigh()
    assert await stakes() == {("late", "EUR"): (1, 100, 0, 1)}
    await said(late, bob)
    await ordered(bob, 5)
    await weigh()
    assert await stakes() == {("late", "EUR"): (2, 105, 0, 2)}
    await weigh(NOW + timedelta(days=2))
    assert await stakes() == {("late", "EUR"): (1, 5, 0, 3)}
    await weigh(NOW + timedelta(days=200))
    assert await stakes() == {}


async def test_weighing_takes_four_statements() -> None:
    late = await theme("late")
    for name in ("Ann", "Bob", "Cid"):
        who = await customer(name)
        await said(late, who)
        await ordered(who, 100)
    seen: list[str] = []
    async with in_transaction() as transaction:
        await weigh_stakes(NOW)  # asyncpg asks for the types of arrays once
        transaction._connection.add_query_logger(lambda record: seen.append(record.query))  # type: ignore[attr-defined]
        await weigh_stakes(NOW)
        transaction._connection._query_loggers.clear()  # type: ignore[attr-defined]
    assert len(seen) == 4
