"""Schemathesis makes up operations that fit the schema, and asks a real server by a real token: it never breaks.

`FUZZ_EXAMPLES=2000` asks more of them than the few that the suite has time for.
"""

import asyncio
import os
from collections.abc import Callable, Iterator

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

from bench.processes import REPOSITORY
from runtime.embedded import Running
from tests.clients.conftest import Serve, Server, token_of
from tests.conftest import fresh_database

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
LEAKS = ("Traceback", "asyncpg", "tortoise", "graphql.", "SELECT ", "json_build", "site-packages", ".py", "INTERNAL")
"""What no answer holds: stack, driver, SQL, paths, and the code of what was not foreseen."""
RICH = {"COST_CAPACITY": "2000000000", "COST_RESTORED_PER_SECOND": "2000000000"}

schemathesis.graphql.scalar("Date", st.dates().map(str).map(nodes.String))
schemathesis.graphql.scalar("DateTime", st.datetimes().map(lambda moment: nodes.String(f"{moment.isoformat()}Z")))
schemathesis.graphql.scalar("Decimal", st.decimals(places=2).map(str).map(nodes.String))
schemathesis.graphql.scalar("JSON", st.text().map(nodes.String))
OPERATIONS = schemathesis.graphql.from_path(REPOSITORY / "schema.graphql").as_strategy()


@pytest.fixture(scope="module")
def rich(engines: Running, template: str, serve: Serve) -> Iterator[Server]:
    """A server with a database of its own, where nobody's allowance ends."""
    with fresh_database(engines, template, "fuzzed") as url, serve(DATABASE_URL=url, **RICH) as server:
        yield Server(server.port, asyncio.run(token_of(url)), server.own)


Ask = Callable[[object], httpx.Response]


@pytest.fixture(scope="module")
def ask(rich: Server) -> Iterator[Ask]:
    headers = {"authorization": f"Bearer {rich.token}", "accept": "application/graphql-response+json"}
    with httpx.Client(headers=headers, timeout=10) as http:
        yield lambda body: http.post(f"http://127.0.0.1:{rich.port}/graphql", json=body)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(case=OPERATIONS.filter(lambda case: "logout" not in str(case.body)))  # which ends what all others need
def test_what_fits_the_schema_never_breaks_the_server(ask: Ask, case: schemathesis.Case) -> None:
    response = ask({"query": case.body})
    assert response.status_code in (200, 400, 403), response.text
    assert response.elapsed.total_seconds() < 1
    assert not [leak for leak in LEAKS if leak in response.text], response.text
