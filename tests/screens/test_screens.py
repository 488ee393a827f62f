"""Every screen of docs/screens answers over the whole demo company as its page says, each root field in one statement.

Where an answer is meant to change, `WRITE_SCREENS=1 pytest tests/screens` prints the new ones on the pages.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from tortoise.connection import get_connection

from api.asgi import application
from cli.demo import ADMIN_EMAIL, DEALS, loop
from cli.demo.company import DemoSummary, is_loaded, load
from domain.access.queries import user_named
from domain.jobs.models import Job
from runtime.database import connected
from runtime.redis import redis_client
from runtime.settings import Settings
from tests.conftest import Databases
from tests.graph import PEM, Graph, token_for
from tests.roads import Roads
from tests.screens.pages import NAMES, examples, page
from tests.waiting import eventually
from workers.kinds import KINDS
from workers.main import work

pytestmark = pytest.mark.anyio
AT = datetime(2026, 11, 2, 12, tzinfo=UTC)


@dataclass
class Whole:
    """The whole demo company in a database, and what was there before what is made up came to it."""

    url: str
    summary: DemoSummary
    told: list[str]
    bought: dict[str, Any]


async def fill(url: str, redis_url: str) -> Whole:
    """Loads the demo as it is on a day, and has a worker compute what there is to compute."""
    told: list[str] = []
    async with connected(url, pool_size=12, statement_timeout_seconds=120):
        assert not await is_loaded()
        summary = await load(at=AT, progress=told.append)
        assert await is_loaded()
        (bought,) = await get_connection("default").execute_query_dict(
            """SELECT sum(total) AS total, count(DISTINCT ordered_at)::int AS days, count(*)::int AS orders,
            (SELECT count(*) FROM event)::int AS events, (SELECT count(*) FROM sales_order_line)::int AS lines,
            (SELECT count(*) FROM customer)::int AS customers, (SELECT count(*) FROM contact)::int AS contacts,
            (SELECT count(*) FROM feedback_item)::int AS feedback FROM sales_order"""
        )
        assert await loop.complete(DEALS, at=AT, progress=lambda text: None) is None
        await _have_computed(url, redis_url)
    return Whole(url, summary, told, bought)


async def _have_computed(url: str, redis_url: str) -> None:
    client = redis_client(redis_url)
    await client.flushall()
    await client.aclose()
    async with working(url, redis_url):
        await eventually(_none_is_left, 240)
    assert not await Job.filter(state="dead").exists()


async def _none_is_left() -> bool:
    return not await Job.exclude(state__in=("succeeded", "dead")).exists()


@asynccontextmanager
async def working(url: str, redis_url: str) -> AsyncIterator[None]:
    """A worker beside the test, on the day of the demo."""
    stop = asyncio.Event()
    task = asyncio.create_task(work(url, redis_url, stop, at_once=1, kinds=OURS, clock=lambda: AT))
    yield
    stop.set()
    await task


@pytest.fixture(scope="module")
def whole(databases: Databases, redis_url: str) -> Iterator[Whole]:
    with databases.lent() as url:
        yield asyncio.run(fill(url, redis_url))


@asynccontextmanager
async def asking(whole: Whole, redis_url: str, home: Path, pool_size: int = 1) -> AsyncIterator[Graph]:
    """A client of the API on that day, with the demo's administrator signed in."""
    settings = Settings(
        home=home, database_url=whole.url, redis_url=redis_url, token_key=PEM, database_pool_size=pool_size
    )
    app = application(settings, clock=lambda: AT)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
            administrator = await user_named(ADMIN_EMAIL)
            assert administrator is not None
            graph = Graph(http, await token_for(administrator), roads=Roads(app))
            assert graph.roads is not None
            await graph.roads.engine.autocommit.row("SELECT 1", [])
            yield graph


@pytest.mark.parametrize("name", NAMES)
async def test_a_screen_answers_as_its_page_says(whole: Whole, redis_url: str, tmp_path: Path, name: str) -> None:
    screen = page(name)
    async with asking(whole, redis_url, tmp_path) as graph:
        variables = {}
        for variable, field in screen.wanted.items():
            (found,) = (await graph.ask("{ " + field + " }")).values()
            variables[variable] = found["nodes"][0]["id"]
        answer = await graph.ask(screen.query, **variables)
        with graph.counting() as statements:
            assert await graph.ask(screen.query, **variables) == answer
    assert len(statements) <= len(answer)
    assert all(re.match(r"\s*(SELECT|WITH)\b", statement) for statement in statements)
    if os.environ.get("WRITE_SCREENS"):
        screen.write(answer)
    else:
        assert answer == screen.answer


README = Path(__file__).parents[2] / "README.md"


@pytest.mark.parametrize("place", range(6))
async def test_what_the_readme_prints_is_answered(whole: Whole, redis_url: str, tmp_path: Path, place: int) -> None:
    query, answer = examples(README.read_text("utf-8"))[place]
    async with asking(whole, redis_url, tmp_path) as graph:
        assert await graph.ask(query) == answer


STARTED_BY: dict[str, str | None] = {
    "access.mail": None,  # userInvite and passwordForget, about a user
    "attribution.compute": "attributionCompute(input: {everything: true})",
    "feedback.aggregate": "feedbackAggregate",
    "improvement.check": None,  # improvementCycleCheck, about a cycle
    "improvement.review": "improvementReview",
    "imports.load": None,  # importStart, about a file
    "inventory.expire": None,  # by its schedule alone: nobody waits for it
    "kpis.compute": "kpiCompute(input: {everything: true})",
    "pipeline.snapshot_forecast": "forecastSnapshotTake",
    "quotes.expire": None,  # likewise
    "replenishment.propose": "replenishmentPropose(input: {everything: true})",
    "segments.refresh": "segmentRefresh(input: {})",
    "webhooks.deliver": None,  # about an event and an endpoint
}
"""Every kind of job, and the mutation that starts it without more ado."""

UNSCHEDULED = {"access.mail", "imports.load", "improvement.check", "webhooks.deliver"}
NOT_OF_THE_BUSINESS = {
    "job",
    "job_attempt",
    "job_kind",
    "schedule_run",
    "event",
    "schedule",
    "access_user",
    "access_session",
    "access_refresh_token",
    "idempotency_key",
    "kpi",
}
"""Tables that tell of the running itself; of a KPI, when it was last computed."""


OURS = {name: kind for name, kind in KINDS.items() if kind.handler.__module__.startswith("workers.")}
"""Without those that other tests declare."""


def test_every_kind_is_declared_in_one_place_and_on_a_schedule_unless_it_is_about_something() -> None:
    assert set(OURS) == set(STARTED_BY)
    for name, kind in OURS.items():
        assert kind.description.endswith("."), name
        assert (kind.schedule is None) == (name in UNSCHEDULED), name


async def versions(url: str) -> dict[str, Any]:
    """How many rows each table of the business has, and how often they have changed."""
    connection = await asyncpg.connect(url)
    try:
        return await _versions(connection)
    finally:
        await connection.close()


async def _versions(connection: asyncpg.Connection) -> dict[str, Any]:
    tables = await connection.fetch(
        "SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'version'"
    )
    names = sorted({table["name"] for table in tables} - NOT_OF_THE_BUSINESS)
    return {
        name: tuple(await connection.fetchrow(f"SELECT count(*), coalesce(sum(version), 0) FROM {name}"))
        for name in names
    }


async def test_every_job_run_again_changes_nothing(whole: Whole, redis_url: str, tmp_path: Path) -> None:
    """Started by its mutation where it has one, on the same day over the same rows, everything computed anew."""
    before = await versions(whole.url)
    kinds = [kind for kind, mutation in STARTED_BY.items() if mutation]
    async with asking(whole, redis_url, tmp_path, pool_size=12) as graph, working(whole.url, redis_url):
        for kind in kinds:
            answer = await graph.ask(f"mutation {{ {STARTED_BY[kind]} {{ job {{ kind }} userErrors {{ message }} }} }}")
            assert answer == {next(iter(answer)): {"job": {"kind": kind}, "userErrors": []}}
        await eventually(_none_is_left, 240)
        query = """{ jobs(first: 7) { nodes { kind state progressDone progressMessage requestedBy { name } } }
          schedules { nodes { kind jobs(first: 1) { nodes { state } } } } }"""
        found = await graph.ask(query)
    ran = {job["kind"]: job for job in found["jobs"]["nodes"]}
    assert set(ran) == set(kinds)
    assert {job["state"] for job in ran.values()} == {"SUCCEEDED"}
    assert all(job["progressMessage"] and job["requestedBy"] == {"name": "Demo"} for job in ran.values())
    assert {each["kind"] for each in found["schedules"]["nodes"]} == set(OURS) - UNSCHEDULED
    after = await versions(whole.url)
    assert {name: (before[name], after[name]) for name in before if before[name] != after[name]} == {}


def test_the_demo_is_loaded_whole_and_through_the_imports(whole: Whole) -> None:
    summary = whole.summary
    assert (summary.customers, summary.orders, summary.feedback) == (23_570, 69_659, 17_648)
    assert whole.told == [
        "Demo: products and CDNOW's customers",
        "Demo: CDNOW's purchases",
        "Demo: reviews and generated feedback",
    ]
    assert whole.bought == {
        "total": Decimal("2500315.630"),
        "days": 546,
        "orders": 69_659,
        "lines": 69_659,
        "customers": 23_570,
        "contacts": 2_357,
        "feedback": 17_648,
        "events": 23_570 + 2_357 + 39 + 69_659 + 17_648 + 2,
    }
