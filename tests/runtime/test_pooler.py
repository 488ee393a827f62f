"""The API and a worker behind a pooler in transaction mode: two sessions for all, and nothing left on either."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator

import pytest

from domain.customers.models import Customer
from domain.jobs.commands import start_job
from domain.jobs.models import Job
from domain.jobs.rules import JobState
from domain.kernel.actor import SYSTEM
from runtime.database import credentials_of
from tests.conftest import Databases
from tests.graph import NOW, Graph
from tests.pooler import HOST, Pooler, pooling
from tests.waiting import eventually
from tests.workers.workplace import take_in, working

pytestmark = pytest.mark.anyio
CREATE = """mutation ($name: String!) { customerCreate(input: {kind: PERSON, name: $name}) {
  customer { name } userErrors { code } } }"""
STAYS = re.compile(
    r"\s*(SET (?!LOCAL)|(UN)?LISTEN|PREPARE|DECLARE|CREATE TEMP|.*\bpg_(try_)?advisory_(un)?lock)", re.I | re.S
)
"""What a session would have to remember after its transaction."""


@pytest.fixture
def pool_size() -> int:
    """More connections than the pooler has sessions."""
    return 6


@pytest.fixture
def past_the_pooler(databases: Databases) -> Iterator[str]:
    """The database itself."""
    with databases.lent() as url:
        yield url


@pytest.fixture
async def pooler(past_the_pooler: str) -> AsyncIterator[Pooler]:
    """A pooler with two sessions."""
    told = credentials_of(past_the_pooler)
    async with pooling(f"{told['host']}/.s.PGSQL.{told['port']}", told["database"], sessions=2) as pooler:
        yield pooler


@pytest.fixture
async def database_url(pooler: Pooler) -> str:
    return f"postgresql://postgres@{HOST}:{pooler.port}/{pooler.database}?pooler=transaction"


async def test_nothing_is_lost_or_left_behind(ada: Graph, pooler: Pooler, past_the_pooler: str, redis_url: str) -> None:
    names = [f"Customer {number:02}" for number in range(24)]
    made = await asyncio.gather(*(ada.ask(CREATE, name=name) for name in names))
    assert [each["customerCreate"]["customer"]["name"] for each in made] == names
    jobs = [await start_job("test", {"name": f"Job {number:02}"}, by=SYSTEM, at=NOW) for number in range(24)]
    async with working(past_the_pooler, redis_url, take_in):
        await eventually(lambda: _all_done(len(jobs)))
        pages = await asyncio.gather(*(ada.ask("{ customers { totalCount { value } } }") for _ in range(12)))
    assert pages[-1]["customers"]["totalCount"]["value"] == len(names) + len(jobs) == await Customer.all().count()
    assert len(pooler.clients) > 2
    assert [sent for sent in pooler.sent if sent[0] or STAYS.match(sent[1])] == []


async def _all_done(count: int) -> bool:
    return await Job.filter(state=JobState.SUCCEEDED).count() == count
