"""What the demo makes up: believable, lawful as if the verbs had made it, the same for a day and size, and labelled."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.connection import get_connection

from cli.demo import loop
from cli.demo.company import load
from cli.demo.generator import DemoCompany
from cli.demo.improvement import TEAMS
from cli.demo.sources import purchases, reviews
from cli.demo.steering import JOBS, REVIEW, TARGETS
from domain.improvement.models import ImprovementCycle
from domain.jobs.models import Job
from domain.kpis.models import KpiTarget
from domain.segments.models import Segment
from runtime.database import connected
from tests.conftest import Databases
from tests.domain.inventory.house import books_balance
from tests.domain.pipeline.deals import history_is_contiguous

pytestmark = pytest.mark.anyio
AT = datetime(2026, 11, 2, 12, tzinfo=UTC)
DEALS = 1_000


async def made_up(url: str, tell: list[str]) -> int | None:
    async with connected(url, statement_timeout_seconds=60):
        company = DemoCompany(list(purchases())[::200], reviews()[::200])
        await load(at=AT, progress=tell.append, company=company)
        return await loop.complete(DEALS, at=AT, progress=tell.append)


@pytest.fixture(scope="module")
def url(databases: Databases) -> Iterator[str]:
    """A database with a small company and all that goes on around it."""
    import asyncio

    with databases.lent() as url:
        assert asyncio.run(made_up(url, [])) is None
        yield url


@pytest.fixture
async def loaded(url: str) -> Any:
    async with connected(url):
        yield


async def rows(sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql)
    return found


async def none(sql: str) -> None:
    assert await rows(sql) == []


@pytest.mark.usefixtures("loaded")
class TestLaws:
    async def test_deals_go_their_way_without_gap_or_overlap(self) -> None:
        await history_is_contiguous()
        counts = {
            row["status"]: row["count"] for row in await rows("SELECT status, count(*) FROM opportunity GROUP BY 1")
        }
        assert sum(counts.values()) == DEALS
        assert min(counts[status] for status in ("open", "won", "lost")) > DEALS / 20
        await none("""SELECT o.id FROM opportunity o WHERE amount <> (
            SELECT sum(amount) FROM opportunity_line WHERE opportunity_id = o.id)""")
        await none(
            "SELECT id FROM opportunity WHERE opened_at > '2026-11-02T12:00Z' OR closed_at > '2026-11-02T12:00Z'"
        )

    async def test_the_books_balance_and_nothing_was_ever_oversold(self) -> None:
        await books_balance()
        await none("""SELECT id FROM (
            SELECT m.id, i.is_internal, sum(q) OVER (PARTITION BY m.product_id, loc ORDER BY moved_at, q DESC, m.id) AS sum
            FROM (SELECT product_id, to_location_id AS loc, quantity AS q, moved_at, id FROM stock_move UNION ALL
                SELECT product_id, from_location_id, -quantity, moved_at, id FROM stock_move) m
            JOIN inventory_level i ON i.product_id = m.product_id AND i.location_id = m.loc) r
            WHERE is_internal AND sum < 0""")

    async def test_orders_hold_what_was_promised_shipped_and_delivered(self) -> None:
        await none(
            "SELECT id FROM sales_order o WHERE total <> (SELECT sum(amount) FROM sales_order_line WHERE order_id = o.id)"
        )
        await none("""SELECT l.id FROM sales_order_line l JOIN sales_order o ON o.id = l.order_id AND o.promised_on IS NOT NULL
            WHERE l.shipped <> coalesce((SELECT sum(quantity) FROM shipment_line WHERE order_line_id = l.id), 0)""")
        await none(
            "SELECT id FROM quote q WHERE status = 'accepted' AND NOT EXISTS (SELECT FROM sales_order WHERE quote_id = q.id)"
        )
        late = await rows("""SELECT (delivered_at AT TIME ZONE 'UTC')::date > promised_on AS late, count(*)
            FROM sales_order WHERE delivered_at IS NOT NULL GROUP BY 1""")
        assert {row["late"] for row in late} == {True, False}

    async def test_leads_become_one_deal_and_touches_reach_whom_they_should(self) -> None:
        await none("SELECT opportunity_id FROM lead WHERE opportunity_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1")
        await none("SELECT id FROM lead WHERE status = 'converted' AND opportunity_id IS NULL AND customer_id IS NULL")
        await none("""SELECT t.id FROM touchpoint t JOIN campaign_member m ON m.campaign_id = t.campaign_id
            AND m.customer_id = t.customer_id WHERE m.arm = 'holdout'""")
        await none(
            "SELECT id FROM campaign c WHERE cost <> coalesce((SELECT sum(amount) FROM campaign_cost WHERE campaign_id = c.id), 0)"
        )
        assert (await rows("SELECT count(*) FROM touchpoint"))[0]["count"] > 0

    async def test_it_says_that_it_is_generated(self) -> None:
        for table, column in (("opportunity", "external_id"), ("lead", "external_id"), ("touchpoint", "external_id"),
                              ("sales_order", "external_id"), ("supplier", "external_id")):  # fmt: skip
            await none(f"SELECT id FROM {table} WHERE {column} IS NULL OR {column} NOT LIKE 'demo-%'")
        await none("SELECT id FROM campaign WHERE note NOT LIKE 'Demo:%'")
        await none("SELECT id FROM customer WHERE note NOT LIKE 'Demo:%'")
        await none("SELECT id FROM access_user WHERE name NOT LIKE '%(demo)' AND name <> 'Demo'")

    async def test_people_steer_by_it(self) -> None:
        assert await KpiTarget.all().count() == 12 * (len(TARGETS) + 1 + 8)
        assert await Segment.all().count() == 3
        assert await ImprovementCycle.filter(state="proposed").count() == 1
        assert {job.kind for job in await Job.all()} == {"feedback.aggregate", *JOBS, REVIEW}

    async def test_it_has_been_once_around(self) -> None:
        """What people did about late orders is measured by how orders came, and became a practice."""
        cycle = await ImprovementCycle.get(state="standardized").prefetch_related("effects", "practice")
        (effect,) = cycle.effects
        assert (effect.method, effect.verdict) == ("welch", "improved")
        (seen,) = await rows(f"""SELECT avg(share) FILTER (WHERE month < '{cycle.starts_on}') AS before,
            avg(share) FILTER (WHERE month >= '{cycle.starts_on}') AS after
            FROM (SELECT date_trunc('month', promised_on)::date AS month, avg((coalesce(
                delivered_at < (promised_on + 1)::timestamp AT TIME ZONE 'UTC', false))::int) AS share
                FROM sales_order WHERE promised_on BETWEEN '{cycle.baseline_start}' AND '{cycle.ends_on}'
                    AND cancelled_at IS NULL GROUP BY 1) months""")
        assert effect.baseline == pytest.approx(float(seen["before"]))
        assert effect.estimate == pytest.approx(float(seen["after"] - seen["before"]))
        assert cycle.practice.adoption_count == len(TEAMS)

    async def test_loaded_again_it_changes_nothing(self) -> None:
        before = await rows("SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM job) AS jobs")
        assert await loop.complete(2 * DEALS, at=AT + timedelta(days=1), progress=[].append) == DEALS
        assert await rows("SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM job) AS jobs") == before


DIGESTED = (
    "SELECT external_id, name, status, amount, close_date, opened_at, closed_at FROM opportunity ORDER BY 1",
    "SELECT external_id, status, total, promised_on, delivered_at FROM sales_order WHERE promised_on IS NOT NULL ORDER BY 1",
    "SELECT external_id, kind, occurred_at FROM touchpoint ORDER BY 1",
    "SELECT external_id, status, source, created_at FROM lead ORDER BY 1",
    "SELECT moved_at, kind, quantity FROM stock_move ORDER BY id",
)


@pytest.mark.usefixtures("loaded")
async def test_it_is_the_same_on_every_machine() -> None:
    digest = hashlib.sha256()
    for sql in DIGESTED:
        for row in await rows(sql):
            digest.update(repr([str(value) for value in row.values()]).encode())
    assert digest.hexdigest() == "025b804d7220d2c899bde5e188f17ba22a3393944cfdebde57d17271021999f4"
