"""What an operation costs: told before and after, taken out of the viewer's allowance, and refused where it is spent."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.asgi import application
from domain.access.models import User
from domain.customers.models import Contact, Customer
from runtime.settings import Settings
from tests.graph import NOW, PEM, Graph, token_for

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


async def cost(graph: Graph, query: str, **variables: Any) -> tuple[int, int]:
    answer = await graph.answer(query, **variables)
    assert "errors" not in answer
    told = answer["extensions"]["cost"]
    assert set(told) == {"requested", "actual", "available", "restoreRate"}
    return told["requested"], told["actual"]


@pytest.fixture
async def house(ada: Graph) -> Graph:
    for number in range(3):
        customer = await Customer.create(kind="person", name=f"N{number}", **STAMPS)
        for each in range(number):
            await Contact.create(customer=customer, name=f"K{each}", **STAMPS)
    return ada


@pytest.mark.parametrize(
    ("query", "requested", "actual"),
    [
        ("{ customers(first: 10) { nodes { id name } } }", 10 * 3, 3 * 3),
        ("{ customers(first: 10) { edges { cursor node { id } } } }", 10 * 4, 3 * 4),
        ("{ a: customers(first: 10) { nodes { id } } b: customers(last: 1) { nodes { id } } }", 20 + 2, 6 + 2),
        ("{ customers(first: 2) { totalCount { value } nodes { id } } }", 1_000 + 2 * 4, 1_000 + 2 * 4),
        (
            "{ customers(first: 10) { nodes { id contacts(first: 5) { nodes { name customer { name } } } } } }",
            10 * (3 + 5 * 4),
            3 * 3 + 3 * 4,
        ),
        ("{ ordersAggregate { count sum { total { amount currency } } } }", 10_000 + 5, 10_000 + 5),
        (
            "{ customers(first: 10) { nodes { ordersAggregate { count } } } }",
            10 * (1 + 1 + 1_000 + 1),
            3 * (1 + 1 + 1_000 + 1),
        ),
        (
            "{ customersAggregate { groups(by: {field: KIND}, first: 7) { count key { kind } } } }",
            10_000 + 1 + 10_000 + 7 * 3,
            10_000 + 1 + 10_000 + 1 * 3,
        ),
        ('{ customer(id: "cus_1") { id name } }', 2, 0),
        ("{ viewer { name email } }", 2, 2),
        ('{ node(id: "cus_1") { id } }', 0, 0),
        ("{ __typename }", 1, 1),
        ('mutation { customerCreate(input: {kind: PERSON, name: "x"}) { customer { id name } } }', 102, 102),
    ],
)
async def test_the_cost_is_rows_times_fields(house: Graph, query: str, requested: int, actual: int) -> None:
    for _ in range(2):  # compiled, and again from the plan
        assert await cost(house, query) == (requested, actual)


async def test_the_schema_has_its_price(ada: Graph) -> None:
    requested, actual = await cost(ada, "{ __schema { types { name fields { name } } } }")
    assert requested == actual > 1_000


async def test_the_allowance_can_be_asked_for(ada: Graph) -> None:
    query = "{ rateLimit { cost available capacity restoreRate fullInSeconds } customers(first: 10) { nodes { id } } }"
    told = (await ada.ask(query))["rateLimit"]
    assert told["cost"] == 6 + 20
    assert told["capacity"] - 26 <= told["available"] <= told["capacity"] == 2_000_000
    assert (told["restoreRate"], told["fullInSeconds"]) == (200_000, 1)


@pytest.fixture
async def poor(
    graph: Graph, representative: User, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[Graph]:
    """Rob at a second application, where a viewer has 2,000 to spend, and next to nothing comes back."""
    app = application(
        Settings(
            home=tmp_path,
            database_url=database_url,
            redis_url=redis_url,
            token_key=PEM,
            cost_capacity=2_000,
            cost_restored_per_second=1,
        )
    )
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
            yield Graph(http, await token_for(representative))


async def test_who_has_spent_it_must_wait(poor: Graph) -> None:
    await Customer.create(kind="person", name="N", **STAMPS)
    query = "{ customers(first: 1) { totalCount { value } } }"
    assert (await cost(poor, query))[1] == 1_002
    for _ in range(2):
        response = await poor.post({"query": query}, accept="application/graphql-response+json")
        (error,) = response.json()["errors"]
        assert error["extensions"]["code"] == "COST_EXCEEDED"
        assert error["extensions"]["requested"] == 1_002
        assert 900 < error["extensions"]["available"] < 1_002
        assert error["extensions"]["restoreRate"] == 1
        assert "data" not in response.json()
        assert response.status_code == 429
        assert int(response.headers["retry-after"]) == error["extensions"]["retryAfter"] > 1
    assert await cost(poor, "{ customers(first: 1) { nodes { id } } }") == (2, 2)


async def test_a_mutation_that_cannot_be_paid_does_nothing(poor: Graph) -> None:
    many = " ".join(
        f'c{n}: customerCreate(input: {{kind: PERSON, name: "x"}}) {{ userErrors {{ code }} }}' for n in range(11)
    )
    await poor.ask(f"mutation {{ {many} }}")
    assert await poor.code(f"mutation {{ {many} }}") == "COST_EXCEEDED"
    assert await Customer.all().count() == 11
