"""Deals for tests: a pipeline of three open stages, a customer, products, and what history must always be."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tortoise.connection import get_connection

from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.kernel.actor import SYSTEM
from domain.pipeline.commands import create_opportunity
from domain.pipeline.models import CloseReason, Opportunity, Pipeline, Stage
from domain.pipeline.stages import create_pipeline
from tests.graph import NOW

STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
DO: dict[str, Any] = {"by": SYSTEM, "at": NOW}
DAY = date(2024, 6, 30)
OPEN = [
    {"name": "Qualified", "default_probability": "0.1", "forecast_category": "pipeline"},
    {"name": "Offered", "default_probability": "0.4", "forecast_category": "best_case"},
    {"name": "Agreed", "default_probability": "0.8", "forecast_category": "commit"},
]


@dataclass
class House:
    """Where deals are made."""

    pipeline: Pipeline
    customer: Customer
    stages: dict[str, Stage]
    lost: CloseReason

    async def deal(self, **given: Any) -> Opportunity:
        values = {"name": "D", "customer_id": self.customer.id, "currency": "EUR", "close_date": DAY, **given}
        lines = values.pop("lines", ())
        return await create_opportunity(values, lines, **DO)


async def house() -> House:
    pipeline = await create_pipeline({"name": "Sales", "is_default": True}, OPEN, **DO)
    customer = await Customer.create(kind="company", name="Acme", **STAMPS)
    stages = {stage.name: stage for stage in await Stage.filter(pipeline_id=pipeline.id)}
    lost = await CloseReason.create(outcome="lost", name="Price", **STAMPS)
    return House(pipeline, customer, stages, lost)


async def product(sku: str = "S1", price: str | None = "9.99") -> Product:
    currency = "EUR" if price else None
    return await Product.create(sku=sku, name=sku, list_price=price, currency=currency, **STAMPS)


async def history_is_contiguous() -> None:
    """Each deal's stays follow one another without gap or overlap, the one that is open is that of its stage, and each
    knows how often the deal had been there and when it came further."""
    assert not await get_connection("default").execute_query_dict(
        """SELECT id FROM (
            SELECT s.id, s.visit, s.advanced_at, row_number() OVER (PARTITION BY s.opportunity_id, s.stage_id ORDER BY
                s.sequence) AS visits, (SELECT min(l.entered_at) FROM opportunity_stage_history l JOIN pipeline_stage t
                ON t.id = l.stage_id AND t.kind <> 'lost' WHERE l.opportunity_id = s.opportunity_id
                AND l.sequence > s.sequence AND t.position > g.position) AS advanced
            FROM opportunity_stage_history s JOIN pipeline_stage g ON g.id = s.stage_id
        ) told WHERE visit <> visits OR advanced_at IS DISTINCT FROM advanced"""
    )
    assert not await get_connection("default").execute_query_dict(
        """SELECT o.id FROM opportunity o WHERE NOT EXISTS (
            SELECT FROM opportunity_stage_history h WHERE h.opportunity_id = o.id AND h.left_at IS NULL
            AND h.stage_id = o.stage_id AND h.entered_at = o.stage_entered_at)"""
    )
    assert not await get_connection("default").execute_query_dict(
        """SELECT h.id FROM (
            SELECT h.*, row_number() OVER w AS place, lag(left_at) OVER w AS before, lag(stage_id) OVER w AS whence,
                lead(entered_at) OVER w AS next
            FROM opportunity_stage_history h WINDOW w AS (PARTITION BY opportunity_id ORDER BY sequence)
        ) h WHERE sequence <> place OR before IS DISTINCT FROM CASE WHEN place > 1 THEN entered_at END
            OR whence IS DISTINCT FROM from_stage_id OR left_at IS DISTINCT FROM next"""
    )
