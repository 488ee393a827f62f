"""Figures over lists and relations: equal to what Python makes of the rows, in one statement."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tortoise.connection import get_connection

from api.access.types import User as UserType
from api.feedback.types import FeedbackItem as ItemType
from api.graph.aggregates import aggregate_of
from api.graph.reading import compile_roots
from domain.access.models import User
from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem, FeedbackTheme, FeedbackThemeItem
from domain.jobs.models import Job
from domain.kernel.actor import Actor
from domain.kernel.ids import new_id
from domain.kernel.money import MINOR_DIGITS
from domain.kernel.period import FiscalCalendar, Grain, time_zones
from domain.kernel.permissions import Permission, Reach, granted
from domain.orders.models import Order, OrderLine
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
CURRENCIES = ["EUR", "JPY", "KWD"]
FIGURES = """count sum { total { amount currency } } avg { total { amount currency } }
  min { placedAt total { amount currency } } max { placedAt total { amount currency } }"""
GROUPS = f"""query ($by: [OrderGroupBy!]!, $first: Int = 100, $order: GroupOrder = KEY, $where: OrderWhere) {{
  ordersAggregate(where: $where) {{ groups(by: $by, first: $first, orderBy: $order) {{
    key {{ currency customer {{ name }} placedAt {{ start end }} }} {FIGURES} }} }} }}"""


@pytest.fixture
async def orders(ada: Graph) -> list[Order]:
    """Nine orders of three customers in three currencies, over three months; a fourth customer has none."""
    made = []
    for number in range(4):
        customer = await Customer.create(kind="person" if number % 2 else "company", name=f"N{number}", **STAMPS)
        for turn in range(3 if number < 3 else 0):
            currency, moment = CURRENCIES[(number * turn) % 3], NOW - timedelta(days=31 * turn, hours=number)
            order = {"ordered_at": moment, "currency": currency, "total": Decimal(number * 10 + turn)}
            made.append(await Order.create(customer=customer, **order, **STAMPS))
    return made


def mean(values: list[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def in_minor_units(value: Decimal, currency: str) -> str:
    return str(value.quantize(Decimal(1).scaleb(-MINOR_DIGITS[currency]), rounding=ROUND_HALF_UP))


def per_currency(orders: Iterable[Order], combine: Callable[[list[Decimal]], Any]) -> list[dict[str, str]]:
    totals: dict[str, list[Decimal]] = defaultdict(list)
    for order in orders:
        totals[order.currency].append(order.total)
    return [
        {"amount": in_minor_units(combine(values), code), "currency": code} for code, values in sorted(totals.items())
    ]


def figures(orders: list[Order]) -> dict[str, Any]:
    moments = [order.ordered_at.isoformat() for order in orders]
    return {
        "count": len(orders),
        "sum": {"total": per_currency(orders, sum)},
        "avg": {"total": per_currency(orders, mean)},
        "min": {"placedAt": min(moments, default=None), "total": per_currency(orders, min)},
        "max": {"placedAt": max(moments, default=None), "total": per_currency(orders, max)},
    }


async def test_figures_over_all_and_over_a_relation_in_one_statement(ada: Graph, orders: list[Order]) -> None:
    query = f"{{ ordersAggregate {{ {FIGURES} }} customers {{ nodes {{ name ordersAggregate {{ {FIGURES} }} }} }} }}"
    await ada.ask(query)
    with ada.counting() as statements:
        data = await ada.ask(query)
    assert len(statements) == 1
    assert data["ordersAggregate"] == figures(orders)
    names = {customer.id: customer.name for customer in await Customer.all()}
    for node in data["customers"]["nodes"]:
        theirs = [order for order in orders if names[order.customer_id] == node["name"]]  # type: ignore[attr-defined]
        assert node["ordersAggregate"] == figures(theirs)


async def test_groups_by_value_record_and_period(ada: Graph, orders: list[Order]) -> None:
    names = {customer.id: customer.name for customer in await Customer.all()}
    by = [
        {"field": "CURRENCY"},
        {"field": "CUSTOMER"},
        {"field": "PLACED_AT", "grain": "MONTH", "timeZone": "Asia/Shanghai"},
    ]
    groups: dict[Any, list[Order]] = defaultdict(list)
    for order in orders:
        day = order.ordered_at.astimezone(ZoneInfo("Asia/Shanghai")).date()
        month = FiscalCalendar().containing(day, Grain.MONTH)
        groups[order.currency, names[order.customer_id], month.start, month.end].append(order)  # type: ignore[attr-defined]
    expected = [
        {
            "key": {
                "currency": key[0],
                "customer": {"name": key[1]},
                "placedAt": {"start": key[2].isoformat(), "end": key[3].isoformat()},
            },
            **figures(groups[key]),
        }
        for key in sorted(groups)
    ]
    await ada.ask(GROUPS, by=by)
    with ada.counting() as statements:
        data = await ada.ask(GROUPS, by=by)
    assert len(statements) == 1
    assert data["ordersAggregate"]["groups"] == expected


async def test_groups_are_of_what_is_asked_for_only(ada: Graph, orders: list[Order]) -> None:
    data = await ada.ask(GROUPS, by={"field": "CURRENCY"}, where={"currency": {"ne": "KWD"}})
    groups = data["ordersAggregate"]["groups"]
    assert [group["key"] for group in groups] == [
        {"currency": code, "customer": None, "placedAt": None} for code in CURRENCIES[:2]
    ]
    for group in groups:
        assert {**group, "key": None} == {
            **figures([order for order in orders if order.currency == group["key"]["currency"]]),
            "key": None,
        }


async def test_the_largest_groups_first(ada: Graph, orders: list[Order]) -> None:
    data = await ada.ask(GROUPS, by=[{"field": "CURRENCY"}], order="COUNT", first=2)
    found = [(group["key"]["currency"], group["count"]) for group in data["ordersAggregate"]["groups"]]
    counts = {code: sum(order.currency == code for order in orders) for code in CURRENCIES}
    assert found == sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:2]


HOSTILE = {
    "cells": "{ customers(first: 100) { nodes { orders(first: 30) { nodes { customer { ordersAggregate { count } } } } } } }",
    "counts": "{ " + " ".join(f"a{n}: ordersAggregate {{ count }}" for n in range(21)) + " }",
    "rows": "{ products(first: 100) { nodes { feedbackAggregate { groups(by: {field: CUSTOMER}, first: 1000) { key { customer { orders(first: 100) { nodes { id } } } } } } } } }",
}  # fmt: skip


@pytest.mark.parametrize("limit", HOSTILE)
async def test_what_asks_for_too_much_is_refused_before_anything_is_read(ada: Graph, limit: str) -> None:
    await ada.ask("{ viewer { id } }")
    with ada.counting() as statements:
        (error,) = (await ada.answer(HOSTILE[limit]))["errors"]
    assert statements == []
    assert (error["extensions"]["code"], error["extensions"]["limit"]) == ("QUERY_TOO_LARGE", limit)


NOTHING = {"count": 0, "sum": {"rating": None}, "avg": {"rating": None, "sentiment": None}, "max": {"receivedAt": None}}


async def test_nothing_adds_up_to_nothing(ada: Graph) -> None:
    data = await ada.ask(
        f"""{{ ordersAggregate {{ {FIGURES} groups(by: {{field: CURRENCY}}) {{ count }} }}
        feedbackItemsAggregate {{ count sum {{ rating }} avg {{ rating sentiment }} max {{ receivedAt }} }} }}"""
    )
    assert data == {"ordersAggregate": {**figures([]), "groups": []}, "feedbackItemsAggregate": NOTHING}


MOODS = """{ feedbackThemes { nodes { itemsAggregate { count avg { sentiment rating } sum { sentiment rating }
  groups(by: [{field: RATING}, {field: SENTIMENT_LABEL}, {field: SOURCE}]) {
    key { rating sentimentLabel source product { name } __typename } count min { sentiment } } __typename } } } }"""


async def test_figures_of_numbers_over_a_table_in_between(ada: Graph) -> None:
    theme = await FeedbackTheme.create(language="en", label="x", phrases=["x"], **STAMPS)
    said: list[tuple[int | None, int | None]] = [(5, 900), (5, 100), (2, None), (None, -333)]
    for rating, sentiment in said:
        label = None if sentiment is None else "positive" if sentiment > 0 else "negative"
        item = await FeedbackItem.create(
            source="review",
            text="x",
            rating=rating,
            sentiment=sentiment,
            sentiment_label=label,
            received_at=NOW,
            **STAMPS,
        )
        await FeedbackThemeItem.create(theme=theme, item=item, phrase_count=1)
    await FeedbackItem.create(source="case", text="of no theme", rating=1, received_at=NOW, **STAMPS)
    (node,) = (await ada.ask(MOODS))["feedbackThemes"]["nodes"]
    shared = {"source": "REVIEW", "product": None, "__typename": "FeedbackItemGroupKey"}

    def group(rating: int | None, label: str | None, count: int, least: float | None) -> dict[str, Any]:
        key = {"rating": rating, "sentimentLabel": label, **shared}
        return {"key": key, "count": count, "min": {"sentiment": least}}

    assert node["itemsAggregate"] == {
        "count": 4,
        "avg": {"sentiment": pytest.approx((900 + 100 - 333) / 3000, abs=1e-15), "rating": "4"},
        "sum": {"sentiment": pytest.approx(0.667, abs=1e-15), "rating": "12"},
        "groups": [group(2, None, 1, None), group(5, "POSITIVE", 2, 0.1), group(None, "NEGATIVE", 1, -0.333)],
        "__typename": "FeedbackItemAggregate",
    }


async def test_a_mean_has_six_digits_and_a_sum_all_of_them(ada: Graph) -> None:
    customer = await Customer.create(kind="person", name="N", **STAMPS)
    product = await Product.create(sku="P", name="P", **STAMPS)
    order = await Order.create(customer=customer, ordered_at=NOW, currency="EUR", total=0, **STAMPS)
    for place, quantity in enumerate(("999999999999999.999", "0.001", "1"), 1):
        line = {"position": place, "quantity": Decimal(quantity), "amount": Decimal("0.01")}
        await OrderLine.create(order=order, product=product, **line, **STAMPS)
    query = """{ orders { nodes { linesAggregate { sum { quantity amount { amount } } avg { quantity amount { amount } }
      groups(by: {field: PRODUCT}, first: 5) { key { product { sku feedback { nodes { id } totalCount { value } } } } count } } } } }"""
    (node,) = (await ada.ask(query))["orders"]["nodes"]
    assert node["linesAggregate"] == {
        "sum": {"quantity": "1000000000000001", "amount": [{"amount": "0.03"}]},
        "avg": {"quantity": "333333333333333.666667", "amount": [{"amount": "0.01"}]},
        "groups": [
            {"key": {"product": {"sku": "P", "feedback": {"nodes": [], "totalCount": {"value": 0}}}}, "count": 3}
        ],
    }


async def test_people_count_their_own_jobs_and_administrators_all(
    ada: Graph, rob: Graph, administrator: User, representative: User
) -> None:
    for user, state in ((administrator, "queued"), (representative, "dead"), (representative, "dead")):
        await Job.create(kind="test", payload={}, state=state, run_at=NOW, requested_by=user, **STAMPS)
    query = "{ jobsAggregate { count groups(by: [{field: STATE}]) { key { state } count } } }"
    dead = {"key": {"state": "DEAD"}, "count": 2}
    assert (await rob.ask(query))["jobsAggregate"] == {"count": 2, "groups": [dead]}
    queued = {"key": {"state": "QUEUED"}, "count": 1}
    assert (await ada.ask(query))["jobsAggregate"] == {"count": 3, "groups": [dead, queued]}


async def test_groups_by_a_record_tell_only_those_apart_that_may_be_seen(ada: Graph) -> None:
    """Of somebody who sees all orders, and of customers their own."""
    assert ada.roads is not None
    actor = Actor("Bo", new_id(), granted({Permission.ORDERS_READ: Reach.ALL, Permission.CUSTOMERS_READ: Reach.OWN}))
    document = "{ ordersAggregate { groups(by: {field: CUSTOMER}) { key { customer { id } } count } } }"
    request = ada.roads.engine.opened(document, operation_name=None, variables={}, actor=actor, at=NOW)
    plan, _ = compile_roots(request, request.roots())
    assert re.search(r"LEFT JOIN customer (w\d+) ON \1\.id = t\d+\.customer_id AND \(", plan.sql)
    assert re.search(r"SELECT w\d+\.id AS b0", plan.sql)


def test_a_wrong_declaration_is_refused() -> None:
    with pytest.raises(TypeError, match="User measures numbers"):
        aggregate_of(UserType, numbers="N", bounds="B", group="G", key="K", by="Y")
    with pytest.raises(TypeError, match="FeedbackItem measures numbers"):
        aggregate_of(ItemType, bounds="B", group="G", key="K", by="Y")


async def test_strangers_count_nothing(graph: Graph) -> None:
    assert await graph.code("{ ordersAggregate { count } }") == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("by", "more", "told"),
    [
        ([], {}, "by is empty"),
        ([{"field": "CURRENCY"}] * 2, {}, "by names currency twice"),
        ([{"field": "PLACED_AT"}], {}, "by.grain is missing"),
        ([{"field": "CURRENCY", "grain": "DAY"}], {}, "by.grain cuts moments"),
        ([{"field": "CURRENCY"}], {"first": 0}, "first is 0"),
        ([{"field": "CURRENCY"}], {"first": 1001}, "first is 1001"),
        ([{"field": "PLACED_AT", "grain": "DAY", "timeZone": "Mars/Olympus"}], {}, "timeZone"),
        ([{"field": "PLACED_AT", "grain": "DAY", "timeZone": "UTC+3"}], {}, "timeZone"),
        ([{"field": "PLACED_AT", "grain": "DAY", "timeZone": "../UTC\0"}], {}, "timeZone"),
        ([{"field": "PLACED_AT", "grain": "DAY", "timeZone": 3}], {}, "timeZone"),
    ],
)
async def test_what_makes_no_groups_is_refused_by_name(ada: Graph, by: Any, more: dict[str, Any], told: str) -> None:
    with ada.counting() as statements:
        (error,) = (await ada.answer(GROUPS, by=by, **more))["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert told in error["message"]
    assert not [statement for statement in statements if "sales_order" in statement]


async def test_a_zone_written_in_the_document_is_judged_too(ada: Graph) -> None:
    query = '{ ordersAggregate { groups(by: {field: PLACED_AT, grain: DAY, timeZone: "Nowhere"}) { count } } }'
    (error,) = (await ada.answer(query))["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert "timeZone is not an IANA time zone" in error["message"]


async def test_postgresql_knows_every_zone_that_is_taken(ada: Graph) -> None:
    known = await get_connection("default").execute_query_dict("SELECT name FROM pg_timezone_names")
    assert time_zones() - {row["name"] for row in known} == set()
    assert len(time_zones()) > 400


ZONES = ["UTC", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Shanghai", "Australia/Lord_Howe"]
CLOCK_CHANGES = [
    datetime(2024, 3, 31, 1),
    datetime(2024, 10, 27, 1),
    datetime(2018, 11, 4, 3),
    datetime(2024, 11, 3, 5),
]
PERIODS = """query ($grain: Grain!, $zone: TimeZone!) { ordersAggregate { count groups(first: 1000,
  by: [{field: PLACED_AT, grain: $grain, timeZone: $zone}]) { key { placedAt { start end } } count } } }"""


async def test_periods_follow_the_calendar_of_the_zone(ada: Graph) -> None:
    """Half-hours around changes of clocks, turns of years and of ISO weeks: each in the period of its local day."""
    customer = await Customer.create(kind="person", name="N", **STAMPS)
    turns = [datetime(2020, 12, 31, 12), datetime(2024, 12, 30), datetime(2027, 1, 3, 12), datetime(1969, 12, 31, 12)]
    moments = [
        turn.replace(tzinfo=UTC) + timedelta(minutes=30 * step)
        for turn in CLOCK_CHANGES + turns
        for step in range(-60, 60)
    ]
    await Order.bulk_create(
        Order(customer=customer, ordered_at=moment, currency="EUR", total=1, **STAMPS) for moment in moments
    )
    for zone in ZONES:
        for grain in Grain:
            counts: dict[Any, int] = defaultdict(int)
            for moment in moments:
                day = moment.astimezone(ZoneInfo(zone)).date()
                period = FiscalCalendar().containing(day, grain)
                assert (day.isocalendar().weekday == 1) == (period.start == day) or grain is not Grain.WEEK
                counts[period.start.isoformat(), period.end.isoformat()] += 1
            data = (await ada.ask(PERIODS, grain=grain.name, zone=zone))["ordersAggregate"]
            found = {(g["key"]["placedAt"]["start"], g["key"]["placedAt"]["end"]): g["count"] for g in data["groups"]}
            assert found == counts, (zone, grain)
            assert list(found) == sorted(found)
            assert data["count"] == sum(found.values()) == len(moments)
