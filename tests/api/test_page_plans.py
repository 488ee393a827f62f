"""Pages of big lists, in every order: found by an index, however deep, never by sorting or passing over the table.

`last` and `before` read the reverse order, which is among these.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from tortoise.connection import get_connection

from api.graph.arguments import Given
from api.graph.entity import ENTITIES
from api.graph.inputs import ORDER, Direction, Nulls
from api.graph.ordering import Ordering, ordering_of
from api.schema import build_schema
from tests.connections import connections_of
from tests.domain.pipeline.deals import house
from tests.graph import Graph

pytestmark = pytest.mark.anyio
build_schema()
ROWS, PART, MOST_READ = 40_000, 20_000, 1_000
STAMPS = "now(), now() + n * interval '1 s', 1"
GAP = "CASE WHEN n % 4 > 0 THEN {} END"
FILL = {
    "customers": f"""INSERT INTO customer (id, updated_at, created_at, version, kind, name, external_id, industry, city,
        country) SELECT gen_random_uuid(), {STAMPS}, 'person', 'N' || n % 977, {GAP.format("'C' || n")},
        {GAP.format("'I' || n % 30")}, {GAP.format("'T' || n % 3000")}, {GAP.format("chr(65 + n % 26) || 'A'")}""",
    "products": f"""INSERT INTO product (id, updated_at, created_at, version, sku, name, category, is_active)
        SELECT gen_random_uuid(), {STAMPS}, 'S' || n, 'N' || n % 977, {GAP.format("'C' || n % 30")}, true""",
    "orders": f"""INSERT INTO sales_order (id, updated_at, created_at, version, customer_id, external_id, ordered_at,
        currency, total) SELECT gen_random_uuid(), {STAMPS}, (SELECT id FROM customer LIMIT 1), {GAP.format("'O' || n")},
        now() - n * interval '1 min', 'USD', n % 977""",
    "feedbackItems": f"""INSERT INTO feedback_item (id, updated_at, created_at, version, source, text, language_given,
        received_at, external_id, rating, sentiment) SELECT gen_random_uuid(), {STAMPS}, 'case', 'late', false,
        now() - n * interval '1 min', {GAP.format("'F' || n")}, {GAP.format("1 + n % 5")},
        {GAP.format("n % 2000 - 1000")}""",
    "jobs": f"""INSERT INTO job (id, updated_at, created_at, version, kind, payload, state, priority, run_at, dispatch,
        attempt, max_attempts, progress_done, payload_version, replays, started_at, finished_at) SELECT gen_random_uuid(), {STAMPS}, 'k' || n % 3,
        '{{}}', 'succeeded', 0, now() + n * interval '1 s', 1, 1, 5, 0, 1, 0, {GAP.format("now() - n * interval '1 s'")},
        {GAP.format("now() - n * interval '1 s'")}""",
    "opportunities": f"""INSERT INTO opportunity (id, updated_at, created_at, version, external_id, name, customer_id,
        pipeline_id, stage_id, status, currency, amount, amount_is_set, probability, probability_is_set,
        forecast_category, close_date, close_date_pushes, opened_at, stage_entered_at, closed_at, close_reason_id)
        SELECT gen_random_uuid(), {STAMPS}, {GAP.format("'D' || n")}, 'N' || n % 977, c.id, s.pipeline_id, s.id,
        CASE WHEN n % 4 > 0 THEN 'lost' ELSE 'open' END, 'EUR', n % 977, true, 0, false, 'omitted',
        date '2024-01-01' + n % 300, 0, now() - n * interval '1 min', now() - n * interval '1 s',
        {GAP.format("now() - n * interval '1 s'")}, r.id
        FROM (SELECT id FROM customer LIMIT 1) c, (SELECT id, pipeline_id FROM pipeline_stage LIMIT 1) s,
        (SELECT id FROM close_reason LIMIT 1) r,""",
}
"""How the big lists are filled, by their root fields: many ties, and a gap in every fourth row."""

PLACES = {
    "Customer": "customers",
    "FeedbackItem": "feedbackItems",
    "Job": "jobs",
    "Opportunity": "opportunities",
    "Order": "orders",
    "Product": "products",
}
"""The lists that grow without end; themes are some hundreds, contacts and lines are read within their owner."""
SORTS = [(place, field) for place in PLACES for field, made in ENTITIES[place].declared.items() if made.sortable]
ORDERS = [(direction, nulls) for direction in Direction for nulls in Nulls]


def ordering(place: str, field: str, direction: Direction, nulls: Nulls) -> Ordering:
    """The ordering that a list is read in by one field."""
    word = next(word for word in _fields(place) if word.value == field)
    asked = [{"field": word, "direction": direction, "nulls": nulls}]
    return ordering_of(ENTITIES[place], Given(asked, None, {}), ())


def _fields(place: str) -> Any:
    definition = ORDER[place].__strawberry_definition__
    return next(field.type.wrapped_cls for field in definition.fields if field.python_name == "field")


@pytest.fixture
async def big(ada: Graph) -> Graph:
    """The lists, filled."""
    connection = get_connection("default")
    await house()
    for statement in FILL.values():
        more = "" if statement.endswith(",") else " FROM"
        for first in range(1, ROWS, PART):  # for a statement may take only so long
            await connection.execute_script(f"{statement}{more} generate_series({first}, {first + PART - 1}) n")
    await connection.execute_script("VACUUM ANALYZE")
    await connection.execute_script("CHECKPOINT")  # lest a test that restarts the server waits for the log to be read
    return ada


async def cursors(made: Ordering) -> list[str | None]:
    """No cursor, and those of rows deep in the list, one of them among the gaps where these stand last."""
    found: list[str | None] = [None]
    for place in (ROWS * 6 // 10, ROWS * 9 // 10):
        row = f"SELECT * FROM {made.entity.table} t ORDER BY {made.order_by('t')} OFFSET {place} LIMIT 1"
        rows = await get_connection("default").execute_query_dict(f"SELECT {made.cursor('t')} AS c FROM ({row}) t")
        found.append(rows[0]["c"])
    return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


async def steps(graph: Graph, query: str, **variables: Any) -> list[dict[str, Any]]:
    """What PostgreSQL really did for the one statement of the query, step by step."""
    assert graph.roads is not None
    connection = connections_of(graph.roads.engine)[-1]
    seen: list[Any] = []
    with connection.query_logger(seen.append):
        await graph.ask(query, **variables)
    (sent,) = [record for record in seen if "concat(" in record.query]
    plan = await connection.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sent.query}", *sent.args)
    return list(nodes(json.loads(plan)[0]["Plan"]))


def rows_of(step: dict[str, Any]) -> int:
    """How many rows a step read, sorted or threw away."""
    return int((step["Actual Rows"] + step.get("Rows Removed by Filter", 0)) * step["Actual Loops"])


async def rows_read(graph: Graph, query: str, **variables: Any) -> int:
    """The most rows that any step of the query really read, sorted or threw away."""
    return max(map(rows_of, await steps(graph, query, **variables)))


async def test_no_page_sorts_or_passes_over_its_table(big: Graph) -> None:
    for place, field in SORTS:
        word = "".join(f"_{letter}" if letter.isupper() else letter for letter in field).upper()
        for direction, nulls in ORDERS:
            made = ordering(place, field, direction, nulls)
            order = f"{{field: {word}, direction: {direction.name}, nulls: {nulls.name}}}"
            query = f"""query ($after: String) {{ {PLACES[place]}(first: 50, after: $after, orderBy: [{order}]) {{
              edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage }} }} }}"""
            for after in await cursors(made):
                assert await rows_read(big, query, after=after) <= MOST_READ, (order, after)
