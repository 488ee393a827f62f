"""What an operation may ask for in all: too much is refused before anything is read, the second time as the first."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from graphql import get_introspection_query

from api.graph.limits import Limits
from domain.customers.models import Customer
from domain.kernel.ids import new_id, public_id
from tests.graph import Graph

pytestmark = pytest.mark.anyio
LIMITS = Limits()


def aliases(count: int, field: str) -> str:
    return " ".join(f"a{number}: {field}" for number in range(count))


def doubling(depth: int, leaf: str) -> str:
    """Fragments on Customer, each of which asks for the next twice."""
    levels = (
        f"fragment F{level} on Customer {{ a: orders(first: 1) {{ nodes {{ customer {{ ...F{level + 1} }} }} }} "
        f"b: orders(first: 1) {{ nodes {{ customer {{ ...F{level + 1} }} }} }} }}"
        for level in range(depth)
    )
    return f"{' '.join(levels)} fragment F{depth} on Customer {{ {leaf} }}"


def conditions(count: int) -> dict[str, Any]:
    return {"or": [{"name": {"eq": str(number)}} for number in range(count)]}


PAGE = "customers(first: 1) { nodes { id } }"
TOO_MUCH = {
    "rows": "{ customers(first: 100) { nodes { orders(first: 100) { nodes { lines(first: 100) { nodes { id } } "
    "customer { feedback(first: 1) { nodes { id } } } } } } } }",
    "relations": f"{{ customers(first: 1) {{ nodes {{ {aliases(201, 'orders { nodes { id } }')} }} }} }}",
    "relations through fragments": "{ customers(first: 1) { nodes { ...F0 } } } "
    + doubling(4, aliases(12, "orders(first: 1) { nodes { id } }")),
    "relations to one": f"{{ orders(first: 1) {{ nodes {{ {aliases(201, 'customer { id }')} }} }} }}",
    "cells": f"{{ customers(first: 100) {{ nodes {{ orders(first: 100) {{ nodes {{ {aliases(200, 'id')} }} }} }} }} }}",
    "columns": "{ "
    + " ".join(f"p{number}: customers(first: 1) {{ nodes {{ ...F }} }}" for number in range(9))
    + f" }} fragment F on Customer {{ {aliases(240, 'name')} }}",
    "counts": f"{{ customers(first: 1) {{ {aliases(21, 'totalCount { value }')} }} }}",
    "roots": f"{{ {aliases(51, '__typename')} }}",
    "roots that are read": f"{{ {aliases(51, PAGE)} }}",
    "roots of a mutation": "mutation { "
    + aliases(51, 'customerCreate(input: {kind: PERSON, name: "x"}) { customer { id } }')
    + " }",
}


@pytest.mark.parametrize("case", TOO_MUCH)
async def test_what_asks_for_too_much_is_refused_before_it_is_read(ada: Graph, case: str) -> None:
    limit = case.split()[0]
    for _ in range(2):
        with ada.counting() as statements:
            response = await ada.post({"query": TOO_MUCH[case]}, accept="application/graphql-response+json")
        (error,) = response.json()["errors"]
        assert error["extensions"]["code"] == "QUERY_TOO_LARGE"
        assert error["extensions"]["limit"] == limit
        assert error["extensions"]["requested"] > error["extensions"]["allowed"] == getattr(LIMITS, limit)
        assert f"{getattr(LIMITS, limit):,}" in error["message"]
        assert response.status_code == 400
        assert "data" not in response.json()
        assert not [each for each in statements if "concat" in each]


async def test_filters_are_bounded_in_variables_and_in_the_document(ada: Graph) -> None:
    query = "query ($where: CustomerWhere) { customers(where: $where, first: 1) { nodes { id } } }"
    assert await ada.ask(query, where=conditions(100)) == {"customers": {"nodes": []}}
    assert await ada.code(query, where=conditions(3_000)) == "QUERY_TOO_LARGE"
    assert await ada.code(query, where={"or": [{}] * 600}) == "QUERY_TOO_LARGE"
    literal = ", ".join("{}" for _ in range(600))
    assert await ada.code(f"{{ customers(where: {{or: [{literal}]}}) {{ nodes {{ id }} }} }}") == "QUERY_TOO_LARGE"


async def test_variables_are_counted_before_they_are_coerced(ada: Graph) -> None:
    query = "query ($where: CustomerWhere) { customers(where: $where, first: 1) { nodes { id } } }"
    answer = await ada.answer(query, where={"or": [{}] * LIMITS.values})
    assert answer["errors"][0]["extensions"] == {
        "code": "QUERY_TOO_LARGE",
        "limit": "values",
        "requested": LIMITS.values + 2,
        "allowed": LIMITS.values,
    }


async def test_a_field_for_strangers_and_one_of_an_entity_share_a_budget(ada: Graph) -> None:
    counts = f"{{ {aliases(11, 'totalCount { value }')} }}"
    query = f"{{ __typename a: customers(first: 1) {counts} b: customers(first: 1) {counts} }}"
    assert await ada.code(query) == "QUERY_TOO_LARGE"


async def test_what_is_just_allowed_is_answered(ada: Graph) -> None:
    await ada.ask(f"{{ customers(first: 1) {{ {aliases(20, 'totalCount { value precision }')} }} }}")
    await ada.ask(f"{{ {aliases(50, PAGE)} }}")
    lists = aliases(190, "orders { nodes { id } }")
    await ada.ask(f"{{ customers(first: 1) {{ nodes {{ {lists} }} }} }}")


@pytest.fixture
async def locked_customers(ada: Graph, database_url: str) -> AsyncIterator[Graph]:
    """Nobody can read customers."""
    other = await asyncpg.connect(database_url)
    try:
        async with other.transaction():
            await other.execute("LOCK TABLE customer IN ACCESS EXCLUSIVE MODE")
            yield ada
    finally:
        await other.close()


@pytest.mark.parametrize("chosen", [{"statement_timeout_seconds": 1}])
@pytest.mark.parametrize(
    ("query", "data", "paths"),
    [
        ("{ customers { nodes { id } } }", None, [["customers"]]),
        (
            '{ found: customer(id: "cus_0190163d8694739b820155c4ba6b3d05") { id } viewer { name } }',
            {"found": None, "viewer": None},
            [["found"], ["viewer"]],
        ),
    ],
)
async def test_a_statement_that_fails_is_told_and_not_run_again(
    locked_customers: Graph, query: str, data: Any, paths: list[list[str]]
) -> None:
    with locked_customers.counting() as statements:
        answer = await locked_customers.answer(query)
    assert answer["data"] == data
    assert [error["path"] for error in answer["errors"]] == paths
    assert {error["extensions"]["code"] for error in answer["errors"]} == {"TIMEOUT"}
    assert answer["errors"][0]["locations"] == [{"line": 1, "column": 3}]
    assert len([each for each in statements if "FROM customer " in each]) == 1


INTROSPECTION = """{ __schema { types { %s } } } fragment F on __Field { %s } fragment A on __InputValue { %s }"""


@pytest.mark.parametrize("count", [5, 16])
async def test_introspection_is_bounded(ada: Graph, graph: Graph, count: int) -> None:
    query = INTROSPECTION % (
        aliases(count, "fields { ...F }"),
        aliases(count, "args { ...A }"),
        aliases(count, "type { name }"),
    )
    for client in (ada, graph):
        (error,) = (await client.answer(query))["errors"]
        assert error["extensions"]["limit"] == "introspection"


async def test_the_standard_introspection_passes(graph: Graph) -> None:
    options = {"input_value_deprecation": True, "specified_by_url": True, "directive_is_repeatable": True}
    await graph.ask(get_introspection_query(schema_description=True, **options))


async def test_nodes_cost_what_there_are_of_them_whatever_was_asked_before(ada: Graph) -> None:
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Customer { orders(first: 100) { nodes {
      lines(first: 100) { nodes { id product { feedback(first: 2) { nodes { id } } } } } } } } } }"""
    ids = [public_id("cus", new_id()) for _ in range(100)]
    for _ in range(2):
        assert await ada.code(query, ids=ids) == "QUERY_TOO_LARGE"
        await ada.ask(query, ids=ids[:1])


async def test_a_mutation_that_selects_too_much_does_nothing(ada: Graph) -> None:
    made = 'customerCreate(input: {kind: PERSON, name: "x"})'
    much = "orders(first: 100) { nodes { lines(first: 100) { nodes { product { feedback(first: 99) { nodes { id }}}}}}}"
    query = f"mutation {{ a: {made} {{ customer {{ id }} }} b: {made} {{ customer {{ {much} }} }} }}"
    answer = await ada.answer(query)
    assert answer["errors"][0]["extensions"]["code"] == "QUERY_TOO_LARGE"
    assert "data" not in answer
    assert await Customer.all().count() == 0


async def test_a_document_that_repeats_itself_says_so(graph: Graph) -> None:
    answer = await graph.answer(f"{{ {'customers { nodes { id name } } ' * 240} }}")
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_LARGE"
    assert "ask for each field once" in error["message"]
