"""Figures over lists and relations: equal to what Python makes of the rows, in one statement, at a stated cost."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.customers.models import Customer
from domain.orders.models import Order
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
DIGITS = {"EUR": 2, "JPY": 0, "KWD": 3}


def amount(value: Decimal, currency: str) -> str:
    return f"{value:.{DIGITS[currency]}f}"


@pytest.fixture
async def house(ada: Graph) -> list[Order]:
    """Nine orders of three customers in three currencies, over three months; a fourth customer has none."""
    orders = []
    for number in range(4):
        customer = await Customer.create(kind="person" if number % 2 else "company", name=f"N{number}", **STAMPS)
        for turn in range(3 if number < 3 else 0):
            currency, moment = list(DIGITS)[(number + turn) % 3], NOW - timedelta(days=31 * turn, hours=number)
            total = Decimal(number * 10 + turn)
            orders.append(
                await Order.create(customer=customer, ordered_at=moment, currency=currency, total=total, **STAMPS)
            )
    return orders


def per_currency(orders: list[Order], combine: Any) -> list[dict[str, str]]:
    totals: dict[str, list[Decimal]] = defaultdict(list)
    for order in orders:
        totals[order.currency].append(order.total)
    return [{"amount": amount(combine(values), code), "currency": code} for code, values in sorted(totals.items())]


def mean(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


FIGURES = """count sum { total { amount currency } } avg { total { amount currency } }
  min { placedAt total { amount currency } } max { placedAt total { amount currency } }"""


def figures(orders: list[Order]) -> dict[str, Any]:
    moments = [order.ordered_at.isoformat() for order in orders]
    return {
        "count": len(orders),
        "sum": {"total": per_currency(orders, sum)},
        "avg": {"total": per_currency(orders, mean)},
        "min": {"placedAt": min(moments, default=None), "total": per_currency(orders, min)},
        "max": {"placedAt": max(moments, default=None), "total": per_currency(orders, max)},
    }


async def test_figures_over_all_and_over_a_relation_in_one_statement(ada: Graph, house: list[Order]) -> None:
    query = f"{{ ordersAggregate {{ {FIGURES} }} customers {{ nodes {{ name ordersAggregate {{ {FIGURES} }} }} }} }}"
    await ada.ask(query)
    with ada.counting() as statements:
        data = await ada.ask(query)
    assert len(statements) == 1
    assert data["ordersAggregate"] == figures(house)
    names = {customer.id: customer.name for customer in await Customer.all()}
    for node in data["customers"]["nodes"]:
        theirs = [order for order in house if names[order.customer_id] == node["name"]]
        assert node["ordersAggregate"] == figures(theirs)
